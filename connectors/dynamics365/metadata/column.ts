import { ConnectorError } from '../../../runner/connector/index.ts'
import { didYouMean } from './nearest.ts'
import type { Column, Table } from './table.ts'

const lookupTypes = new Set(['Lookup', 'Customer', 'Owner'])
const choiceTypes = new Set(['Picklist', 'State', 'Status', 'MultiSelectPicklist'])

export function isLookup({ type }: Column): boolean {
  return lookupTypes.has(type)
}

export function isChoice({ type }: Column): boolean {
  return choiceTypes.has(type)
}

/** @throws ConnectorError `unknown_column` with the nearest names */
export function columnOf(table: Table, name: string): Column {
  const column = table.columns.get(name)
  if (column) return column
  throw new ConnectorError(
    'rejected',
    'unknown_column',
    `The table \`${table.logicalName}\` has no column \`${name}\`.${didYouMean(name, table.columns.keys())} Correct the column's logical name.`,
  )
}

/** How a column is named in URLs and in rows as the server writes them: a lookup is `_x_value`. */
export function propertyOf(column: Column): string {
  return isLookup(column) ? `_${column.name}_value` : column.name
}

/** `$select` of these columns; undefined asks for all. @throws ConnectorError `unknown_column` */
export function selectOf(table: Table, columns: readonly string[] | undefined): string | undefined {
  return columns && [...new Set([...columns, table.primaryId])].map((name) => propertyOf(columnOf(table, name))).join(',')
}
