import { WebApiError } from '../error.ts'
import { quoted, type Stored, type StoredRow } from '../organization/database.ts'
import type { Organization } from '../organization/open.ts'
import type { Column, Schema } from '../organization/schema.ts'
import { typeColumn } from '../organization/tables.ts'
import { decimalUnits } from '../organization/values/units.ts'
import { readExpression } from '../organization/values.ts'
import { sortKey } from '../query/sort-key.ts'
import { columnSql } from '../query/tests.ts'
import type { Aggregation, DatePart, Group, Measure } from './aggregation.ts'
import { totalDigits, totalScale, totalSql, totalUnits } from './exact.ts'

/** Where rows come from, as SQL behind `from`, its values to be bound in order. */
export interface From {
  sql: string
  values: readonly Stored[]
}

/**
 * The totals, one row a group, each value under its name; those of money, decimals and big numbers for `measured` to read.
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
    ...groups.map(({ name, column, part }) => (part ? quoted(name) : columnSql(column))),
  ]
  const order = sorted.length === 0 ? '' : ` order by ${sorted.join(', ')}`
  return database.all(
    `select ${columns.map(({ sql, name }) => `${sql} as ${quoted(name)}`).join(', ')} from ${from.sql}${by}${order}`,
    ...from.values,
  )
}

function groupSql({ name, column, part }: Group, fiscalMonth: number): { sql: string; name: string }[] {
  const sql = columnSql(column)
  if (part) return [{ sql: datePart(part, sql, fiscalMonth), name }]
  const value = readExpression(column.column, column.alias)
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

function measureSql({ kind, column, distinct }: Measure): string {
  if (!column || kind === 'count') return 'count(*)'
  const sql = columnSql(column)
  const exact = totalDigits(column.column) !== undefined
  switch (kind) {
    case 'countcolumn':
      return `count(${distinct ? 'distinct ' : ''}${sql})`
    case 'sum':
      return exact ? totalSql(kind, column.column, sql) : `coalesce(sum(${sql}), 0)`
    case 'avg':
      if (exact) return totalSql(kind, column.column, sql)
      return column.column.type === 'Integer' ? `sum(${sql}) / count(${sql})` : `avg(${sql})`
    default:
      return exact ? `cast(${kind}(${sql}) as text)` : `${kind}(${sql})`
  }
}

/** An exact total in units of {@link totalDigits}. */
export function measured({ kind }: Measure, column: Column, stored: NonNullable<Stored>): bigint {
  if (kind === 'sum' || kind === 'avg') return totalUnits(String(stored))
  const units = column.type === 'Decimal' ? decimalUnits(String(stored)) : BigInt(stored)
  return units * BigInt(totalScale(column))
}

/** What a total is sorted by. */
function orderSql(schema: Schema, { groups, measures }: Aggregation, name: string): string {
  const group = groups.find((one) => one.name === name)
  if (group) return group.part ? quoted(name) : sortKey(schema, { column: group.column, by: 'label' })
  const { kind, column } = measures.find((one) => one.name === name)!
  // Read as text, the least and the largest would sort as texts.
  return column && (kind === 'min' || kind === 'max') ? `${kind}(${columnSql(column)})` : quoted(name)
}
