import { CsvError, parse } from 'csv-parse/sync'
import type { Column, Table } from '../organization/schema.ts'
import { type DataRow, unusable } from './row.ts'

/**
 * The rows of a CSV file with names of columns in its first line; texts become what the column's type asks for, empty cells are left out.
 * @throws ConnectorError `sandbox_data_invalid`
 */
export function readCsv(text: string, file: string, table: Table): DataRow[] {
  const [header, ...records] = split(text, file)
  if (!header) return []
  const names = header.cells.map((name) => name.trim())
  const wrong = names.find((name, index) => name === '' || names.indexOf(name) !== index)
  if (wrong !== undefined) throw unusable(header.place, wrong === '' ? 'A column has no name.' : `The column \`${wrong}\` is named twice.`)
  return records.map(({ cells, place }) => {
    if (cells.length !== names.length) throw unusable(place, `${cells.length} cells stand where ${names.length} columns are named.`)
    const filled = names.flatMap((name, index) => (cells[index] === '' ? [] : [[name, cells[index]!] as const]))
    return { place, body: Object.fromEntries(filled.map(([name, cell]) => [name, convert(table.properties.get(name), cell, place)])) }
  })
}

interface CsvRecord {
  cells: string[]
  place: string
}

function split(text: string, file: string): CsvRecord[] {
  const lines = lineCounter(Buffer.from(text))
  const records: CsvRecord[] = []
  let end = 0
  const place = () => `${file}:${lines.after(end)}`
  try {
    parse(text, {
      skip_empty_lines: true,
      relax_column_count: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      onRecord(cells: string[], { bytes }) {
        records.push({ cells, place: place() })
        end = bytes
        return null
      },
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw unusable(place(), mistakes[error.code] ?? error.message, error)
  }
  return records
}

const mistakes: Partial<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'A quote is opened and never closed. A quote inside a cell is written twice.',
  INVALID_OPENING_QUOTE: 'A quote stands inside a cell that does not begin with one. Put the cell in quotes and write the quote twice.',
  CSV_INVALID_CLOSING_QUOTE: 'Text stands after a closing quote. A quote inside a cell is written twice.',
}

const [newline, carriageReturn] = [10, 13]

/** Lines by offset; the parser's own count takes a CRLF inside quotes for two. */
function lineCounter(bytes: Buffer) {
  let [at, line] = [0, 1]
  const step = () => {
    const [byte, next] = [bytes[at++], bytes[at]]
    if (byte === newline || (byte === carriageReturn && next !== newline)) line++
  }
  return {
    /** The line of the first record at or after an offset, which rises from call to call. */
    after(offset: number): number {
      while (at < offset) step()
      while (bytes[at] === newline || bytes[at] === carriageReturn) step()
      return line
    },
  }
}

const numbers = new Set(['Integer', 'Double', 'Picklist', 'State', 'Status'])

/** Money, decimals and big integers stay texts: the body is read with `IEEE754Compatible=true`, so that no digit is lost. */
function convert(column: Column | undefined, cell: string, place: string): unknown {
  if (column?.type === 'Boolean') {
    const value = { true: true, '1': true, false: false, '0': false }[cell.trim().toLowerCase()]
    if (value === undefined) throw unusable(place, `\`${column.name}\` must be true or false, not \`${cell}\`.`)
    return value
  }
  if (!column || !numbers.has(column.type)) return cell
  const value = Number(cell)
  if (cell.trim() === '' || !Number.isFinite(value)) throw unusable(place, `\`${column.name}\` must be a number, not \`${cell}\`.`)
  return value
}
