import { type JsonObject, parseJson } from '../../../runner/connector/index.ts'
import type { Parsed } from './parse.ts'
import type { RawRow } from './split.ts'

/** One JSON object a line; long numbers keep their digits. */
export function parseJsonLines(rows: readonly RawRow[]): Parsed {
  const records: JsonObject[] = []
  for (const row of rows) {
    const value = readJson(row.bytes.toString())
    if (value instanceof SyntaxError) return { records, wrong: `is not JSON (${value.message})` }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { records, wrong: 'is not a JSON object, such as {"number": "A-1"}' }
    records.push(value as JsonObject)
  }
  return { records }
}

function readJson(text: string): unknown {
  try {
    return parseJson(text)
  } catch (thrown) {
    return thrown
  }
}
