import { parseOptions } from '../odata/options.ts'
import type { Table } from '../organization/schema.ts'
import type { Call, WebApiResponse } from './call.ts'
import { countRows, type PageQuery } from './page.ts'
import { largestPage } from './page-size.ts'
import { count } from './response.ts'

/** Capped like `@odata.count`, as is the practice (facts sheet "Count"). */
export function countOf(call: Call, table: Table, within?: PageQuery['within']): WebApiResponse {
  const { filter } = parseOptions(call.organization.schema, table, call.query)
  const query = { caller: call.caller, ...(filter && { filter }), ...(within && { within }) }
  return count(countRows(call.organization, table, query, largestPage(table)))
}
