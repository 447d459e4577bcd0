import { resolveFilter } from '../odata/condition.ts'
import type { Expression } from '../odata/filter.ts'
import type { Order } from '../odata/options.ts'
import { Scope } from '../odata/scope.ts'
import { quoted, type Stored, type StoredRow } from '../organization/database.ts'
import { isMember } from '../organization/members.ts'
import type { Caller, Organization } from '../organization/open.ts'
import type { Collection, Table } from '../organization/schema.ts'
import { queryContext } from '../query/context.ts'
import { behind, type KeysetTerm } from '../query/keyset.ts'
import { sortKey } from '../query/sort-key.ts'
import { type RowsSql, toSql } from '../query/sql.ts'
import type { Projection } from './projection.ts'

/** The sort values of the last row of a page, the primary key last. */
export type Cursor = (string | number | null)[]

export interface PageQuery {
  projection: Projection
  filter?: Expression
  /** A further condition: the rows of a collection of one row. */
  within?: Within
  orderBy: readonly Order[]
  limit: number
  after?: Cursor
  caller: Caller
}

/** A collection, and the row that it hangs on. */
export interface Within {
  collection: Collection
  table: Table
  id: string
}

export interface PageOfRows {
  rows: StoredRow[]
  /** Only when there are more rows. */
  next?: Cursor
}

interface OrderTerm extends KeysetTerm {
  /** To read the value by: exact numbers are wider than those of JavaScript, and read as text. */
  read: string
  exact: boolean
}

/** One page: keyset paging, so each page begins behind the last row of the one before, whatever has changed since. */
export function readPage(organization: Organization, query: PageQuery): PageOfRows {
  const { projection, limit, orderBy } = query
  const rows = rowsOf(organization, projection.table, query)
  const terms = orderTerms(rows.scope, orderBy)
  const { from, where, values } = rows.sql()
  const start = query.after ? behind(terms, bound(terms, query.after)) : { sql: '1', values: [] }
  const keys = terms.map((term, index) => `${term.read} as ${quoted(`order ${index}`)}`)
  const order = terms.map((term) => `${term.sql}${term.descending ? ' desc' : ''}`)
  const columns = [projection.sql(rows.scope.alias), ...keys].join(', ')
  const sql = `select ${columns} from ${from} where ${where} and ${start.sql} order by ${order.join(', ')} limit ?`
  const found = organization.database.all(sql, ...values, ...start.values, limit + 1)
  if (found.length <= limit) return { rows: found }
  found.pop()
  const last = found.at(-1)
  return last ? { rows: found, next: terms.map((_, index) => last[`order ${index}`] as string | number | null) } : { rows: found }
}

/** How many rows match, up to a limit. */
export function countRows(
  organization: Organization,
  table: Table,
  query: Pick<PageQuery, 'filter' | 'within' | 'caller'>,
  limit: number,
): number {
  const { from, where, values } = rowsOf(organization, table, query).sql()
  const sql = `select count(*) as count from (select 1 from ${from} where ${where} limit ?)`
  return Number(organization.database.get(sql, ...values, limit)?.count)
}

/** The rows asked for. Their SQL is made when every path has been looked up, since paths bring joins. */
function rowsOf(organization: Organization, table: Table, { filter, within, caller }: Pick<PageQuery, 'filter' | 'within' | 'caller'>) {
  const scope = new Scope(organization.schema, table)
  const condition = filter && resolveFilter(scope, filter)
  const sql = (): RowsSql => {
    const { from, where, values } = toSql(scope.rows(condition), queryContext(organization, caller))
    if (!within) return { from, where, values }
    return {
      from,
      where: `${where} and ${isMember(within.collection, scope.alias, table, '?', within.table)}`,
      values: [...values, within.id],
    }
  }
  return { scope, sql }
}

/** The primary key last, so that no two rows are equal. */
function orderTerms(scope: Scope, orderBy: readonly Order[]): OrderTerm[] {
  const terms = orderBy.map(({ path, descending }): OrderTerm => {
    const column = scope.column(path)
    const sql = sortKey(scope.schema, { column, by: 'value' })
    const exact = ['Money', 'BigInt'].includes(column.column.type)
    return { sql, read: exact ? `cast(${sql} as text)` : sql, exact, descending }
  })
  const key = `${scope.alias}.${quoted(scope.table.identity)}`
  return terms.some((term) => term.sql === key) ? terms : [...terms, { sql: key, read: key, exact: false, descending: false }]
}

function bound(terms: readonly OrderTerm[], after: Cursor): Stored[] {
  return after.map((value, index) => (terms[index]?.exact && value !== null ? BigInt(value) : value))
}
