import { parseJson } from '../../../../runner/connector/index.ts'
import { type DataRow, unusable } from './row.ts'

/** The rows of a JSON array, or of an answer of the Web API with its `value`. @throws ConnectorError `sandbox_data_invalid` */
export function readJson(text: string, file: string): DataRow[] {
  const content = parse(text, file)
  const list = Array.isArray(content) ? content : (content as { value?: unknown } | null)?.value
  if (!Array.isArray(list)) throw unusable(file, 'A JSON file holds a list of rows, or an answer of the Web API with its `value`.')
  return list.map((one, index) => row(one, `${file}, row ${index + 1}`))
}

/** One JSON object in each line; empty lines are passed over. @throws ConnectorError `sandbox_data_invalid` */
export function readJsonLines(text: string, file: string): DataRow[] {
  return text.split('\n').flatMap((content, index) => {
    const place = `${file}:${index + 1}`
    return content.trim() === '' ? [] : row(parse(content, place), place)
  })
}

function parse(text: string, place: string): unknown {
  try {
    return parseJson(text)
  } catch (error) {
    throw unusable(place, `This is no JSON: ${(error as Error).message}`, error)
  }
}

function row(value: unknown, place: string): DataRow {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { body: value as Record<string, unknown>, place }
  throw unusable(place, 'A row must be a JSON object.')
}
