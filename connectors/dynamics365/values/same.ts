import { isExactNumber } from '../../../runner/connector/index.ts'

/** Whether two values of a column, in the form recipes see, are the same. A lookup is the row it points at: its name may change without it. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (isNumber(a) && isNumber(b)) return sameNumber(a, b)
  if (typeof a === 'string' && typeof b === 'string') return sameMoment(a, b)
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one) => b.includes(one))
  if (isLookupValue(a) && isLookupValue(b)) return a.id.toLowerCase() === b.id.toLowerCase()
  return false
}

type AnyNumber = number | { readonly rawJSON: string }

function isNumber(value: unknown): value is AnyNumber {
  return typeof value === 'number' || isExactNumber(value)
}

function sameNumber(a: AnyNumber, b: AnyNumber): boolean {
  return digits(a) === digits(b)
}

function digits(value: AnyNumber): string {
  const text = typeof value === 'number' ? String(value) : value.rawJSON
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/

/** The server keeps whole seconds and answers in UTC. */
function sameMoment(a: string, b: string): boolean {
  if (!moment.test(a) || !moment.test(b)) return false
  return Math.floor(Date.parse(a) / 1_000) === Math.floor(Date.parse(b) / 1_000)
}

function isLookupValue(value: unknown): value is { id: string } {
  return typeof value === 'object' && value !== null && typeof (value as { id?: unknown }).id === 'string'
}
