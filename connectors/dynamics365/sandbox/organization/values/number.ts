import { isExactNumber } from '../../../../../runner/connector/index.ts'
import { badPayload } from '../../error.ts'
import type { Stored } from '../database.ts'
import type { Column, Table } from '../schema.ts'
import { outOfRange, wrongType } from './invalid.ts'

/** Money is stored as whole ten-thousandths, as SQL Server's own `money` is: sums and comparisons stay exact. */
export const moneyDigits = 4
/** Digits behind the point that a decimal is stored and sent with, whatever the precision of its column. */
export const decimalDigits = 10

const widest = { Integer: 2 ** 31 - 1, Double: 1e11, Decimal: 1e11 }
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

/** The digits of a decimal, all ten behind the point, rounded to the precision of the column. */
export function decimal(table: Table, column: Column, value: unknown, numbersAsText: boolean): string {
  const units = unitsOf(table, column, value, Math.min(column.precision ?? decimalDigits, decimalDigits), decimalDigits, numbersAsText)
  return pointed(
    String(within(table, { minValue: -widest.Decimal, maxValue: widest.Decimal, ...column }, units, decimalDigits)),
    decimalDigits,
  )
}

/** A decimal as a number to compare by, and its digits where that number does not have them all. */
export function splitExact(digits: Stored): [number: Stored, exact: Stored] {
  if (digits === null) return [null, null]
  const number = Number(digits)
  return [number, number.toFixed(decimalDigits) === String(digits) ? null : String(digits)]
}

/** Whole units with their point: `12500000` of four digits is `1250.0000`. */
export function pointed(units: string, digits: number): string {
  const sign = units.startsWith('-') ? '-' : ''
  const padded = units.slice(sign.length).padStart(digits + 1, '0')
  return `${sign}${padded.slice(0, -digits)}.${padded.slice(-digits)}`
}

function within(table: Table, column: Column | (Column & { minValue: number; maxValue: number }), units: bigint, digits: number): bigint {
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

/** Undefined for what is no number, or an enormous one. */
function toUnits(text: string, digits: number): bigint | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text) ?? []
  const shift = Number(exponent) + digits
  if (sign === undefined || shift > 60) return undefined
  const point = whole.length + shift
  const all = (whole + fraction).padEnd(point, '0')
  const kept = BigInt(point > 0 ? all.slice(0, point) : '0')
  const next = point >= 0 ? (all[point] ?? '0') : '0'
  const rounded = next >= '5' ? kept + 1n : kept
  return sign ? -rounded : rounded
}
