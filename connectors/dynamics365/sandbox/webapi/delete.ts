import { deleteRow } from '../organization/delete.ts'
import type { Call, WebApiResponse } from './call.ts'
import { condition } from './key.ts'
import { noContent } from './response.ts'
import { requirePath } from './row-id.ts'
import type { RowPath } from './target.ts'

export function deleteOne(call: Call, row: RowPath): WebApiResponse {
  const id = requirePath(call.organization, row)
  const etag = condition(call.header('if-match'))
  deleteRow(call.organization, row.table, id, call.caller, etag === '*' ? undefined : etag)
  return noContent()
}
