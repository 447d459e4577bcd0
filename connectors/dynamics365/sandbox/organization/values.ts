import { isExactNumber } from '../../../../runner/connector/index.ts'
import { badPayload, WebApiError } from '../error.ts'
import { quoted, type Stored } from './database.ts'
import type { Column, Table } from './schema.ts'

const guid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i

export function isGuid(value: unknown): value is string {
  return typeof value === 'string' && guid.test(value)
}

/** Money is stored as whole ten-thousandths, as SQL Server's own `money` is: sums and comparisons stay exact. */
export const moneyDigits = 4
const decimalDigits = 10
const earliest = '1753-01-01'

/** A moment as it is stored: UTC without the `Z`, so that texts sort as moments do, fractions of a second included. */
export function storedMoment(date: Date): string {
  return date.toISOString().replace(/(\.000)?Z$/, '')
}

/**
 * A value of a request body, ready to store (facts sheet "Data types on the wire").
 * @throws WebApiError 0x80048d19 for a wrong type, 0x80044331 for a text too long, 0x8004431A for an unknown choice
 */
export function toStored(table: Table, column: Column, value: unknown): Stored {
  if (value === null) return null
  switch (column.type) {
    case 'String':
    case 'Memo':
    case 'EntityName':
      return text(table, column, value)
    case 'Boolean':
      return typeof value === 'boolean' ? Number(value) : wrongType(table, value, 'Edm.Boolean')
    case 'Integer':
    case 'BigInt':
      return wholeNumber(table, value)
    case 'Picklist':
    case 'State':
    case 'Status':
      return choice(table, column, value)
    case 'Money':
      return scaled(table, value)
    case 'Decimal':
    case 'Double':
      return typeof value === 'number' || isExactNumber(value)
        ? Number(digits(value))
        : wrongType(table, value, column.type === 'Double' ? 'Edm.Double' : 'Edm.Decimal')
    case 'DateTime':
      return column.dateOnly ? day(table, value) : moment(table, value)
    case 'Uniqueidentifier':
      return isGuid(value) ? value.toLowerCase() : wrongType(table, value, 'Edm.Guid')
    default:
      throw wrongType(table, value, 'Edm.Binary')
  }
}

function digits(value: number | { rawJSON: string }): string {
  return typeof value === 'number' ? String(value) : value.rawJSON
}

function wrongType(table: Table, value: unknown, type: string): never {
  const shown = typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
  throw badPayload(table.entitySetName, `Cannot convert the literal ${shown} to the expected type '${type}'.`)
}

function text(table: Table, column: Column, value: unknown): string {
  if (typeof value !== 'string') return wrongType(table, value, 'Edm.String')
  if (column.maxLength === undefined || value.length <= column.maxLength) return value
  throw new WebApiError(
    400,
    '0x80044331',
    `A validation error occurred.  The length of the '${column.name}' attribute of the '${table.logicalName}' entity exceeded the maximum allowed length of '${column.maxLength}'.`,
  )
}

function wholeNumber(table: Table, value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? value : wrongType(table, value, 'Edm.Int32')
}

/** Choices whose options the seed does not know take any number. */
function choice(table: Table, column: Column, value: unknown): number {
  const number = wholeNumber(table, value)
  if (!column.choices || column.choices.some((one) => one.value === number)) return number
  throw new WebApiError(
    400,
    '0x8004431A',
    `A validation error occurred. The value '${number}' of '${column.name}' on record of type '${table.logicalName}' is outside the valid range. Accepted Values: ${column.choices.map((one) => one.value).join(',')}`,
  )
}

/** A decimal number as whole ten-thousandths, rounded half away from zero. */
function scaled(table: Table, value: unknown): bigint {
  if (typeof value !== 'number' && !isExactNumber(value)) return wrongType(table, value, 'Edm.Decimal')
  const found = /^(-?)(\d+)(?:\.(\d+))?$/.exec(digits(value))
  if (!found) return BigInt(Math.round(Number(digits(value)) * 10 ** moneyDigits))
  const [, sign, whole = '', fraction = ''] = found
  const kept = BigInt(whole + fraction.slice(0, moneyDigits).padEnd(moneyDigits, '0'))
  const rounded = Number(fraction[moneyDigits] ?? 0) >= 5 ? kept + 1n : kept
  if (rounded > 2n ** 63n - 1n) return wrongType(table, value, 'Edm.Decimal')
  return sign ? -rounded : rounded
}

function day(table: Table, value: unknown): string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value) || Number.isNaN(Date.parse(value)) || value < earliest)
    return wrongType(table, value, 'Edm.Date')
  return value
}

/** Without an offset a moment is taken as UTC; fractions of a second are cut off, which the sheet leaves open. */
function moment(table: Table, value: unknown): string {
  const found = typeof value === 'string' ? /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(value) : null
  if (!found) return wrongType(table, value, 'Edm.DateTimeOffset')
  const date = new Date(found[1] && !found[4] ? `${value}Z` : String(value))
  if (Number.isNaN(date.getTime()) || storedMoment(date) < earliest) return wrongType(table, value, 'Edm.DateTimeOffset')
  date.setUTCMilliseconds(0)
  return storedMoment(date)
}

/** How a column is read in SQL: money as text, since a JavaScript number cannot hold all of it. */
export function readExpression(column: Column, alias: string): string {
  const name = `${alias}.${quoted(column.name)}`
  return column.type === 'Money' ? `cast(${name} as text)` : name
}

/** Of node: a number that is written as it is. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

/** A stored value as it travels in JSON. */
export function toJson(column: Column, value: Stored): unknown {
  if (value === null) return null
  switch (column.type) {
    case 'Boolean':
      return value === 1
    case 'Money':
      return rawJSON(moneyText(String(value)))
    case 'Decimal':
      return rawJSON(Number(value).toFixed(decimalDigits))
    case 'DateTime':
      return column.dateOnly ? value : `${value}Z`
    default:
      return value
  }
}

/** Ten-thousandths with their point: `12500000` is `1250.0000`. */
export function moneyText(units: string): string {
  const sign = units.startsWith('-') ? '-' : ''
  const padded = units.slice(sign.length).padStart(moneyDigits + 1, '0')
  return `${sign}${padded.slice(0, -moneyDigits)}.${padded.slice(-moneyDigits)}`
}
