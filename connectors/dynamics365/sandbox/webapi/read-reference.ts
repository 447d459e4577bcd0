import { badQuery } from '../error.ts'
import { type Collection, type Lookup, ownerTables } from '../organization/schema.ts'
import type { Call, WebApiResponse } from './call.ts'
import { readCollection } from './collection.ts'
import type { Form } from './list.ts'
import { project } from './projection.ts'
import { json, noContent } from './response.ts'
import { rowAddress } from './row-address.ts'
import { findPath } from './row-id.ts'
import type { RowPath } from './target.ts'

const addresses: Form = {
  context: ({ base }) => `${base}/$metadata#Collection($ref)`,
  projection: (table) => project(table, []),
  value: (call, { table }, _options, rows) => rows.map((row) => ({ '@odata.id': rowAddress(call, table, String(row[table.primaryId])) })),
}

/** `GET …/<collection>/$ref`: the addresses of the rows in a collection (facts sheet "$expand"). */
export function readReferences(call: Call, row: RowPath, collection: Collection): WebApiResponse {
  for (const option of ['$select', '$expand'])
    if (call.query.has(option)) throw badQuery(`The query parameter ${option} is not supported on addresses`)
  return readCollection(call, row, collection, addresses)
}

/** `GET …/<lookup>/$ref`: the address of the row that a lookup points at, of `ownerid` a user or a team; 204 for an empty lookup. */
export function readReference(call: Call, row: RowPath, lookup: Lookup): WebApiResponse {
  for (const name of lookup.target === 'owner' ? ownerTables : [lookup.target]) {
    const table = call.organization.schema.tables.get(name)!
    const id = findPath(call.organization, { table, from: row, lookup })
    if (id !== undefined) return json(200, { '@odata.context': `${call.base}/$metadata#$ref`, '@odata.id': rowAddress(call, table, id) })
  }
  return noContent()
}
