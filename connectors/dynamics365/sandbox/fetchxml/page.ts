import { WebApiError } from '../error.ts'
import { quoted, type StoredRow } from '../organization/database.ts'
import type { Organization } from '../organization/open.ts'
import { typeColumn } from '../organization/tables.ts'
import { readExpression } from '../organization/values.ts'
import type { QueryContext, Sql } from '../query/context.ts'
import { behind } from '../query/keyset.ts'
import { rowsSql } from '../query/rows-sql.ts'
import { sortKey } from '../query/sort-key.ts'
import { columnSql } from '../query/tests.ts'
import type { ColumnRef, Order } from '../query/tree.ts'
import { type CookieColumn, readCookie, writeCookie } from './cookie.ts'
import type { Fetch } from './fetch.ts'

export interface FetchPage {
  rows: StoredRow[]
  more: boolean
  /** Only when there are more rows and the order allows it. */
  cookie?: string
}

/** With `page` and `count` alone no row behind this one is reached (facts sheet "Paging" of FetchXML). */
const mostSimple = 50_000

interface Term extends CookieColumn {
  sql: string
  descending: boolean
}

/** A page of a query. @throws WebApiError 0x8004112A for a bad cookie */
export function readFetchPage(organization: Organization, fetch: Fetch, context: QueryContext, more: readonly Sql[]): FetchPage {
  const terms = termsOf(organization, fetch)
  const cookies = !fetch.orders.some(({ column }) => column.alias !== fetch.rows.alias)
  const after = fetch.cookie !== undefined && cookies ? readCookie(fetch.cookie, terms) : undefined
  const skipped = after ? 0 : (fetch.page - 1) * fetch.limit
  if (skipped >= mostSimple)
    throw new WebApiError(400, '0x80041129', 'Paging cookie is required when trying to retrieve a set of records on any high pages.')
  const from = rowsSql(fetch.rows, context, [...more, ...(after ? [behind(terms, after)] : [])])
  const keys = terms.map(
    ({ sql, kind }, index) => `${kind === 'whole number' ? `cast(${sql} as text)` : sql} as ${quoted(`order ${index}`)}`,
  )
  const order = terms.map(({ sql, descending }) => `${sql}${descending ? ' desc' : ''}`)
  const select = `select ${fetch.distinct ? 'distinct ' : ''}${[...columnsSql(fetch), ...keys].join(', ')} from ${from.sql} order by ${order.join(', ')} limit ? offset ?`
  const rows = organization.database.all(select, ...from.values, fetch.limit + 1, skipped)
  if (rows.length <= fetch.limit) return { rows, more: false }
  rows.pop()
  const [first, last] = [rows[0], rows.at(-1)]
  if (fetch.top || !first || !last || !cookies) return { rows, more: !fetch.top }
  const keysOf = (row: StoredRow) => terms.map((_, index) => row[`order ${index}`] ?? null)
  return { rows, more: true, cookie: writeCookie(fetch.page, terms, keysOf(first), keysOf(last)) }
}

export function countFetch({ database }: Organization, fetch: Fetch, context: QueryContext, more: readonly Sql[], most: number): number {
  const from = rowsSql(fetch.rows, context, more)
  const select = fetch.distinct ? `distinct ${columnsSql(fetch).join(', ')}` : '1'
  return Number(database.get(`select count(*) as rows from (select ${select} from ${from.sql} limit ?)`, ...from.values, most)?.rows)
}

function columnsSql({ outputs, rows, distinct }: Fetch): string[] {
  return [
    ...outputs.flatMap(({ ref, key }) => {
      const type = ref.column.polymorphic
        ? [`${ref.alias}.${quoted(typeColumn(ref.column))} as ${quoted(typeColumn({ ...ref.column, name: key }))}`]
        : []
      return [`${readExpression(ref.column, ref.alias)} as ${quoted(key)}`, ...type]
    }),
    ...(distinct ? [] : [`${rows.alias}.versionnumber as "row version"`]),
  ]
}

/** The orders asked for, and what tells rows apart that are equal by these: ids of every table, or of distinct rows every column. */
function termsOf({ schema }: Organization, { orders, outputs, rows, distinct }: Fetch): Term[] {
  const term = ({ column, by, descending }: Order): Term => {
    const { type, isLookup } = column.column
    const name = column.alias === rows.alias ? column.column.name : `${column.alias}.${column.column.name}`
    const label = isLookup || (by === 'label' && ['Picklist', 'State', 'Status'].includes(type))
    return { name, sql: sortKey(schema, { column, by }), descending, kind: label ? 'text' : kindOf(column) }
  }
  const ids = [rows, ...rows.joins].map(({ table, alias }): ColumnRef => ({ table, alias, column: table.columns.get(table.primaryId)! }))
  const rest = distinct ? outputs.map(({ ref }) => ref) : ids
  const ties = rest.map((column): Term => {
    const name = column.alias === rows.alias ? column.column.name : `${column.alias}.${column.column.name}`
    return { name, sql: columnSql(column), descending: false, kind: kindOf(column) }
  })
  const all = [...orders.map(term), ...ties]
  return all.filter(({ sql }, index) => all.findIndex((one) => one.sql === sql) === index)
}

function kindOf({ column: { type, isLookup } }: ColumnRef): CookieColumn['kind'] {
  if (isLookup || type === 'Uniqueidentifier') return 'id'
  if (type === 'Money' || type === 'BigInt') return 'whole number'
  if (type === 'Decimal') return 'decimal'
  return ['Integer', 'Double', 'Boolean', 'Picklist', 'State', 'Status'].includes(type) ? 'number' : 'text'
}
