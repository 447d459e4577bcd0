import type { AggregateOptions, DatabaseSync } from 'node:sqlite'
import type { Column } from '../organization/schema.ts'
import { decimalDigits, largestDecimal, moneyDigits, wholeDigits } from '../organization/values/units.ts'

/** Digits behind the point of exact totals (facts sheet "`$apply`" and "Data types on the wire"); undefined for columns that SQLite itself adds. */
export function totalDigits({ type }: Column): number | undefined {
  switch (type) {
    case 'Money':
      return 9
    case 'Decimal':
      return decimalDigits
    case 'BigInt':
      return 0
    default:
      return undefined
  }
}

/** How many units of a total there are in one unit of the column. */
export function totalScale(column: Column): number {
  return column.type === 'Money' ? 10 ** (totalDigits(column)! - moneyDigits) : 1
}

/** Numbers that are wider than a double are added in two halves of their units, whose own sums stay below 2^53. */
const half = 10 ** decimalDigits

/** Added to a total, so that as texts totals sort as the numbers do. */
const bias = 10n ** 40n
const width = 41

/** A call of a function of {@link defineTotals}, in SQL. */
export function totalSql(kind: 'sum' | 'avg', column: Column, sql: string): string {
  const halves =
    column.type === 'Decimal'
      ? `cast(substr(${sql}, 1, ${wholeDigits}) as integer) - ${largestDecimal}, cast(substr(${sql}, ${wholeDigits + 2}) as integer)`
      : `${sql} / ${half}, ${sql} % ${half}`
  return `exact_${kind}(${halves}, ${totalScale(column)})`
}

/** Teaches SQLite `exact_sum` and `exact_avg`, whose results sort. An average is cut to its digits, as SQL Server does. */
export function defineTotals(database: DatabaseSync): void {
  database.aggregate(
    'exact_sum',
    total((sum) => sum),
  )
  database.aggregate(
    'exact_avg',
    total((sum, count) => (count === 0n ? null : sum / count)),
  )
}

/** Null values do not count. */
function total(result: (sum: bigint, count: bigint) => bigint | null): AggregateOptions<Float64Array> {
  return {
    deterministic: true,
    start: () => new Float64Array(4),
    step(state, high, low, scale) {
      if (high === null) return state
      state[0]! += Number(high)
      state[1]! += Number(low)
      state[2]! += 1
      state[3] = Number(scale)
      return state
    },
    result(state) {
      const [high, low, count, scale] = Array.from(state, BigInt) as [bigint, bigint, bigint, bigint]
      const units = result((high * BigInt(half) + low) * scale, count)
      return units === null ? null : String(units + bias).padStart(width, '0')
    },
  }
}

/** The units of what these functions gave. */
export function totalUnits(text: string): bigint {
  return BigInt(text) - bias
}
