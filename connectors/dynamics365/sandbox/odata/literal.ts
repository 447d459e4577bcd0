import { badQuery } from '../error.ts'
import type { Stored } from '../organization/database.ts'
import type { Column, Table } from '../organization/schema.ts'
import { isGuid, moneyDigits, storedMoment } from '../organization/values.ts'
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

/**
 * A literal as the column stores values, ready to bind.
 * @throws WebApiError 0x80060888 when the types do not go together
 */
export function toComparable(table: Table, column: Column, literal: Literal): Stored {
  if (literal.type === 'null') return null
  const { value } = literal
  switch (column.type) {
    case 'String':
    case 'Memo':
    case 'EntityName':
    case 'MultiSelectPicklist':
      if (literal.type === 'string') return String(value)
      break
    case 'Boolean':
      if (literal.type === 'boolean') return Number(value)
      break
    case 'Money':
      if (literal.type === 'number') return moneyUnits(String(value))
      break
    case 'Integer':
    case 'BigInt':
    case 'Picklist':
    case 'State':
    case 'Status':
      if (literal.type === 'number') return exactInteger(String(value))
      break
    case 'Decimal':
    case 'Double':
      if (literal.type === 'number') return Number(value)
      break
    case 'DateTime':
      if (column.dateOnly && literal.type === 'date') return momentOf(String(value)).slice(0, 10)
      if (!column.dateOnly && (literal.type === 'date' || literal.type === 'moment')) return momentOf(String(value))
      break
    default:
      // Documents write GUIDs bare and quoted.
      if (isGuid(value)) return value.toLowerCase()
  }
  throw badQuery(
    `A binary operator with incompatible types was detected. Found operand types '${edmType(column)}' and '${literalTypes[literal.type]}' for the property '${column.property}' of '${table.logicalName}'.`,
  )
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
  const [one, other] = [left, right].map(comparable) as [string | number, string | number]
  const order = one < other ? -1 : one > other ? 1 : 0
  return { eq: order === 0, ne: order !== 0, gt: order > 0, ge: order >= 0, lt: order < 0, le: order <= 0 }[operator]
}

function comparable({ type, value }: Exclude<Literal, { type: 'null' }>): string | number {
  if (type === 'number' || type === 'boolean') return Number(value)
  return type === 'moment' || type === 'date' ? momentOf(value) : value.toLowerCase()
}

const [smallest, largest] = [-(2n ** 63n), 2n ** 63n - 1n]

/** Whole numbers exactly; a fraction, and what no column can hold, as a double. */
function exactInteger(text: string): number | bigint {
  const whole = /^-?\d+$/.test(text) ? BigInt(text) : undefined
  return whole !== undefined && whole >= smallest && whole <= largest ? whole : Number(text)
}

/** Exact where four decimals do; a finer literal lies between two stored values, where a double is near enough. */
function moneyUnits(text: string): number | bigint {
  const found = /^(-?\d+)(?:\.(\d{1,4})0*)?$/.exec(text)
  return found ? exactInteger(found[1]! + (found[2] ?? '').padEnd(moneyDigits, '0')) : Number(text) * 10 ** moneyDigits
}

function momentOf(text: string): string {
  const date = new Date(/Z|[+-]\d{2}:\d{2}$/i.test(text.slice(10)) || text.length === 10 ? text : `${text}Z`)
  if (Number.isNaN(date.getTime())) throw badQuery(`The date '${text}' is not valid.`)
  return storedMoment(date)
}
