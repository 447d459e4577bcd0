import { toCondition } from '../odata/condition.ts'
import type { Expression } from '../odata/filter.ts'
import type { Order } from '../odata/options.ts'
import { Source } from '../odata/source.ts'
import { quoted, type Stored, type StoredRow } from '../organization/database.ts'
import { isMember } from '../organization/members.ts'
import type { Caller, Organization } from '../organization/open.ts'
import type { Collection, Table } from '../organization/schema.ts'
import { readable } from '../privileges/check.ts'
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

interface Term {
  /** To sort and compare by. */
  sql: string
  /** To read the value by; money is wider than a JavaScript number. */
  read: string
  money: boolean
  descending: boolean
}

/** One page: keyset paging, so each page begins behind the last row of the one before, whatever has changed since. */
export function readPage(organization: Organization, query: PageQuery): PageOfRows {
  const { projection, limit } = query
  const source = new Source(organization.schema, projection.table, readable(organization, query.caller, projection.table))
  const conditions = [...baseConditions(organization, source, query)]
  const terms = orderTerms(source, query.orderBy)
  if (query.after) conditions.push(behind(terms, query.after))
  const where = conditions.length === 0 ? '' : ` where ${conditions.map(({ sql }) => sql).join(' and ')}`
  const keys = terms.map((term, index) => `${term.read} as ${quoted(`order ${index}`)}`)
  const order = terms.map((term) => `${term.sql}${term.descending ? ' desc' : ''}`)
  const sql = `select ${[projection.sql(source.alias), ...keys].join(', ')} from ${source.sql}${where} order by ${order.join(', ')} limit ?`
  const rows = organization.database.all(sql, ...conditions.flatMap(({ values }) => values), limit + 1)
  if (rows.length <= limit) return { rows }
  rows.pop()
  const last = rows.at(-1)
  return last ? { rows, next: terms.map((_, index) => last[`order ${index}`] as string | number | null) } : { rows }
}

/** How many rows match, up to a limit. */
export function countRows(
  organization: Organization,
  table: Table,
  query: Pick<PageQuery, 'filter' | 'within' | 'caller'>,
  limit: number,
): number {
  const source = new Source(organization.schema, table, readable(organization, query.caller, table))
  const conditions = baseConditions(organization, source, query)
  const where = conditions.length === 0 ? '' : ` where ${conditions.map(({ sql }) => sql).join(' and ')}`
  const sql = `select count(*) as count from (select 1 from ${source.sql}${where} limit ?)`
  return Number(organization.database.get(sql, ...conditions.flatMap(({ values }) => values), limit)?.count)
}

function baseConditions(
  organization: Organization,
  source: Source,
  { filter, within, caller }: Pick<PageQuery, 'filter' | 'within' | 'caller'>,
) {
  return [
    ...(within
      ? [{ sql: isMember(within.collection, source.alias, source.table, '?', within.table), values: [within.id] as Stored[] }]
      : []),
    ...(filter ? [toCondition(source, filter, { now: organization.clock(), userId: caller.userId })] : []),
  ]
}

function orderTerms(source: Source, orderBy: readonly Order[]): Term[] {
  const terms = orderBy.map(({ path, descending }): Term => {
    const ref = source.column(path)
    const sql = ref.column.isLookup ? source.nameOf(ref) : ref.sql
    const money = ref.column.type === 'Money'
    return { sql, read: money ? `cast(${sql} as text)` : sql, money, descending }
  })
  const key = `${source.alias}.${quoted(source.table.identity)}`
  return terms.some((term) => term.sql === key) ? terms : [...terms, { sql: key, read: key, money: false, descending: false }]
}

/** Rows that sort behind the given values. Null sorts before everything. */
function behind(terms: readonly Term[], after: Cursor): { sql: string; values: Stored[] } {
  const alternatives = terms.map((term, index) => {
    const equal = terms.slice(0, index).map((one) => `${one.sql} is ?`)
    const value = after[index] ?? null
    const further = term.descending
      ? value === null
        ? '0'
        : `(${term.sql} < ? or ${term.sql} is null)`
      : value === null
        ? `${term.sql} is not null`
        : `${term.sql} > ?`
    const values = [...after.slice(0, index), ...(value === null ? [] : [value])].map((one, at) => bound(terms[at]!, one))
    return { sql: [...equal, further].join(' and '), values }
  })
  // Said again for the first term alone, so that an index finds the place instead of running up to it.
  const [first, start] = [terms[0]!, after[0] ?? null]
  const reached =
    first.descending || start === null ? { sql: '1', values: [] } : { sql: `${first.sql} >= ?`, values: [bound(first, start)] }
  const { sql, values } = either(alternatives)
  return { sql: `${reached.sql} and ${sql}`, values: [...reached.values, ...values] }
}

function either(alternatives: readonly { sql: string; values: Stored[] }[]): { sql: string; values: Stored[] } {
  return { sql: `(${alternatives.map(({ sql }) => `(${sql})`).join(' or ')})`, values: alternatives.flatMap(({ values }) => values) }
}

function bound(term: Term, value: string | number | null): Stored {
  return term.money && value !== null ? BigInt(value) : value
}
