import { runAggregation } from '../aggregate/run.ts'
import { totalsToWire } from '../aggregate/wire.ts'
import { notSupported } from '../error.ts'
import type { StoredRow } from '../organization/database.ts'
import { isMember } from '../organization/members.ts'
import type { Table } from '../organization/schema.ts'
import { etagOf } from '../organization/update.ts'
import { toJson } from '../organization/values.ts'
import { queryContext, type Sql } from '../query/context.ts'
import { rowsSql } from '../query/rows-sql.ts'
import { annotator } from '../webapi/annotate.ts'
import type { Call, WebApiResponse } from '../webapi/call.ts'
import type { Within } from '../webapi/page.ts'
import { largestPage } from '../webapi/page-size.ts'
import { applied } from '../webapi/prefer.ts'
import { json } from '../webapi/response.ts'
import { type Fetch, parseFetch } from './fetch.ts'
import { renamed } from './output.ts'
import { countFetch, type FetchPage, readFetchPage } from './page.ts'

const crm = 'Microsoft.Dynamics.CRM'

/** Answers a FetchXML query on a set, or with `within` on a collection of a row. @throws WebApiError 400 for what is wrong in it */
export function answerFetch(call: Call, table: Table, text: string, within?: Within): WebApiResponse {
  for (const name of call.query.keys())
    if (!['fetchXml', 'savedQuery', 'userQuery', '$count'].includes(name)) throw notSupported(`${name} together with FetchXML`)
  const fetch = parseFetch(call.organization, table, text)
  const context = queryContext(call.organization, call.caller)
  const more: Sql[] = within ? [{ sql: isMember(within.collection, fetch.rows.alias, table, '?', within.table), values: [within.id] }] : []
  const headers = applied(call.prefer, ['odata.include-annotations'])
  const set = `${call.base}/$metadata#${table.entitySetName}`
  if (fetch.aggregation) {
    const found = runAggregation(call.organization, fetch.aggregation, rowsSql(fetch.rows, context, more))
    return json(200, { '@odata.context': set, value: totalsToWire(call, fetch.aggregation, found) }, headers)
  }
  const page = readFetchPage(call.organization, fetch, context, more)
  const counted = fetch.total || call.query.get('$count') === 'true'
  const total = counted ? countFetch(call.organization, fetch, context, more, largestPage(table) + 1) : undefined
  const names = fetch.outputs.filter(({ ref }) => ref.alias === fetch.rows.alias).map(({ key }) => key)
  return json(
    200,
    {
      '@odata.context': `${set}(${names.join(',')})`,
      ...annotations(call, page, largestPage(table), total),
      value: rowsToWire(call, fetch, page.rows),
    },
    headers,
  )
}

function annotations({ prefer }: Call, { more, cookie }: FetchPage, most: number, total: number | undefined): Record<string, unknown> {
  const counted = total === undefined ? undefined : Math.min(total, most)
  const known = {
    totalrecordcount: counted ?? -1,
    totalrecordcountlimitexceeded: (total ?? 0) > most,
    fetchxmlpagingcookie: cookie,
    morerecords: more,
  }
  const wanted = Object.entries(known).filter(([name, value]) => value !== undefined && prefer.annotates(`${crm}.${name}`))
  return {
    ...(counted !== undefined && { '@odata.count': counted }),
    ...Object.fromEntries(wanted.map(([name, value]) => [`@${crm}.${name}`, value])),
  }
}

/** Null columns are left out; rows that are made distinct have no version. */
function rowsToWire(call: Call, { outputs, rows, distinct }: Fetch, found: readonly StoredRow[]): Record<string, unknown>[] {
  const columns = outputs.map(({ ref, key }) => renamed(ref.column, key))
  const annotate = annotator(call)
  const named = /\/v8\.\d$/.test(call.base) ? namedAsBefore9 : (sent: Record<string, unknown>) => sent
  return found.map((row) => {
    const sent: Record<string, unknown> = distinct ? {} : { '@odata.etag': etagOf(rows.table, row['row version']) }
    for (const column of columns) {
      const value = row[column.name] ?? null
      if (value === null) continue
      annotate?.(sent, column, value, row)
      sent[column.property] = toJson(column, value)
    }
    return named(sent)
  })
}

/** Columns of link-entities with their annotations: `alias_x002e_column`, `alias_x002e_column_x0040_annotation` (facts sheet "Versions"). */
function namedAsBefore9(row: Record<string, unknown>): Record<string, unknown> {
  const encoded = (name: string) => name.replace(/^([^.@]+)\.([^@]+)/, '$1_x002e_$2').replace(/^([^@]+_x002e_[^@]+)@/, '$1_x0040_')
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [encoded(name), value]))
}
