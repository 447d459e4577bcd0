import { badQuery } from '../error.ts'
import type { Literal } from '../odata/literal.ts'
import type { Column } from '../organization/schema.ts'
import { isGuid } from '../organization/values.ts'

/** What a column holds, as far as operators care. */
export type Family = 'text' | 'number' | 'choice' | 'choices' | 'boolean' | 'date' | 'id' | 'file'

export function familyOf({ type }: Column): Family {
  switch (type) {
    case 'String':
    case 'Memo':
    case 'EntityName':
      return 'text'
    case 'Integer':
    case 'BigInt':
    case 'Decimal':
    case 'Double':
    case 'Money':
      return 'number'
    case 'Picklist':
    case 'State':
    case 'Status':
      return 'choice'
    case 'MultiSelectPicklist':
      return 'choices'
    case 'Boolean':
      return 'boolean'
    case 'DateTime':
      return 'date'
    case 'Image':
    case 'File':
      return 'file'
    default:
      return 'id'
  }
}

/** Whether the values of two columns can be compared with each other: money and decimals are stored differently, and so are days and moments. */
export function isComparable(one: Column, other: Column): boolean {
  return comparedAs(one) === comparedAs(other)
}

function comparedAs(column: Column): string {
  const { type, dateOnly } = column
  if (type === 'Integer' || type === 'BigInt') return 'whole number'
  const family = familyOf(column)
  return family === 'number' ? type : family === 'date' && dateOnly ? 'day' : family
}

/** A number of hours, a year: from 1 on. */
export function countOf(literal: Literal | undefined): number {
  const value = literal && (literal.type === 'number' || literal.type === 'string') ? Number(literal.value) : Number.NaN
  if (!Number.isInteger(value) || value < 1 || value >= 2 ** 31) throw badQuery('The value must be a whole number above 0.')
  return value
}

export function textOf(literal: Literal | undefined): string {
  if (literal?.type === 'string') return literal.value
  throw badQuery('The value must be a text.')
}

export function idOf(literal: Literal | undefined): string {
  if (literal && literal.type !== 'null' && isGuid(literal.value)) return literal.value.toLowerCase()
  throw badQuery('The value must be a unique identifier.')
}

/** The beginning of a day. */
export function dayOf(literal: Literal | undefined): Date {
  const text = literal && literal.type !== 'null' && literal.type !== 'boolean' ? literal.value : ''
  const date = new Date(/^\d{4}-\d{2}-\d{2}/.test(text) ? text : Number.NaN)
  if (Number.isNaN(date.getTime())) throw badQuery('The value must be a date.')
  return new Date(date.toISOString().slice(0, 10))
}

/** Options as they are stored, in a list without blanks. @throws WebApiError for anything but whole numbers */
export function optionsOf(literals: readonly Literal[]): number[] {
  const texts = literals.flatMap((literal) => (literal.type === 'null' ? [''] : String(literal.value).split(',')))
  if (!texts.every((text) => /^\s*-?\d+\s*$/.test(text))) throw badQuery('The values must be options of the column.')
  return [...new Set(texts.map(Number))]
}
