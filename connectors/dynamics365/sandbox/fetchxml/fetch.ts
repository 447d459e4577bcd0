import type { Aggregation } from '../aggregate/aggregation.ts'
import type { Table } from '../organization/schema.ts'
import type { Condition, Order, Rows } from '../query/tree.ts'
import { parseAggregation } from './aggregation.ts'
import { checkElement, childrenOf, flag, required, wholeNumber } from './element.ts'
import { badNode, otherTable } from './error.ts'
import { joined, parseExistences, parseFilters } from './filter.ts'
import { declareLinks, type LinkNode, linkJoins } from './link.ts'
import { parseOrders } from './order.ts'
import { type Output, outputsOf } from './output.ts'
import { type Known, Scope, type Source } from './scope.ts'
import { type Element, parseXml } from './xml.ts'

const largestPage = 5_000
const mostPages = 999_999_999

/** What a FetchXML query asks for, its names resolved. */
export interface Fetch {
  rows: Rows
  /** Undefined in a query that aggregates. */
  outputs: readonly Output[]
  orders: readonly Order[]
  distinct: boolean
  /** `top`, or the size of a page. */
  limit: number
  top: boolean
  page: number
  cookie?: string
  /** `returntotalrecordcount` */
  total: boolean
  aggregation?: Aggregation
}

/**
 * Reads FetchXML (facts sheet "FetchXML and saved queries").
 * @param table of the collection that is asked
 * @throws WebApiError 400 with the code of what is wrong, 501 for what the sandbox does not know
 */
export function parseFetch(known: Known, table: Table, text: string): Fetch {
  const fetch = parseXml(text)
  if (fetch.name !== 'fetch') throw badNode("The root element must be 'fetch'.")
  checkElement(fetch)
  const [entity, second] = childrenOf(fetch, 'entity')
  if (!entity || second) throw badNode("The element 'fetch' holds one 'entity'.")
  const scope = new Scope(known)
  const root = scope.declare(scope.table(required(entity, 'name')), table.logicalName, 'where')
  if (root.table !== table) throw otherTable(table.logicalName, root.table.logicalName)
  const links = declareLinks(scope, root, entity)
  const rows = rowsOf(scope, root, entity, links)
  const paging = { ...pagingOf(fetch, table), total: flag(fetch, 'returntotalrecordcount') }
  const [distinct, raw] = [flag(fetch, 'distinct'), flag(fetch, 'useraworderby')]
  if (flag(fetch, 'aggregate')) {
    const aggregation = parseAggregation({ fetch, entity, root, links, rows })
    return { rows, outputs: [], orders: [], distinct, ...paging, aggregation }
  }
  const outputs = outputsOf(root, entity, links, distinct)
  const orders = parseOrders(scope, root, entity, { links, outputs, raw })
  return { rows, outputs, orders, distinct, ...paging }
}

function rowsOf(scope: Scope, root: Source, entity: Element, links: readonly LinkNode[]): Rows {
  const joins = linkJoins(links)
  const parts: (Condition | undefined)[] = [parseFilters(scope, root, entity), ...parseExistences(scope, root, entity)]
  const condition = joined('and', parts)
  return { table: root.table, alias: root.alias, joins, ...(condition && { condition }) }
}

function pagingOf(fetch: Element, table: Table): Pick<Fetch, 'limit' | 'top' | 'page' | 'cookie'> {
  const most = table.elastic ? 500 : largestPage
  const top = wholeNumber(fetch, 'top', 0, largestPage)
  if (top !== undefined) {
    const other = ['page', 'count', 'paging-cookie', 'returntotalrecordcount'].find((name) => fetch.attributes.has(name))
    if (other !== undefined) throw badNode(`The attribute 'top' cannot be combined with '${other}'.`)
    return { limit: Math.min(top, most), top: true, page: 1 }
  }
  const count = wholeNumber(fetch, 'count', 1, largestPage) ?? most
  const cookie = fetch.attributes.get('paging-cookie')
  const page = wholeNumber(fetch, 'page', 1, mostPages) ?? 1
  return { limit: Math.min(count, most), top: false, page, ...(cookie !== undefined && cookie !== '' && { cookie }) }
}
