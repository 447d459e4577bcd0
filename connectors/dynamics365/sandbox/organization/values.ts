import { WebApiError } from '../error.ts'
import { quoted, type Stored } from './database.ts'
import type { Column, Table } from './schema.ts'
import { choice, choices } from './values/choice.ts'
import { wrongType } from './values/invalid.ts'
import { day, moment } from './values/moment.ts'
import { bigInteger, decimal, double, money, wholeNumber } from './values/number.ts'
import { decimalText, moneyDigits, pointed } from './values/units.ts'

export { storedMoment } from './values/moment.ts'

const guid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i

export function isGuid(value: unknown): value is string {
  return typeof value === 'string' && guid.test(value)
}

/** How a value of a body is read. */
export interface Reading {
  /** Decimals and big integers may come as texts. */
  numbersAsText?: boolean
  /** Fractions of a second are kept. */
  keepFraction?: boolean
}

/**
 * A value of a request body, ready to store (facts sheet "Data types on the wire").
 * @throws WebApiError 0x80048d19 for a wrong type, 0x80044330 for a number and 0x80040239 for a date out of range, 0x80044331 for a text too long,
 * 0x8004431A for an unknown choice, 0x80050222 for too many choices
 */
export function toStored(table: Table, column: Column, value: unknown, reading: Reading = {}): Stored {
  const { numbersAsText = false, keepFraction = false } = reading
  if (value === null) return null
  switch (column.type) {
    case 'String':
    case 'Memo':
    case 'EntityName':
      return text(table, column, value)
    case 'Boolean':
      return typeof value === 'boolean' ? Number(value) : wrongType(table, value, 'Edm.Boolean')
    case 'Integer':
      return wholeNumber(table, column, value)
    case 'BigInt':
      return bigInteger(table, column, value, numbersAsText)
    case 'Picklist':
    case 'State':
    case 'Status':
      return choice(table, column, value)
    case 'MultiSelectPicklist':
      return choices(table, column, value)
    case 'Money':
      return money(table, column, value, numbersAsText)
    case 'Decimal':
      return decimal(table, column, value, numbersAsText)
    case 'Double':
      return double(table, column, value)
    case 'DateTime':
      return column.dateOnly ? day(table, value) : moment(table, value, keepFraction)
    case 'Uniqueidentifier':
      return isGuid(value) ? value.toLowerCase() : wrongType(table, value, 'Edm.Guid')
    default:
      throw wrongType(table, value, 'Edm.Binary')
  }
}

function text(table: Table, column: Column, value: unknown): string {
  if (typeof value !== 'string') return wrongType(table, value, 'Edm.String')
  // Half of a pair has no form in UTF-8, in which rows and addresses are kept.
  if (column.maxLength === undefined || value.length <= column.maxLength) return value.toWellFormed()
  throw new WebApiError(
    400,
    '0x80044331',
    `A validation error occurred.  The length of the '${column.name}' attribute of the '${table.logicalName}' entity exceeded the maximum allowed length of '${column.maxLength}'.`,
  )
}

/** How a column is read in SQL: as text what a JavaScript number cannot hold. Row versions do not grow that far. */
export function readExpression(column: Column, alias: string): string {
  const name = `${alias}.${quoted(column.name)}`
  return column.type === 'Money' || (column.type === 'BigInt' && column.name !== 'versionnumber') ? `cast(${name} as text)` : name
}

/** Of node: a number that is written as it is. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

/** A stored value as it travels in JSON; what OData counts as decimal or 64 bits wide is written digit for digit. */
export function toJson(column: Column, value: Stored): unknown {
  if (value === null) return null
  switch (column.type) {
    case 'Boolean':
      return value === 1
    case 'Money':
      return rawJSON(moneyText(String(value)))
    case 'Decimal':
      return rawJSON(decimalText(String(value)))
    case 'BigInt':
      return rawJSON(String(value))
    case 'DateTime':
      return column.dateOnly ? value : `${value}Z`
    default:
      return value
  }
}

/** Ten-thousandths with their point: `12500000` is `1250.0000`. */
export function moneyText(units: string): string {
  return pointed(units, moneyDigits)
}
