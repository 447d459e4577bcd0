import { badQuery, notSupported } from '../error.ts'
import { parseOrderBy } from '../odata/options.ts'
import { isMember } from '../organization/members.ts'
import type { Table } from '../organization/schema.ts'
import { queryContext } from '../query/context.ts'
import { rowsSql } from '../query/rows-sql.ts'
import type { Call, WebApiResponse } from '../webapi/call.ts'
import type { Within } from '../webapi/page.ts'
import { applied } from '../webapi/prefer.ts'
import { json } from '../webapi/response.ts'
import type { Aggregation } from './aggregation.ts'
import { parseApply } from './apply.ts'
import { runAggregation } from './run.ts'
import { totalsToWire } from './wire.ts'

/** Answers `$apply` on a set, or with `within` on a collection of a row (facts sheet "`$apply`"). @throws WebApiError 400 for what is wrong in it */
export function answerApply(call: Call, table: Table, text: string, within?: Within): WebApiResponse {
  const { organization, caller, query, prefer } = call
  const other = [...query.keys()].find((name) => name !== '$apply' && name !== '$orderby' && !name.startsWith('@'))
  if (other !== undefined) throw notSupported(`${other} together with $apply`)
  const aliases = new Map([...query].filter(([name]) => name.startsWith('@')))
  const parsed = parseApply(organization.schema, table, text, aliases)
  const aggregation = { ...parsed, orders: ordersOf(parsed, query.get('$orderby')) }
  const more = within ? [{ sql: isMember(within.collection, aggregation.rows.alias, table, '?', within.table), values: [within.id] }] : []
  const found = runAggregation(organization, aggregation, rowsSql(aggregation.rows, queryContext(organization, caller), more))
  const body = { '@odata.context': `${call.base}/$metadata#${table.entitySetName}`, value: totalsToWire(call, aggregation, found) }
  return json(200, body, applied(prefer, ['odata.include-annotations']))
}

/** Groups can be ordered by their columns, and not by their totals. */
function ordersOf({ groups }: Aggregation, text: string | undefined): Aggregation['orders'] {
  return parseOrderBy(text).map(({ path, descending }) => {
    const name = path.join('/')
    if (!groups.some((group) => group.name === name)) throw badQuery('The query node SingleValueOpenPropertyAccess is not supported')
    return { name, descending }
  })
}
