import { badQuery } from '../error.ts'
import type { Stored } from '../organization/database.ts'
import type { Column, Table } from '../organization/schema.ts'
import { decimalDigits, decimalKey, floorUnits, largestDecimal, moneyDigits } from '../organization/values/units.ts'
import { isGuid, storedMoment } from '../organization/values.ts'
import type { Comparison } from '../query/tree.ts'
import type { Token } from './tokens.ts'

export type Literal =
  | { type: 'null' }
  | { type: 'boolean'; value: boolean }
  | { type: 'string' | 'number' | 'guid' | 'date' | 'moment'; value: string }

export function literalOf(token: Token): Literal {
  switch (token.type) {
    case 'string':
    case 'number':
    case 'guid':
    case 'date':
    case 'moment':
      return { type: token.type, value: token.text }
    default:
      if (token.text === 'null') return { type: 'null' }
      if (token.text === 'true' || token.text === 'false') return { type: 'boolean', value: token.text === 'true' }
      throw badQuery(`Expected a literal at position ${token.at}, and found '${token.text}'.`)
  }
}

/** Where a literal lies among the values that a column can hold. */
export interface Place {
  /** As the column stores values, ready to bind. */
  value: Stored
  /** Otherwise the literal lies above `value`, and below all that are larger. */
  exact: boolean
}

/** @throws WebApiError 0x80060888 when the types do not go together */
export function placeOf(table: Table, column: Column, literal: Literal): Place {
  if (literal.type === 'null') return { value: null, exact: true }
  const place = literal.type === 'number' ? numberPlace(column, literal.value) : { value: stored(column, literal), exact: true }
  if (place?.value != null) return { ...place, value: place.value }
  throw badQuery(
    `A binary operator with incompatible types was detected. Found operand types '${edmType(column)}' and '${literalTypes[literal.type]}' for the property '${column.property}' of '${table.logicalName}'.`,
  )
}

/** Undefined for a literal of another type. */
function stored(column: Column, { type, value }: Exclude<Literal, { type: 'null' | 'number' }>): Stored | undefined {
  switch (edmType(column)) {
    case 'Edm.String':
      return type === 'string' ? value : undefined
    case 'Edm.Boolean':
      return type === 'boolean' ? Number(value) : undefined
    case 'Edm.Date':
      return type === 'date' ? momentOf(value).slice(0, 10) : undefined
    case 'Edm.DateTimeOffset':
      return type === 'date' || type === 'moment' ? momentOf(value) : undefined
    case 'Edm.Guid':
    case 'Edm.Binary':
      // Documents write GUIDs bare and quoted.
      return isGuid(value) ? value.toLowerCase() : undefined
    default:
      return undefined
  }
}

function numberPlace({ type }: Column, text: string): Place | undefined {
  switch (type) {
    case 'Integer':
    case 'BigInt':
    case 'Picklist':
    case 'State':
    case 'Status':
      return integerPlace(floorUnits(text, 0))
    case 'Money':
      return integerPlace(floorUnits(text, moneyDigits))
    case 'Decimal':
      return decimalPlace(floorUnits(text, decimalDigits))
    case 'Double':
      return { value: Number(text), exact: true }
    default:
      return undefined
  }
}

const [smallest, largest] = [-(2n ** 63n), 2n ** 63n - 1n]

function integerPlace({ units, exact }: ReturnType<typeof floorUnits>): Place {
  if (units < smallest || units > largest) return { value: units < 0n ? -Infinity : Infinity, exact: false }
  return { value: units, exact }
}

const most = BigInt(largestDecimal) * 10n ** BigInt(decimalDigits)

/** Texts below and above all that {@link decimalKey} makes stand for what no decimal reaches. */
function decimalPlace({ units, exact }: ReturnType<typeof floorUnits>): Place {
  if (units < -most || units > most) return { value: units < 0n ? '' : '9', exact: false }
  return { value: decimalKey(units), exact }
}

const literalTypes = {
  boolean: 'Edm.Boolean',
  string: 'Edm.String',
  number: 'Edm.Decimal',
  guid: 'Edm.Guid',
  date: 'Edm.Date',
  moment: 'Edm.DateTimeOffset',
}

export function edmType(column: Column): string {
  switch (column.type) {
    case 'String':
    case 'Memo':
    case 'EntityName':
    case 'MultiSelectPicklist':
      return 'Edm.String'
    case 'Boolean':
      return 'Edm.Boolean'
    case 'Money':
    case 'Decimal':
      return 'Edm.Decimal'
    case 'Double':
      return 'Edm.Double'
    case 'BigInt':
      return 'Edm.Int64'
    case 'Integer':
    case 'Picklist':
    case 'State':
    case 'Status':
      return 'Edm.Int32'
    case 'DateTime':
      return column.dateOnly ? 'Edm.Date' : 'Edm.DateTimeOffset'
    case 'Image':
      return 'Edm.Binary'
    default:
      return 'Edm.Guid'
  }
}

/** Text as a literal of the column's type, where it can be read as one: the lists of query functions hold texts, and so does all of FetchXML. */
export function fitting(column: Column, literal: Literal): Literal {
  if (literal.type !== 'string') return literal
  const value = literal.value.trim()
  switch (edmType(column)) {
    case 'Edm.String':
      return literal
    case 'Edm.Boolean':
      return /^(?:true|false|0|1)$/i.test(value) ? { type: 'boolean', value: /^(?:true|1)$/i.test(value) } : literal
    case 'Edm.Date':
      return /^\d{4}-\d{2}-\d{2}/.test(value) ? { type: 'date', value: value.slice(0, 10) } : literal
    case 'Edm.DateTimeOffset':
      return /^\d{4}-\d{2}-\d{2}/.test(value) ? { type: value.length === 10 ? 'date' : 'moment', value: value.replace(' ', 'T') } : literal
    case 'Edm.Guid':
      return { type: 'string', value: value.replace(/^\{(.*)\}$/, '$1') }
    default:
      return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(value) ? { type: 'number', value } : literal
  }
}

/** Two literals compared as two values of columns would be; null where the outcome is unknown. */
export function compareLiterals(operator: Comparison, left: Literal, right: Literal): boolean | null {
  if (left.type === 'null' || right.type === 'null') {
    const same = left.type === right.type
    return operator === 'eq' ? same : operator === 'ne' ? !same : null
  }
  if (left.type !== right.type)
    throw badQuery(
      `A binary operator with incompatible types was detected. Found operand types '${literalTypes[left.type]}' and '${literalTypes[right.type]}'.`,
    )
  const [one, other] = [comparable(left), comparable(right)]
  const order = one < other ? -1 : one > other ? 1 : 0
  return { eq: order === 0, ne: order !== 0, gt: order > 0, ge: order >= 0, lt: order < 0, le: order <= 0 }[operator]
}

/** Finer than the digits of any column. */
const literalDigits = 30

function comparable({ type, value }: Exclude<Literal, { type: 'null' }>): string | number | bigint {
  if (type === 'number') return floorUnits(value, literalDigits).units
  if (type === 'boolean') return Number(value)
  return type === 'moment' || type === 'date' ? momentOf(value) : value.toLowerCase()
}

function momentOf(text: string): string {
  const date = new Date(/Z|[+-]\d{2}:\d{2}$/i.test(text.slice(10)) || text.length === 10 ? text : `${text}Z`)
  if (Number.isNaN(date.getTime())) throw badQuery(`The date '${text}' is not valid.`)
  return storedMoment(date)
}
