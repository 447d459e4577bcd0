import { badPayload, notSupported, WebApiError } from '../error.ts'
import type { Stored } from './database.ts'
import { requireRow } from './find.ts'
import { decodeImage, setImage } from './images.ts'
import type { Organization } from './open.ts'
import { readRowAddress } from './row-address.ts'
import { type Collection, type Column, type Lookup, ownerTables, type Table } from './schema.ts'
import { typeColumn } from './tables.ts'
import { toStored } from './values.ts'

/** What is to be written, by the name of the column in SQLite. */
export type Values = Map<string, Stored>

export interface BodyOptions {
  /** Decimals and big integers may come as texts (`IEEE754Compatible=true`). */
  numbersAsText?: boolean
}

export type JsonObject = Record<string, unknown>

/** A row of some table, found by an address. */
export interface RowReference {
  table: Table
  /** Identity of the row. */
  id: string
}

/** A request body, taken apart. */
export interface RowBody {
  values: Values
  /** Rows to be created that a lookup of this row will point at. */
  parents: { lookup: Lookup; body: JsonObject }[]
  /** Rows to be created in a collection of this row. */
  children: { collection: Collection; bodies: JsonObject[] }[]
  /** Rows to be put into a collection of this row. */
  members: { collection: Collection; rows: RowReference[] }[]
}

const bindSuffix = '@odata.bind'

/**
 * Checks the body of a change and turns it into values to store; lookups are resolved, read-only columns dropped.
 * @throws WebApiError 400 for a body that does not fit, 404 for a lookup that leads nowhere, 501 for nested rows
 */
export function fromBody(organization: Organization, table: Table, body: JsonObject, options: BodyOptions = {}): Values {
  const { values, parents, children, members } = readBody(organization, table, body, options)
  if (members.length > 0) throw badPayload(table.entitySetName, 'Rows can be bound to a collection only when the row itself is created.')
  if (parents.length + children.length > 0) throw notSupported('rows nested in a row that is changed')
  return values
}

/**
 * Checks a body and takes it apart.
 * @throws WebApiError 400 for a body that does not fit, 404 for a lookup that leads nowhere
 */
export function readBody(organization: Organization, table: Table, body: JsonObject, options: BodyOptions = {}): RowBody {
  const result: RowBody = { values: new Map(), parents: [], children: [], members: [] }
  for (const [name, value] of Object.entries(body)) {
    if (name.endsWith(bindSuffix)) bind(organization, table, result, name.slice(0, -bindSuffix.length), value)
    else if (!name.includes('@')) assign(organization, table, result, name, value, options)
  }
  return result
}

function assign(organization: Organization, table: Table, result: RowBody, name: string, value: unknown, options: BodyOptions): void {
  const column = table.properties.get(name)
  if (column?.isLookup)
    throw badPayload(
      table.entitySetName,
      'CRM do not support direct update of Entity Reference properties, Use Navigation properties instead.',
    )
  const [lookup, collection] = [table.navigations.get(name), table.collections.get(name)]
  if (column) assignColumn(organization, table, result.values, column, value, options)
  else if (lookup && value === null) setLookup(table, result.values, lookup, null)
  else if (lookup) result.parents.push({ lookup, body: nested(table, name, value) })
  else if (collection) result.children.push({ collection, bodies: nestedList(table, name, value) })
  else
    throw badPayload(table.entitySetName, `Invalid property '${name}' was found in entity 'Microsoft.Dynamics.CRM.${table.logicalName}'.`)
}

/** The real service ignores read-only columns, as far as is known (facts sheet "Data types on the wire"). */
function assignColumn(
  organization: Organization,
  table: Table,
  values: Values,
  column: Column,
  value: unknown,
  { numbersAsText = false }: BodyOptions,
): void {
  const { read_only_column, sub_second_digits } = organization.switches
  if (column.readOnly) {
    if (read_only_column === 'ignore') return
    throw badPayload(table.entitySetName, `The property '${column.name}' cannot be written.`)
  }
  if (column.type === 'File')
    throw badPayload(table.entitySetName, `The file column '${column.name}' cannot be written in a body. Upload the file.`)
  if (column.type === 'Image') return setImage(organization, table, values, column, decodeImage(value))
  values.set(column.name, toStored(table, column, value, { numbersAsText, keepFraction: sub_second_digits === 'keep' }))
}

function nested(table: Table, name: string, value: unknown): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw badPayload(table.entitySetName, `The value of the navigation property '${name}' must be an object.`)
}

function nestedList(table: Table, name: string, value: unknown): JsonObject[] {
  if (Array.isArray(value)) return value.map((one) => nested(table, name, one))
  throw badPayload(table.entitySetName, `The value of the navigation property '${name}' must be a list of objects.`)
}

function bind(organization: Organization, table: Table, result: RowBody, name: string, value: unknown): void {
  const [lookup, collection] = [table.navigations.get(name), table.collections.get(name)]
  if (lookup) {
    const row = value === null ? null : resolve(organization, value, name, (target) => isTarget(lookup, target))
    setLookup(table, result.values, lookup, row)
  } else if (collection) {
    if (!Array.isArray(value)) throw invalidUrl(value, name)
    const rows = value.map((one) => resolve(organization, one, name, ({ logicalName }) => logicalName === collection.table))
    result.members.push({ collection, rows })
  } else
    throw badPayload(
      table.entitySetName,
      `An undeclared property '${name}' which only has property annotations in the payload but no property value was found in the payload. In OData, only declared navigation properties and declared named streams can be represented as properties without values.`,
    )
}

/** Of the lookups that share a column, such as those of a customer, setting one thereby clears the others. */
export function setLookup(table: Table, values: Values, lookup: Lookup, row: RowReference | null): void {
  const column = table.columns.get(lookup.column)!
  if (column.readOnly) return
  values.set(column.name, row?.id ?? null)
  if (column.polymorphic) values.set(typeColumn(column), row?.table.logicalName ?? null)
}

/**
 * The row that an address names.
 * @param fits whether it may be of this table
 * @throws WebApiError 0x80090800 for what is no address of such a row, 404 when the row is not there
 */
export function resolve(organization: Organization, address: unknown, name: string, fits: (table: Table) => boolean): RowReference {
  const found = typeof address === 'string' ? readRowAddress(organization.schema, address) : undefined
  if (!found || !fits(found.table)) throw invalidUrl(address, name)
  return { table: found.table, id: requireRow(organization, found.table, found.key) }
}

export function isTarget(lookup: Lookup, target: Table): boolean {
  return lookup.target === target.logicalName || (lookup.target === 'owner' && ownerTables.includes(target.logicalName))
}

function invalidUrl(address: unknown, name: string): WebApiError {
  const shown = typeof address === 'string' ? address : JSON.stringify(address)
  return new WebApiError(400, '0x80090800', `Invalid url value '${shown}' for lookup property '${name}'.`)
}

/** Null in a column that the server itself needs (facts sheet "Update"). @throws WebApiError 0x80040200 */
export function refuseMissing(table: Table, values: Values): void {
  const column = table.required.find(({ name }) => values.get(name) === null)
  if (column) throw missing(table, column)
}

export function missing(table: Table, column: Column): WebApiError {
  return new WebApiError(400, '0x80040200', `The required field '${column.name}' of '${table.logicalName}' is missing.`)
}
