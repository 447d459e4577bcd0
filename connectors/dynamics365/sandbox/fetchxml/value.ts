import type { Literal } from '../odata/literal.ts'
import type { Column } from '../organization/schema.ts'
import { isGuid } from '../organization/values.ts'
import { badValue } from './error.ts'

/** The text of a condition as a literal of the column's type. @throws WebApiError 400 when it is none */
export function literalFor(column: Column, text: string): Literal {
  switch (column.type) {
    case 'String':
    case 'Memo':
    case 'EntityName':
      return { type: 'string', value: text }
    case 'Boolean':
      return { type: 'boolean', value: truth(column, text) }
    case 'DateTime':
      return dateLiteral(column, text)
    case 'Integer':
    case 'BigInt':
    case 'Decimal':
    case 'Double':
    case 'Money':
    case 'Picklist':
    case 'State':
    case 'Status':
    case 'MultiSelectPicklist':
      return numberLiteral(column, text)
    default: {
      const id = text.trim().replace(/^\{(.*)\}$/, '$1')
      if (!isGuid(id)) throw badValue(column, text)
      return { type: 'guid', value: id.toLowerCase() }
    }
  }
}

export function numberLiteral(column: Column, text: string): Literal {
  const number = text.trim()
  if (!/^-?\d{1,30}(\.\d{1,30})?$/.test(number)) throw badValue(column, text)
  return { type: 'number', value: number }
}

/** A day, or a moment; without an offset it is taken as UTC, since the sandbox's user has no time zone. */
export function dateLiteral(column: Column, text: string): Literal {
  const found = /^\s*(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,7})?)?)(Z|[+-]\d{2}:\d{2})?)?\s*$/i.exec(text)
  if (!found) throw badValue(column, text)
  const [, day = '', time, offset = 'Z'] = found
  const moment = `${day}T${time ?? '00:00:00'}${offset}`
  if (Number.isNaN(Date.parse(moment))) throw badValue(column, text)
  return column.dateOnly || time === undefined ? { type: 'date', value: day } : { type: 'moment', value: moment }
}

function truth(column: Column, text: string): boolean {
  const known = text.trim().toLowerCase()
  if (known === 'true' || known === '1') return true
  if (known === 'false' || known === '0') return false
  throw badValue(column, text)
}
