import { answerFetch } from '../fetchxml/answer.ts'
import { parseOptions } from '../odata/options.ts'
import type { Table } from '../organization/schema.ts'
import type { Call, WebApiResponse } from './call.ts'
import { contextOf } from './context.ts'
import { mostCounted } from './count.ts'
import { type Cursor, countRows, type PageQuery, readPage } from './page.ts'
import { applied } from './prefer.ts'
import { json } from './response.ts'
import { projectionFor, rowsToWire } from './rows.ts'
import { nextLink, readSkipToken } from './skip-token.ts'

const largestPage = 5_000

/** Rows of a table, or with `within` of a collection that hangs on one row, a page at a time. */
export function list(call: Call, table: Table, within?: PageQuery['within']): WebApiResponse {
  const fetchXml = call.query.get('fetchXml')
  if (fetchXml !== undefined) return answerFetch(call, table, fetchXml, within)
  const { organization, prefer } = call
  const options = parseOptions(organization.schema, table, call.query)
  const projection = projectionFor(table, options)
  const after = readSkipToken<Cursor>(call)
  // With a page size, `$top` is ignored; without one it is the end.
  const limit = prefer.maxPageSize ?? Math.min(options.top ?? largestPage, largestPage)
  const filtered = { caller: call.caller, ...(options.filter && { filter: options.filter }), ...(within && { within }) }
  const page =
    limit === 0
      ? { rows: [] }
      : readPage(organization, { ...filtered, projection, orderBy: options.orderBy, limit, ...(after && { after }) })
  const paged = prefer.maxPageSize !== undefined || options.top === undefined
  return json(
    200,
    {
      '@odata.context': contextOf(call, table, options),
      ...counts(call, options.count ? countRows(organization, table, filtered, mostCounted + 1) : undefined),
      value: rowsToWire(call, projection, options, page.rows),
      ...('next' in page && page.next && paged && { '@odata.nextLink': nextLink(call, page.next) }),
    },
    applied(prefer, ['odata.maxpagesize', 'odata.include-annotations']),
  )
}

/** `@odata.count`, and what the annotations say about it: -1 where no count was asked for (facts sheet "Count"). */
function counts({ prefer }: Call, found: number | undefined): Record<string, unknown> {
  const counted = found === undefined ? undefined : Math.min(found, mostCounted)
  const annotations = {
    'Microsoft.Dynamics.CRM.totalrecordcount': counted ?? -1,
    'Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded': (found ?? 0) > mostCounted,
    'Microsoft.Dynamics.CRM.globalmetadataversion': '1000000',
  }
  const wanted = Object.entries(annotations).filter(([name]) => prefer.annotates(name))
  return {
    ...(counted !== undefined && { '@odata.count': counted }),
    ...Object.fromEntries(wanted.map(([name, value]) => [`@${name}`, value])),
  }
}
