import { badPayload, WebApiError } from '../error.ts'
import { addMember } from './associate.ts'
import { type BodyOptions, type JsonObject, type RowBody, type RowReference, readBody, setLookup, type Values } from './body.ts'
import { createRow } from './create.ts'
import { idOf } from './identity.ts'
import type { Caller, Organization } from './open.ts'
import type { Collection, Lookup, Table } from './schema.ts'
import { write } from './write.ts'

export interface InsertOptions extends BodyOptions {
  /** Adds to the values of the row itself before it is created. */
  complete?(values: Values): void
}

/** Rows that come only with the row they belong to. */
const partsOnly = new Set(['activityparty'])

/**
 * Creates a row together with the rows that are nested in its body or bound to its collections, all or nothing (facts sheet "Deep insert").
 * @returns its identity
 * @throws WebApiError 400, 404, 412; 405 for tables whose rows cannot be created so
 */
export function insertBody(
  organization: Organization,
  table: Table,
  body: JsonObject,
  caller: Caller,
  options: InsertOptions = {},
): string {
  if (partsOnly.has(table.logicalName) || table.intersect)
    throw new WebApiError(405, '0x80040800', `The 'Create' method does not support entities of type '${table.logicalName}'.`)
  return write(organization, () => insert(organization, table, body, caller, options))
}

function insert(
  organization: Organization,
  table: Table,
  body: JsonObject,
  caller: Caller,
  { complete, ...options }: InsertOptions,
): string {
  const parts = readBody(organization, table, body, options)
  for (const { lookup, body: parent } of parts.parents) {
    const target = organization.schema.tables.get(lookup.target)
    if (!target) throw badPayload(table.entitySetName, `The type of the row in '${lookup.navigation}' cannot be told.`)
    setLookup(table, parts.values, lookup, { table: target, id: insert(organization, target, parent, caller, options) })
  }
  complete?.(parts.values)
  const id = createRow(organization, table, parts.values, caller)
  const owner = { table, id: idOf(id) }
  for (const { collection, bodies } of parts.children)
    for (const child of bodies) insertInto(organization, owner, collection, child, caller, options)
  bindMembers(organization, owner, parts.members, caller)
  return id
}

function insertInto(
  organization: Organization,
  owner: RowReference,
  collection: Collection,
  body: JsonObject,
  caller: Caller,
  options: BodyOptions,
): void {
  const table = organization.schema.tables.get(collection.table)!
  const { lookup } = collection
  const id = insert(organization, table, body, caller, {
    ...options,
    ...(lookup && { complete: (values: Values) => pointAt(table, values, lookup, owner) }),
  })
  if (!lookup) addMember(organization, owner, collection, { table, id: idOf(id) }, caller)
}

function pointAt(table: Table, values: Values, lookup: Lookup, owner: RowReference): void {
  setLookup(table, values, lookup, owner)
}

function bindMembers(organization: Organization, owner: RowReference, members: RowBody['members'], caller: Caller): void {
  for (const { collection, rows } of members) for (const row of rows) addMember(organization, owner, collection, row, caller)
}
