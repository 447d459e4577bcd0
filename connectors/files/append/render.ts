import { stringify } from 'csv-stringify/sync'
import { ConnectorError, isExactNumber } from '../../../runner/connector/index.ts'
import type { CsvFormat, Format } from '../format.ts'

export type Row = Record<string, unknown>

/** What a file already holds, as far as the next rows depend on it. */
export interface Existing {
  empty: boolean
  /** False when its last line has no line ending. */
  ended: boolean
  /** Names of its header line, where it has one. */
  columns?: string[]
}

/**
 * The bytes to append: a line ending for the last line where it lacks one, a header line for a new CSV file, the rows.
 * @throws ConnectorError `columns_differ`, `columns_missing`
 */
export function renderRows(rows: readonly Row[], format: Format, existing: Existing, path: string): Buffer {
  if (rows.length === 0) return Buffer.alloc(0)
  const ending = existing.empty || existing.ended ? '' : '\n'
  const lines = format.kind === 'csv' ? csvLines(rows, format, existing, path) : rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  return Buffer.from(ending + lines)
}

function csvLines(rows: readonly Row[], format: CsvFormat, existing: Existing, path: string): string {
  const columns = existing.columns ?? format.columns ?? [...new Set(rows.flatMap((row) => Object.keys(row)))]
  if (existing.columns && format.columns && existing.columns.join('\n') !== format.columns.join('\n')) {
    throw columnsDiffer(path, columns, 'but `columns` names others')
  }
  const foreign = rows.flatMap((row) => Object.keys(row)).find((column) => !columns.includes(column))
  if (foreign !== undefined) throw columnsDiffer(path, columns, `and a row has "${foreign}"`)
  if (columns.length === 0) {
    throw new ConnectorError(
      'rejected',
      'columns_missing',
      `The rows for "${path}" have no columns. Give them values, or list the columns in \`columns\`.`,
    )
  }
  // An empty line would be no row, so the only cell of a row is never quite empty.
  const none = columns.length === 1 ? '' : null
  const body = rows.map((row) => columns.map((column) => cellText(row[column]) ?? none))
  const withHeader = format.header && existing.empty ? [columns, ...body] : body
  // Null and the empty text stay apart: the one is an empty cell, the other an empty cell in quotes. A bare \r at the end of a row would be taken for its ending.
  return stringify(withHeader, { delimiter: format.delimiter, quoted_match: /^$|\r/, record_delimiter: '\n' })
}

function cellText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (isExactNumber(value)) return value.rawJSON
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function columnsDiffer(path: string, columns: readonly string[], why: string): ConnectorError {
  return new ConnectorError(
    'rejected',
    'columns_differ',
    `The columns of "${path}" are ${columns.join(', ')}, ${why}. Write the same columns, or append to another file.`,
    { details: { path, columns } },
  )
}
