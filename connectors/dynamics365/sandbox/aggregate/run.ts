import { WebApiError } from '../error.ts'
import { quoted, type Stored, type StoredRow } from '../organization/database.ts'
import type { Organization } from '../organization/open.ts'
import type { Column, Schema } from '../organization/schema.ts'
import { typeColumn } from '../organization/tables.ts'
import { sortKey } from '../query/sort-key.ts'
import type { ColumnRef } from '../query/tree.ts'
import type { Aggregation, DatePart, Group, Measure } from './aggregation.ts'

/** Where rows come from, as SQL behind `from`, its values to be bound in order. */
export interface From {
  sql: string
  values: readonly Stored[]
}

/**
 * The totals, one row a group, each value under its name; sums and averages of money and big numbers as text.
 * @throws WebApiError 0x8004E023 for too many rows
 */
export function runAggregation({ database, schema, switches }: Organization, aggregation: Aggregation, from: From): StoredRow[] {
  const { groups, measures, orders, mostRows } = aggregation
  const counted = database.get(`select count(*) as rows from (select 1 from ${from.sql} limit ?)`, ...from.values, mostRows + 1)
  if (Number(counted?.rows) > mostRows)
    throw new WebApiError(400, '0x8004E023', 'AggregateQueryRecordLimit exceeded. Cannot perform this operation.')
  const grouped = groups.flatMap((group) => groupSql(group, switches.fiscal_year_month))
  const columns = [...grouped, ...measures.map((measure) => ({ sql: measureSql(measure), name: measure.name }))]
  const grouping = grouped.map(({ sql }) => sql)
  const by = grouping.length === 0 ? '' : ` group by ${grouping.join(', ')}`
  // Unordered groups come in the order of their values, so that an answer is the same each time.
  const sorted = [
    ...orders.map(({ name, descending }) => `${orderSql(schema, aggregation, name)}${descending ? ' desc' : ''}`),
    ...groups.map(({ name }) => quoted(name)),
  ]
  const order = sorted.length === 0 ? '' : ` order by ${sorted.join(', ')}`
  return database.all(
    `select ${columns.map(({ sql, name }) => `${sql} as ${quoted(name)}`).join(', ')} from ${from.sql}${by}${order}`,
    ...from.values,
  )
}

function columnSql({ alias, column }: ColumnRef): string {
  return `${alias}.${quoted(column.name)}`
}

function groupSql({ name, column, part }: Group, fiscalMonth: number): { sql: string; name: string }[] {
  const sql = columnSql(column)
  if (part) return [{ sql: datePart(part, sql, fiscalMonth), name }]
  const value = column.column.type === 'Money' ? `cast(${sql} as text)` : sql
  const type = column.column.polymorphic
    ? [{ sql: `${column.alias}.${quoted(typeColumn(column.column))}`, name: typeOf(name, column.column) }]
    : []
  return [{ sql: value, name }, ...type]
}

function typeOf(name: string, column: Column): string {
  return typeColumn({ ...column, name })
}

/** Weeks begin on Sunday, the first one on 1 January. A fiscal period is the fiscal year, as `query/dates.ts` numbers it, and its quarter: `20261`. */
function datePart(part: DatePart, sql: string, fiscalMonth: number): string {
  const number = (format: string, moment = sql) => `cast(strftime('${format}', ${moment}) as integer)`
  const quarter = (moment: string) => `((${number('%m', moment)} + 2) / 3)`
  const fiscal = `${sql}, 'start of month', '-${fiscalMonth - 1} months'`
  switch (part) {
    case 'day':
      return number('%d')
    case 'week':
      return `((${number('%j')} + cast(strftime('%w', ${sql}, 'start of year') as integer) - 1) / 7 + 1)`
    case 'month':
      return number('%m')
    case 'quarter':
      return quarter(sql)
    case 'year':
      return number('%Y')
    case 'fiscal-period':
      return `(${number('%Y', fiscal)} * 10 + ${quarter(fiscal)})`
    case 'fiscal-year':
      return number('%Y', fiscal)
  }
}

/** Money and big numbers are added in two halves: the whole sum may be wider than SQLite's own numbers. */
const half = 1_000_000_000n

function measureSql({ kind, column, distinct }: Measure): string {
  if (!column || kind === 'count') return 'count(*)'
  const sql = columnSql(column)
  const wide = isWide(column)
  switch (kind) {
    case 'countcolumn':
      return `count(${distinct ? 'distinct ' : ''}${sql})`
    case 'sum':
    case 'avg':
      if (wide) return `json_array(cast(sum(${sql} / ${half}) as text), cast(sum(${sql} % ${half}) as text), count(${sql}))`
      return kind === 'sum' ? `coalesce(sum(${sql}), 0)` : column.column.type === 'Integer' ? `sum(${sql}) / count(${sql})` : `avg(${sql})`
    default:
      return wide ? `cast(${kind}(${sql}) as text)` : `${kind}(${sql})`
  }
}

function isWide({ column }: ColumnRef): boolean {
  return column.type === 'Money' || column.type === 'BigInt'
}

/** The value that `measureSql` gave, as a number or as the text of a whole number; null where there was nothing to measure. */
export function measured({ kind, column }: Measure, stored: Stored): Stored {
  if (!column || !isWide(column) || (kind !== 'sum' && kind !== 'avg')) return stored
  const [high, low, count] = JSON.parse(String(stored)) as [string | null, string | null, number]
  const sum = BigInt(high ?? 0) * half + BigInt(low ?? 0)
  if (kind === 'sum') return String(sum)
  return count === 0 ? null : String(sum / BigInt(count))
}

/** What a total is sorted by. */
function orderSql(schema: Schema, { groups, measures }: Aggregation, name: string): string {
  const group = groups.find((one) => one.name === name)
  if (group) return group.part ? quoted(name) : sortKey(schema, { column: group.column, by: 'label' })
  const { kind, column } = measures.find((one) => one.name === name)!
  const wide = column && isWide(column) && kind !== 'count' && kind !== 'countcolumn'
  return wide ? `${kind === 'sum' ? 'total' : kind}(${columnSql(column)})` : quoted(name)
}
