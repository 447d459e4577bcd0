import { badQuery } from '../error.ts'
import type { Stored } from '../organization/database.ts'
import type { Column, Table } from '../organization/schema.ts'
import { isGuid, moneyDigits, storedMoment } from '../organization/values.ts'
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
      if (literal.type === 'string') return String(value)
      break
    case 'Boolean':
      if (literal.type === 'boolean') return Number(value)
      break
    case 'Money':
      if (literal.type === 'number') return moneyUnits(String(value))
      break
    case 'BigInt':
      if (literal.type === 'number') return /^-?\d{1,19}$/.test(String(value)) ? BigInt(String(value)) : Number(value)
      break
    case 'Integer':
    case 'Picklist':
    case 'State':
    case 'Status':
    case 'Decimal':
    case 'Double':
      if (literal.type === 'number') return Number(value)
      break
    case 'DateTime':
      if (column.dateOnly && literal.type === 'date') return String(value)
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

/** Exact where four decimals do; a finer literal lies between two stored values, where a double is near enough. */
function moneyUnits(text: string): number | bigint {
  const found = /^(-?\d+)(?:\.(\d{1,4})0*)?$/.exec(text)
  return found ? BigInt(found[1]! + (found[2] ?? '').padEnd(moneyDigits, '0')) : Number(text) * 10 ** moneyDigits
}

function momentOf(text: string): string {
  const date = new Date(/Z|[+-]\d{2}:\d{2}$/i.test(text.slice(10)) || text.length === 10 ? text : `${text}Z`)
  if (Number.isNaN(date.getTime())) throw badQuery(`The date '${text}' is not valid.`)
  return storedMoment(date)
}
