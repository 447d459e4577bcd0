import { parseOptions } from '../odata/options.ts'
import type { Table } from '../organization/schema.ts'
import type { Call, WebApiResponse } from './call.ts'
import { countRows, type PageQuery } from './page.ts'
import { count } from './response.ts'

/** Counts are capped (facts sheet "Count"); for `/$count` the sheet gives the same number as practice. */
export const mostCounted = 5_000

export function countOf(call: Call, table: Table, within?: PageQuery['within']): WebApiResponse {
  const { filter } = parseOptions(call.organization.schema, table, call.query)
  return count(
    countRows(call.organization, table, { caller: call.caller, ...(filter && { filter }), ...(within && { within }) }, mostCounted),
  )
}
