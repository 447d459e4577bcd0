import { isUtf8 } from 'node:buffer'
import type { JsonObject } from '../../../runner/connector/index.ts'
import type { Format } from '../format.ts'
import { parseCsv } from './parse-csv.ts'
import { parseJsonLines } from './parse-jsonl.ts'
import type { RawRow } from './split.ts'

/** Records of the rows up to the first that cannot be read, and what is wrong with that one. */
export interface Parsed {
  records: JsonObject[]
  /** Ends a sentence that begins with the place: `is not UTF-8`. */
  wrong?: string
}

/** @param columns names of a CSV file's cells */
export function parseRows(rows: readonly RawRow[], format: Format, columns: readonly string[]): Parsed {
  const foreign = rows.findIndex((row) => !isUtf8(row.bytes))
  const readable = foreign === -1 ? rows : rows.slice(0, foreign)
  const parsed = format.kind === 'csv' ? parseCsv(readable, columns, format.delimiter) : parseJsonLines(readable)
  if (foreign === -1 || parsed.wrong !== undefined) return parsed
  return { ...parsed, wrong: 'is not UTF-8; save the file as UTF-8' }
}
