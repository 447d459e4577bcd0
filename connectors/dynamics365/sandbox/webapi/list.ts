import { answerFetch } from '../fetchxml/answer.ts'
import { type Order, parseOptions } from '../odata/options.ts'
import type { Table } from '../organization/schema.ts'
import type { Call, WebApiResponse } from './call.ts'
import { contextOf } from './context.ts'
import { type Cursor, countRows, type PageQuery, readPage } from './page.ts'
import { largestPage, pageSize } from './page-size.ts'
import { applied } from './prefer.ts'
import { json } from './response.ts'
import { projectionFor, rowsToWire } from './rows.ts'
import { type CookieColumn, nextLink, readSkipToken } from './skip-token.ts'

/** Rows of a table, or with `within` of a collection that hangs on one row, a page at a time. */
export function list(call: Call, table: Table, within?: PageQuery['within']): WebApiResponse {
  const fetchXml = call.query.get('fetchXml')
  if (fetchXml !== undefined) return answerFetch(call, table, fetchXml, within)
  const { organization, prefer } = call
  const options = parseOptions(organization.schema, table, call.query)
  const projection = projectionFor(table, options)
  const after = readSkipToken<Cursor>(call)
  // With a page size, `$top` is ignored; without one it is the end.
  const limit =
    prefer.maxPageSize === undefined && options.top !== undefined ? Math.min(options.top, largestPage(table)) : pageSize(prefer, table)
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
      ...counts(call, largestPage(table), options.count ? countRows(organization, table, filtered, largestPage(table) + 1) : undefined),
      value: rowsToWire(call, projection, options, page.rows),
      ...('next' in page &&
        page.next &&
        paged && { '@odata.nextLink': nextLink(call, page.next, cookieColumns(table, options.orderBy, page.next)) }),
    },
    applied(prefer, ['odata.maxpagesize', 'odata.include-annotations']),
  )
}

/** Names the values of a cursor: the columns of the order, and at the end the primary key. */
export function cookieColumns(table: Table, orderBy: readonly Order[], cursor: Cursor): CookieColumn[] {
  const names = orderBy.map(({ path }) => table.properties.get(path.at(-1)!)?.name ?? path.at(-1)!)
  return cursor.map((last, index) => ({ name: names[index] ?? table.primaryId, last }))
}

/** `@odata.count`, and what the annotations say about it: -1 where no count was asked for (facts sheet "Count"). */
function counts({ prefer, organization }: Call, most: number, found: number | undefined): Record<string, unknown> {
  const counted = found === undefined ? undefined : Math.min(found, most)
  const annotations = {
    'Microsoft.Dynamics.CRM.totalrecordcount': counted ?? -1,
    'Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded': (found ?? 0) > most,
    'Microsoft.Dynamics.CRM.globalmetadataversion': String(organization.metadataVersion),
  }
  const wanted = Object.entries(annotations).filter(([name]) => prefer.annotates(name))
  return {
    ...(counted !== undefined && { '@odata.count': counted }),
    ...Object.fromEntries(wanted.map(([name, value]) => [`@${name}`, value])),
  }
}
