import type { ColumnRef, Rows } from '../query/tree.ts'

/** Totals over rows: FetchXML with `aggregate`, and `$apply`, are both read into it. */
export interface Aggregation {
  rows: Rows
  groups: readonly Group[]
  measures: readonly Measure[]
  orders: readonly { name: string; descending: boolean }[]
  /** More rows than this are not evaluated (facts sheet "Other numbers"). */
  mostRows: number
}

/** What rows are grouped by; rows of a group have the same value. */
export interface Group {
  /** In the answer. */
  name: string
  column: ColumnRef
  /** Of a date: in UTC, since the sandbox's user has no time zone. */
  part?: DatePart
}

/** One number over the rows of a group; null values do not count. */
export interface Measure {
  name: string
  kind: MeasureKind
  /** Absent: `$count`. */
  column?: ColumnRef
  /** Of `countcolumn`: each value once. */
  distinct?: boolean
}

/** `count` counts rows, `countcolumn` values. */
export type MeasureKind = 'count' | 'countcolumn' | 'sum' | 'avg' | 'min' | 'max'
export type DatePart = 'day' | 'week' | 'month' | 'quarter' | 'year' | 'fiscal-period' | 'fiscal-year'

export const mostAggregated = 50_000

const summable = new Set(['Integer', 'BigInt', 'Decimal', 'Double', 'Money'])

/** Whether the column has values that can be added, or at least be compared. */
export function canMeasure(kind: MeasureKind, { column }: ColumnRef): boolean {
  if (kind === 'count' || kind === 'countcolumn' || summable.has(column.type)) return true
  return column.type === 'DateTime' && (kind === 'min' || kind === 'max')
}
