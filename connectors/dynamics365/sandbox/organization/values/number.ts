import { isExactNumber } from '../../../../../runner/connector/index.ts'
import { badPayload } from '../../error.ts'
import type { Column, Table } from '../schema.ts'
import { outOfRange, wrongType } from './invalid.ts'
import { decimalDigits, decimalKey, largestDecimal, moneyDigits, toUnits } from './units.ts'

const widest = { Integer: 2 ** 31 - 1, Double: 1e11 }
const longest = 2n ** 63n - 1n

export function wholeNumber(table: Table, column: Column, value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < -widest.Integer - 1 || value > widest.Integer)
    return wrongType(table, value, 'Edm.Int32')
  const { minValue = -Infinity, maxValue = Infinity } = column
  return value < minValue || value > maxValue ? outOfRange(table, column) : value
}

/** Up to 63 bits, exactly. */
export function bigInteger(table: Table, column: Column, value: unknown, numbersAsText: boolean): bigint {
  const text = digitsOf(table, value, 'Edm.Int64', numbersAsText)
  const units = /^-?\d+$/.test(text) ? BigInt(text) : undefined
  if (units === undefined || units > longest || units < -longest - 1n) return wrongType(table, value, 'Edm.Int64')
  const { minValue = -Infinity, maxValue = Infinity } = column
  return units < minValue || units > maxValue ? outOfRange(table, column) : units
}

export function double(table: Table, column: Column, value: unknown): number {
  const number = typeof value === 'number' ? value : isExactNumber(value) ? Number(value.rawJSON) : wrongType(table, value, 'Edm.Double')
  const { minValue = -widest.Double, maxValue = widest.Double, precision } = column
  if (number < minValue || number > maxValue) return outOfRange(table, column)
  return precision === undefined ? number : Number(number.toFixed(precision))
}

/** Whole ten-thousandths, rounded to the precision of the column. */
export function money(table: Table, column: Column, value: unknown, numbersAsText: boolean): bigint {
  const units = unitsOf(table, column, value, Math.min(column.precision ?? moneyDigits, moneyDigits), moneyDigits, numbersAsText)
  if (units > longest || units < -longest - 1n) return outOfRange(table, column)
  return within(table, column, units, moneyDigits)
}

/** The stored form of a decimal, rounded to the precision of the column. */
export function decimal(table: Table, column: Column, value: unknown, numbersAsText: boolean): string {
  const units = unitsOf(table, column, value, Math.min(column.precision ?? decimalDigits, decimalDigits), decimalDigits, numbersAsText)
  const { minValue = -largestDecimal, maxValue = largestDecimal } = column
  const bounds = { minValue: Math.max(minValue, -largestDecimal), maxValue: Math.min(maxValue, largestDecimal) }
  return decimalKey(within(table, { ...column, ...bounds }, units, decimalDigits))
}

function within(table: Table, column: Column, units: bigint, digits: number): bigint {
  const [least, most] = [column.minValue, column.maxValue].map((bound) => (bound === undefined ? undefined : toUnits(plain(bound), digits)))
  return (least !== undefined && units < least) || (most !== undefined && units > most) ? outOfRange(table, column) : units
}

/** Rounded half away from zero to `precision` digits, in units of the finer `digits`. */
function unitsOf(table: Table, column: Column, value: unknown, precision: number, digits: number, numbersAsText: boolean): bigint {
  const units = toUnits(digitsOf(table, value, 'Edm.Decimal', numbersAsText), precision)
  if (units === undefined) return typeof value === 'string' ? wrongType(table, value, 'Edm.Decimal') : outOfRange(table, column)
  return units * 10n ** BigInt(digits - precision)
}

/** The digits of a number of a body. @throws WebApiError 400 for a text, unless the client said that it writes numbers so */
function digitsOf(table: Table, value: unknown, type: string, numbersAsText: boolean): string {
  if (typeof value === 'number') return plain(value)
  if (isExactNumber(value)) return value.rawJSON
  if (typeof value !== 'string') return wrongType(table, value, type)
  if (numbersAsText) return value
  throw badPayload(
    table.entitySetName,
    `Cannot convert a value to target type '${type}' because of conflict between input format string/number and parameter 'IEEE754Compatible' false/true.`,
  )
}

function plain(number: number): string {
  return Number.isInteger(number) && Math.abs(number) < 1e30 ? String(BigInt(number)) : String(number)
}
