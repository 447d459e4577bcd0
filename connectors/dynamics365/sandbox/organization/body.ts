import { badPayload, notSupported, WebApiError } from '../error.ts'
import { parseKey } from '../odata/key.ts'
import type { Stored } from './database.ts'
import { requireRow } from './find.ts'
import type { Organization } from './open.ts'
import { type Column, type Lookup, ownerTables, type Table } from './schema.ts'
import { typeColumn } from './tables.ts'
import { toStored } from './values.ts'

/** What is to be written, by the name of the column in SQLite. */
export type Values = Map<string, Stored>

const bindSuffix = '@odata.bind'

/**
 * Checks a request body and turns it into values to store; lookups are resolved, read-only columns dropped.
 * @throws WebApiError 400 for a body that does not fit, 404 for a lookup that leads nowhere, 501 for deep inserts
 */
export function fromBody(organization: Organization, table: Table, body: Record<string, unknown>): Values {
  const values: Values = new Map()
  for (const [name, value] of Object.entries(body)) {
    if (name.endsWith(bindSuffix)) bind(organization, table, values, name.slice(0, -bindSuffix.length), value)
    else if (!name.includes('@')) assign(table, values, name, value)
  }
  return values
}

function assign(table: Table, values: Values, name: string, value: unknown): void {
  const column = table.properties.get(name)
  if (column?.isLookup)
    throw badPayload(
      table.entitySetName,
      'CRM do not support direct update of Entity Reference properties, Use Navigation properties instead.',
    )
  if (column) {
    if (column.type === 'Image' && value !== null) throw notSupported('writing image columns')
    // The real service ignores them as well, as far as is known (facts sheet "Data types on the wire").
    if (!column.readOnly) values.set(column.name, toStored(table, column, value))
    return
  }
  const lookup = table.navigations.get(name)
  if (lookup && value === null) setLookup(table, values, lookup, null)
  else if (lookup || table.collections.has(name)) throw notSupported('rows nested in a row that is written (deep insert)')
  else
    throw badPayload(table.entitySetName, `Invalid property '${name}' was found in entity 'Microsoft.Dynamics.CRM.${table.logicalName}'.`)
}

function bind(organization: Organization, table: Table, values: Values, name: string, value: unknown): void {
  const lookup = table.navigations.get(name)
  if (!lookup) {
    if (table.collections.has(name)) throw notSupported('binding the rows of a collection')
    throw badPayload(
      table.entitySetName,
      `An undeclared property '${name}' which only has property annotations in the payload but no property value was found in the payload. In OData, only declared navigation properties and declared named streams can be represented as properties without values.`,
    )
  }
  if (value !== null && typeof value !== 'string') throw invalidUrl(JSON.stringify(value), name)
  setLookup(table, values, lookup, value === null ? null : resolve(organization, lookup, value))
}

function setLookup(table: Table, values: Values, lookup: Lookup, row: { table: string; id: string } | null): void {
  const column = table.columns.get(lookup.column)!
  if (column.readOnly) return
  values.set(column.name, row?.id ?? null)
  if (column.polymorphic) values.set(typeColumn(column), row?.table ?? null)
}

/** `/accounts(<id>)`, `accounts(<key>)` or the same as an absolute address. */
function resolve(organization: Organization, lookup: Lookup, url: string): { table: string; id: string } {
  const found = /^(?:https?:\/\/[^/]+)?(?:\/?(?:[^/?#]+\/)?api\/data\/v\d\.\d)?\/?(\w+)\((.*)\)$/.exec(url)
  const target = organization.schema.entitySets.get(found?.[1] ?? '')
  if (!found || !target || !isTarget(lookup, target)) throw invalidUrl(url, lookup.navigation)
  const key = parseKey(target, decode(found[2]!, url, lookup))
  return { table: target.logicalName, id: requireRow(organization, target, key) }
}

function isTarget(lookup: Lookup, target: Table): boolean {
  return lookup.target === target.logicalName || (lookup.target === 'owner' && ownerTables.includes(target.logicalName))
}

function decode(text: string, url: string, lookup: Lookup): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalidUrl(url, lookup.navigation)
  }
}

function invalidUrl(url: string, name: string): WebApiError {
  return new WebApiError(400, '0x80090800', `Invalid url value '${url}' for lookup property '${name}'.`)
}

/** Null in a column that the server itself needs (facts sheet "Update"). @throws WebApiError 0x80040200 */
export function refuseMissing(table: Table, values: Values): void {
  const column = table.required.find(({ name }) => values.get(name) === null)
  if (column) throw missing(table, column)
}

export function missing(table: Table, column: Column): WebApiError {
  return new WebApiError(400, '0x80040200', `The required field '${column.name}' of '${table.logicalName}' is missing.`)
}
