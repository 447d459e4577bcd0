import { wrongMethod } from '../error.ts'
import { deleteRow } from '../organization/delete.ts'
import type { Call, WebApiResponse } from './call.ts'
import { versionCondition } from './key.ts'
import { noContent } from './response.ts'
import { requirePath } from './row-id.ts'
import type { RowPath } from './target.ts'

/** Deletes a row. What a lookup leads to is not deleted in passing: clients clear a lookup at `/$ref` (facts sheet "Single property"). */
export function deleteOne(call: Call, row: RowPath): WebApiResponse {
  if (row.lookup) throw wrongMethod(call.method)
  const id = requirePath(call.organization, row, call.query.get('partitionId'))
  const etag = versionCondition(call.header('if-match'))
  deleteRow(call.organization, row.table, id, call.caller, etag === '*' ? undefined : etag)
  return noContent()
}
