import { badPayload, badQuery } from '../error.ts'
import { addMember, removeMember } from '../organization/associate.ts'
import { isTarget, type RowReference, resolve, setLookup, type Values } from '../organization/body.ts'
import type { Collection, Lookup, Table } from '../organization/schema.ts'
import { updateRow } from '../organization/update.ts'
import { bodyOf } from './body.ts'
import type { Call, WebApiResponse } from './call.ts'
import { noContent } from './response.ts'
import { requirePath } from './row-id.ts'
import type { RowPath } from './target.ts'

/** `PUT …/<lookup>/$ref`: sets a lookup (facts sheet "Associate and disassociate"). */
export function setReference(call: Call, row: RowPath, lookup: Lookup): WebApiResponse {
  const target = referenced(call, row.table, lookup.navigation, (table) => isTarget(lookup, table))
  return pointTo(call, row, lookup, target)
}

/** `DELETE …/<lookup>/$ref`: clears a lookup. */
export function clearReference(call: Call, row: RowPath, lookup: Lookup): WebApiResponse {
  return pointTo(call, row, lookup, null)
}

/** `POST …/<collection>/$ref`: puts a row into a collection. */
export function addReference(call: Call, row: RowPath, collection: Collection): WebApiResponse {
  const member = referenced(call, row.table, collection.name, isOf(collection))
  addMember(call.organization, ownerOf(call, row), collection, member, call.caller)
  return noContent()
}

/** `DELETE …/<collection>/$ref?$id=<address>`: takes a row out of a collection. */
export function removeReference(call: Call, row: RowPath, collection: Collection): WebApiResponse {
  const address = call.query.get('$id')
  if (address === undefined) throw badQuery("The address of the row to be taken out is missing: use '$id', or name its key in the path.")
  const { table, id } = resolve(call.organization, address, collection.name, isOf(collection))
  return removeFrom(call, { table, from: row, collection, key: id })
}

/** `DELETE …/<collection>(<key>)/$ref`. */
export function removeMemberReference(call: Call, row: RowPath, collection: Collection, key: string): WebApiResponse {
  return removeFrom(call, { table: call.organization.schema.tables.get(collection.table)!, from: row, collection, key })
}

function removeFrom(call: Call, member: Extract<RowPath, { collection: Collection }>): WebApiResponse {
  const id = requirePath(call.organization, member)
  removeMember(call.organization, ownerOf(call, member.from), member.collection, { table: member.table, id }, call.caller)
  return noContent()
}

function pointTo(call: Call, row: RowPath, lookup: Lookup, target: RowReference | null): WebApiResponse {
  const id = requirePath(call.organization, row)
  const values: Values = new Map()
  setLookup(row.table, values, lookup, target)
  updateRow(call.organization, row.table, id, values, call.caller)
  return noContent()
}

/** The row in the body's `@odata.id`, absolute or relative. */
function referenced(call: Call, table: Table, name: string, fits: (table: Table) => boolean): RowReference {
  const { '@odata.id': address } = bodyOf(call, table)
  if (typeof address !== 'string') throw badPayload(table.entitySetName, "The body must have a member '@odata.id'.")
  return resolve(call.organization, address, name, fits)
}

function ownerOf({ organization }: Call, row: RowPath): RowReference {
  return { table: row.table, id: requirePath(organization, row) }
}

function isOf(collection: Collection): (table: Table) => boolean {
  return ({ logicalName }) => logicalName === collection.table
}
