import { parseOptions } from '../odata/options.ts'
import type { Table } from '../organization/schema.ts'
import type { Call, WebApiResponse } from './call.ts'
import { contextOf } from './context.ts'
import { mostCounted } from './count.ts'
import { type Cursor, countRows, readPage } from './page.ts'
import { applied } from './prefer.ts'
import { json } from './response.ts'
import { projectionFor, rowsToWire } from './rows.ts'
import { nextLink, readSkipToken } from './skip-token.ts'

const largestPage = 5_000

/** Rows of a table, a page at a time. */
export function list(call: Call, table: Table): WebApiResponse {
  const { organization, prefer } = call
  const options = parseOptions(organization.schema, table, call.query)
  const projection = projectionFor(table, options)
  const after = readSkipToken<Cursor>(call)
  // With a page size, `$top` is ignored; without one it is the end.
  const limit = prefer.maxPageSize ?? Math.min(options.top ?? largestPage, largestPage)
  const filtered = { userId: call.caller.userId, ...(options.filter && { filter: options.filter }) }
  const page = limit === 0 ? { rows: [] } : readPage(organization, { ...filtered, projection, orderBy: options.orderBy, limit, ...(after && { after }) })
  const paged = prefer.maxPageSize !== undefined || options.top === undefined
  return json(
    200,
    {
      '@odata.context': contextOf(call, table, options),
      ...(options.count && { '@odata.count': countRows(organization, table, filtered, mostCounted) }),
      value: rowsToWire(call, projection, options, page.rows),
      ...('next' in page && page.next && paged && { '@odata.nextLink': nextLink(call, page.next) }),
    },
    applied(prefer, ['odata.maxpagesize', 'odata.include-annotations']),
  )
}
