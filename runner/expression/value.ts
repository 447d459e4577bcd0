import { EvaluationError, Optional } from '@marcbachmann/cel-js'
import { exactNumber, isExactNumber } from './exact-number.ts'
import { absent } from './types.ts'

/**
 * A CEL value as JSON: whole numbers as numbers (exact ones beyond 2^53), times as ISO 8601 text in UTC, durations as `90s`, empty optionals as `absent`,
 * which leaves its key or list element out. What is JSON already is given back as it is, not copied.
 * @throws EvaluationError for bytes, types and numbers that JSON does not have
 */
export function toJson(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (Number.isFinite(value)) return value
      throw new EvaluationError({
        code: 'not_finite',
        message: 'the result is not a finite number; was something divided by zero? Test the divisor first',
      })
    case 'bigint':
      return wholeNumber(value)
    case 'object':
      return value === null || isExactNumber(value) ? value : objectToJson(value)
    default:
      throw notJson(typeof value)
  }
}

function objectToJson(value: object): unknown {
  if (Array.isArray(value)) return listToJson(value)
  if (value instanceof Optional) return value.hasValue() ? toJson(value.value()) : absent
  if (value instanceof Date) return isoText(value)
  const prototype = Object.getPrototypeOf(value) as unknown
  if (prototype === Object.prototype || prototype === null) return mapToJson(value as Record<string, unknown>)
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  if (tag === 'google.protobuf.Duration') return String(value)
  if (tag.startsWith('value = ')) return wholeNumber(value.valueOf() as unknown as bigint)
  throw notJson(value instanceof Uint8Array ? 'bytes' : 'a type')
}

function listToJson(list: unknown[]): unknown[] {
  let changed = false
  const items: unknown[] = []
  for (const item of list) {
    const json = toJson(item)
    changed ||= json !== item
    if (json !== absent) items.push(json)
  }
  return changed ? items : list
}

function mapToJson(map: Record<string, unknown>): Record<string, unknown> {
  let changed = false
  const entries: [string, unknown][] = []
  for (const key of Object.keys(map)) {
    const json = toJson(map[key])
    changed ||= json !== map[key]
    if (json !== absent) entries.push([key, json])
  }
  return changed ? Object.fromEntries(entries) : map
}

function wholeNumber(value: bigint): unknown {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : exactNumber(String(value))
}

/** ISO 8601 in UTC, with milliseconds only where there are some, as Dataverse writes it. */
export function isoText(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z')
}

function notJson(what: string): EvaluationError {
  const advice =
    what === 'bytes' ? 'make it text with `.base64()` or `.string()`' : 'give text, a number, true or false, null, a list or a map'
  return new EvaluationError({ code: 'not_json', message: `the result is ${what}, which is no value of a recipe; ${advice}` })
}
