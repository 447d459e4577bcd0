import { isUtf8 } from 'node:buffer'
import type { FileHandle } from 'node:fs/promises'
import { ConnectorError } from '../../../runner/connector/index.ts'
import type { CsvFormat } from '../format.ts'
import { cellsOf } from './parse-csv.ts'
import { beginning, type Position, splitRows } from './split.ts'

export interface Header {
  columns: string[]
  /** Where the first row after it begins. */
  next: Position
}

/**
 * The header line of a CSV file; undefined while the file is empty.
 * @throws ConnectorError `header_unusable`
 */
export async function readHeader(handle: FileHandle, size: number, path: string, format: CsvFormat): Promise<Header | undefined> {
  for await (const [row] of splitRows(handle, beginning, size, true)) {
    if (!row) continue
    if (!isUtf8(row.bytes)) throw unusable(path, 'it is not UTF-8; save the file as UTF-8')
    const [cells] = cellsOf([row], format.delimiter)
    if (cells === undefined || typeof cells === 'string') throw unusable(path, `line ${row.line} ${cells ?? 'is empty'}`)
    const columns = cells.map((cell, index) => cell ?? fail(path, `cell ${index + 1} of its header is empty`))
    const twice = columns.find((column, index) => columns.indexOf(column) !== index)
    if (twice !== undefined) throw unusable(path, `its header names "${twice}" twice`)
    const absent = format.columns?.find((column) => !columns.includes(column))
    if (absent !== undefined) throw unusable(path, `its header lacks the column "${absent}"; it names ${columns.join(', ')}`)
    return { columns, next: { offset: row.end, line: row.nextLine } }
  }
  return undefined
}

function fail(path: string, why: string): never {
  throw unusable(path, why)
}

function unusable(path: string, why: string): ConnectorError {
  return new ConnectorError(
    'rejected',
    'header_unusable',
    `The header line of "${path}" cannot be used: ${why}. Mend the line, or set \`header: false\` and name the cells in \`columns\`, or correct \`delimiter\`.`,
    { details: { path } },
  )
}
