/** A number of more digits than a double holds, kept as its text (`JSON.rawJSON`). */
export interface ExactNumber {
  readonly rawJSON: string
}

interface JsonWithSource {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
  rawJSON(text: string): ExactNumber
  isRawJSON(value: unknown): value is ExactNumber
}
const json = JSON as unknown as JsonWithSource

export function exactNumber(digits: string): ExactNumber {
  return json.rawJSON(digits)
}

export function isExactNumber(value: unknown): value is ExactNumber {
  return json.isRawJSON(value)
}

/** JSON with numbers that a double would change kept digit for digit. */
export function parseExact(text: string): unknown {
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && source.length > 15 && String(value) !== source ? json.rawJSON(source) : value,
  )
}

/** A whole exact number as a bigint and any other as a double, so that comparison is exact where it can be; undefined for what is no number. */
export function toNumeric(value: unknown): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  if (!isExactNumber(value)) return undefined
  return /^-?\d+$/.test(value.rawJSON) ? BigInt(value.rawJSON) : Number(value.rawJSON)
}

/** As a double, rounded where it has more digits; undefined for what is no number. */
export function toDouble(value: unknown): number | undefined {
  const numeric = toNumeric(value)
  return numeric === undefined ? undefined : Number(numeric)
}
