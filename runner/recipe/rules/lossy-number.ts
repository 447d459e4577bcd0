import { type CheckContext, isObject } from '../context.ts'
import type { Path } from '../document.ts'

/** At most 15 digits, no leading zero, no exponent: a double holds it, and it reads back the same. */
const exact = /^[-+]?(?=(?:\.?\d){1,15}$)(0|[1-9]\d*)(\.\d+)?$/

const whole = /^[-+]?(0|[1-9]\d*)$/

/** A number that YAML changes on reading (`0012`, `1e999`, beyond 2^53) would be written changed. */
export function lossyNumbers(context: CheckContext, value: unknown, path: Path): void {
  if (Array.isArray(value)) for (const [index, item] of value.entries()) lossyNumbers(context, item, [...path, index])
  else if (isObject(value)) for (const [key, item] of Object.entries(value)) lossyNumbers(context, item, [...path, key])
  else if (typeof value === 'number') {
    const raw = context.document.scalar(path)?.raw
    if (raw !== undefined && !exact.test(raw) && !(whole.test(raw) && Number.isSafeInteger(value))) {
      context.problem(path, 'yaml_lossy_number', `YAML reads \`${raw}\` as ${value}. Put it in quotes to keep it as it is: "${raw}".`)
    }
  }
}
