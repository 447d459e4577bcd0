import { WebApiError } from '../../error.ts'
import type { Column, Table } from '../schema.ts'
import { wrongType } from './invalid.ts'
import { wholeNumber } from './number.ts'

const mostChoices = 150

/** Choices whose options the seed does not know take any number. */
export function choice(table: Table, column: Column, value: unknown): number {
  return known(table, column, wholeNumber(table, column, value))
}

/** A comma list of options, blanks allowed; none at all is null (facts sheet "Data types on the wire"). */
export function choices(table: Table, column: Column, value: unknown): string | null {
  if (typeof value !== 'string') return wrongType(table, value, 'Edm.String')
  if (value.trim() === '') return null
  const parts = value.split(',').map((part) => part.trim())
  if (parts.some((part) => !/^-?\d{1,10}$/.test(part))) return wrongType(table, value, 'Edm.String')
  const options = [...new Set(parts.map(Number))]
  if (options.length > mostChoices)
    throw new WebApiError(
      400,
      '0x80050222',
      `The number of selected options ${options.length} of '${column.name}' exceeds the maximum of ${mostChoices}.`,
    )
  return options.map((option) => known(table, column, option)).join(',')
}

function known(table: Table, column: Column, option: number): number {
  if (!column.choices || column.choices.some((one) => one.value === option)) return option
  throw new WebApiError(
    400,
    '0x8004431A',
    `A validation error occurred. The value '${option}' of '${column.name}' on record of type '${table.logicalName}' is outside the valid range. Accepted Values: ${column.choices.map((one) => one.value).join(',')}`,
  )
}
