import { noSuchSegment, notSupported, wrongMethod } from '../error.ts'
import { quoted } from '../organization/database.ts'
import { requireRow } from '../organization/find.ts'
import type { Collection, Lookup, Table } from '../organization/schema.ts'
import type { Call, WebApiResponse } from './call.ts'
import { countOf } from './count.ts'
import { rowAnswer } from './get.ts'
import { keyFromUrl } from './key.ts'
import { list } from './list.ts'
import { noContent } from './response.ts'

/** The rows of a collection that hangs on a row. */
export function relatedRows(call: Call, table: Table, keyText: string, collection: Collection, more: readonly string[]): WebApiResponse {
  if (call.method !== 'GET') throw wrongMethod(call.method)
  if (more.length > 1 || (more.length === 1 && more[0] !== '$count')) throw noSuchSegment(more.at(-1)!)
  if (call.prefer.trackChanges) throw notSupported('change tracking on the rows of a collection')
  const { organization } = call
  const within = { column: collection.lookup.column, id: requireRow(organization, table, keyFromUrl(table, keyText)) }
  const child = organization.schema.tables.get(collection.table)!
  return more.length === 0 ? list(call, child, within) : countOf(call, child, within)
}

/** The row that a lookup points at; 204 where it points at none. */
export function relatedRow(call: Call, table: Table, keyText: string, lookup: Lookup, more: readonly string[]): WebApiResponse {
  if (call.method !== 'GET') throw wrongMethod(call.method)
  if (more.length > 0) throw notSupported('paths through a lookup to further segments')
  if (lookup.target === 'owner') throw notSupported('reading through ownerid; owninguser and owningteam lead to the same row')
  const { organization } = call
  const id = requireRow(organization, table, keyFromUrl(table, keyText))
  const target = organization.schema.tables.get(lookup.target)!
  const sql = `select t1.${quoted(target.primaryId)} as id from ${quoted(table.logicalName)} t0 join ${quoted(target.logicalName)} t1 on t1.${quoted(target.primaryId)} = t0.${quoted(lookup.column)} where t0.${quoted(table.primaryId)} = ?`
  const row = organization.database.get(sql, id)
  return row ? rowAnswer(call, target, String(row.id), 200) : noContent()
}
