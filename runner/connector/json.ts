/** A value that survives `JSON.stringify` and comes back the same. */
export type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

/** A number of more digits than a double holds, kept as its text (`JSON.rawJSON`); `JSON.stringify` writes it digit for digit. */
export interface ExactNumber {
  readonly rawJSON: string
}

/** Numbers of 16 characters and more are the only ones that a double may change. */
const longNumber = /(?:^|[:[,])\s*-?\d[\d.]{15}/

interface JsonWithSource {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
  rawJSON(text: string): ExactNumber
  isRawJSON(value: unknown): value is ExactNumber
}
const json = JSON as unknown as JsonWithSource

/**
 * Parses JSON without changing long decimals and big integers: such a number comes back as an {@link ExactNumber}.
 *
 * A reviver costs more than half of the speed, so the text is scanned first and only a hit is parsed with source access.
 * @throws SyntaxError when the text is not JSON
 */
export function parseJson(text: string): unknown {
  if (!longNumber.test(text)) return JSON.parse(text)
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source && source.length > 15 ? json.rawJSON(source) : value,
  )
}

export function isExactNumber(value: unknown): value is ExactNumber {
  return json.isRawJSON(value)
}
