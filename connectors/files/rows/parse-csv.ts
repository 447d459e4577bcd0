import { CsvError, parse } from 'csv-parse/sync'
import type { JsonObject } from '../../../runner/connector/index.ts'
import type { Parsed } from './parse.ts'
import type { RawRow } from './split.ts'

type Cell = string | null

/** Cells are texts; an empty cell is null, an empty cell in quotes is the empty text. */
export function parseCsv(rows: readonly RawRow[], columns: readonly string[], delimiter: string): Parsed {
  const records: JsonObject[] = []
  for (const cells of cellsOf(rows, delimiter)) {
    if (typeof cells === 'string') return { records, wrong: cells }
    if (cells.length !== columns.length) {
      return { records, wrong: `has ${cells.length} cells where ${columns.length} columns are named (${columns.join(', ')})` }
    }
    records.push(Object.fromEntries(columns.map((column, index) => [column, cells[index] as Cell])))
  }
  return { records }
}

/** The cells of each row, up to the first that is no CSV; for that one, what is wrong. */
export function cellsOf(rows: readonly RawRow[], delimiter: string): (Cell[] | string)[] {
  const together = parseText(Buffer.concat(rows.flatMap((row) => [row.bytes, lineEnd])).toString(), delimiter)
  if (typeof together !== 'string' && together.length === rows.length) return together
  // Somewhere is a bad row: one at a time tells which.
  const cells: (Cell[] | string)[] = []
  for (const row of rows) {
    const alone = parseText(row.bytes.toString(), delimiter)
    const one = typeof alone === 'string' ? alone : (alone[0] ?? [])
    cells.push(one)
    if (typeof one === 'string') break
  }
  return cells
}

const lineEnd = Buffer.from('\n')

function parseText(text: string, delimiter: string): Cell[][] | string {
  try {
    return parse(text, {
      delimiter,
      // Found from the first line by default, which breaks files that mix both.
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
    }) as unknown as Cell[][]
  } catch (thrown) {
    if (thrown instanceof CsvError) return wrong[thrown.code] ?? `is not CSV (${thrown.code})`
    throw thrown
  }
}

const wrong: Partial<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'opens a quote that is never closed; a quote inside a cell is written twice',
  INVALID_OPENING_QUOTE: 'has a quote inside a cell that does not begin with one; put the cell in quotes and write the quote twice',
  CSV_INVALID_CLOSING_QUOTE: 'has text after a closing quote; a quote inside a cell is written twice',
}
