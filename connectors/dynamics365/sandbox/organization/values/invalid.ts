import { badPayload, WebApiError } from '../../error.ts'
import type { Column, Table } from '../schema.ts'

/** A JSON value of the wrong type. */
export function wrongType(table: Table, value: unknown, type: string): never {
  const shown = typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
  throw badPayload(table.entitySetName, `Cannot convert the literal ${shown} to the expected type '${type}'.`)
}

/** A number beyond the bounds of its column. */
export function outOfRange(table: Table, column: Column): never {
  throw new WebApiError(
    400,
    '0x80044330',
    `A validation error occurred. The value of '${column.name}' on record of type '${table.logicalName}' is outside the valid range.`,
  )
}
