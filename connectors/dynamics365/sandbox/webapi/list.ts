import { answerApply } from '../aggregate/answer.ts'
import { notSupported } from '../error.ts'
import { answerFetch } from '../fetchxml/answer.ts'
import { viewOf } from '../fetchxml/view.ts'
import { type Options, parseOptions } from '../odata/options.ts'
import type { StoredRow } from '../organization/database.ts'
import type { Table } from '../organization/schema.ts'
import type { Call, WebApiResponse } from './call.ts'
import { contextOf } from './context.ts'
import { cookieColumns } from './cursor.ts'
import { type Cursor, countRows, type PageQuery, readPage } from './page.ts'
import { largestPage, pageSize } from './page-size.ts'
import { applied } from './prefer.ts'
import type { Projection } from './projection.ts'
import { json } from './response.ts'
import { projectionFor, rowsToWire } from './rows.ts'
import { nextLink, readSkipToken } from './skip-token.ts'

/** How found rows are sent. */
export interface Form {
  context(call: Call, table: Table, options: Options): string
  projection(table: Table, options: Options): Projection
  value(call: Call, projection: Projection, options: Options, rows: readonly StoredRow[]): Record<string, unknown>[]
}

const whole: Form = { context: contextOf, projection: projectionFor, value: rowsToWire }

/** Rows of a table, or with `within` of a collection that hangs on one row, a page at a time. */
export function list(call: Call, table: Table, within?: PageQuery['within'], form = whole): WebApiResponse {
  const fetchXml = call.query.get('fetchXml') ?? viewOf(call, table)
  if (fetchXml !== undefined) return answerFetch(call, table, fetchXml, within)
  const apply = call.query.get('$apply')
  if (apply !== undefined) return answerApply(call, table, apply, within)
  if (table.elastic && call.query.has('partitionId')) throw notSupported('partitionId on several rows; filter by the column partitionid')
  const { organization, prefer } = call
  const options = parseOptions(organization.schema, table, call.query)
  const projection = form.projection(table, options)
  const after = readSkipToken<Cursor>(call)
  const top = prefer.maxPageSize === undefined || organization.switches.top_and_page_size === 'top' ? options.top : undefined
  const limit = top === undefined ? pageSize(prefer, table) : Math.min(top, largestPage(table))
  const filtered = { caller: call.caller, ...(options.filter && { filter: options.filter }), ...(within && { within }) }
  const page =
    limit === 0
      ? { rows: [] }
      : readPage(organization, { ...filtered, projection, orderBy: options.orderBy, limit, ...(after && { after }) })
  return json(
    200,
    {
      '@odata.context': form.context(call, table, options),
      ...counts(call, largestPage(table), options.count ? countRows(organization, table, filtered, largestPage(table) + 1) : undefined),
      value: form.value(call, projection, options, page.rows),
      ...('next' in page &&
        page.next &&
        top === undefined && { '@odata.nextLink': nextLink(call, page.next, cookieColumns(table, options.orderBy, page.next)) }),
    },
    applied(prefer, ['odata.maxpagesize', 'odata.include-annotations']),
  )
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
