import { deleteRow } from '../organization/delete.ts'
import { requireRow } from '../organization/find.ts'
import type { Table } from '../organization/schema.ts'
import type { Call, WebApiResponse } from './call.ts'
import { condition, keyFromUrl } from './key.ts'
import { noContent } from './response.ts'

export function deleteOne(call: Call, table: Table, keyText: string): WebApiResponse {
  const id = requireRow(call.organization, table, keyFromUrl(table, keyText))
  const etag = condition(call.header('if-match'))
  deleteRow(call.organization, table, id, call.caller, etag === '*' ? undefined : etag)
  return noContent()
}
