import { notSupported } from '../error.ts'
import type { Collection } from '../organization/schema.ts'
import { requireRight } from '../privileges/check.ts'
import type { Call, WebApiResponse } from './call.ts'
import { countOf } from './count.ts'
import { type Form, list } from './list.ts'
import { requirePath } from './row-id.ts'
import type { RowPath } from './target.ts'

/** The rows of a collection that hangs on a row. */
export function readCollection(call: Call, row: RowPath, collection: Collection, form?: Form): WebApiResponse {
  if (call.prefer.trackChanges) throw notSupported('change tracking on the rows of a collection')
  return list(call, membersTable(call, collection), within(call, row, collection), form)
}

export function readCollectionCount(call: Call, row: RowPath, collection: Collection): WebApiResponse {
  return countOf(call, membersTable(call, collection), within(call, row, collection))
}

function membersTable({ organization }: Call, collection: Collection) {
  return organization.schema.tables.get(collection.table)!
}

function within({ organization, caller }: Call, row: RowPath, collection: Collection) {
  const id = requirePath(organization, row)
  requireRight(organization, caller, row.table, 'Read', id)
  return { collection, table: row.table, id }
}
