import { type FaultField, type FaultName, faultKinds, matcherFields } from './kinds.ts'

/** A fault that was ordered and has not been used up. */
export interface Fault {
  kind: FaultName
  /** With the defaults filled in. */
  fields: Record<string, number | string | boolean>
  pattern?: RegExp
}

/**
 * Reads an order such as `{"fault": "status", "status": 503, "path": "accounts", "times": 2}`.
 * @throws RangeError with a sentence
 */
export function readFault(order: Record<string, unknown>): Fault {
  const { fault: name, ...given } = order
  const kind = typeof name === 'string' && Object.hasOwn(faultKinds, name) ? (name as FaultName) : undefined
  if (!kind) throw new RangeError(`\`fault\` must be one of ${Object.keys(faultKinds).join(', ')}.`)
  const declared: Record<string, FaultField> = { ...matcherFields, ...faultKinds[kind].fields }
  const unknown = Object.keys(given).find((field) => !Object.hasOwn(declared, field))
  if (unknown !== undefined)
    throw new RangeError(`The fault \`${kind}\` has no field \`${unknown}\`. It has ${Object.keys(declared).join(', ')}.`)
  const fields: Fault['fields'] = {}
  for (const [field, declaration] of Object.entries(declared)) {
    const value = given[field] ?? declaration.default
    if (value !== undefined) fields[field] = checked(field, declaration, value)
  }
  return { kind, fields, ...(fields.pattern !== undefined && { pattern: expression(String(fields.pattern)) }) }
}

function checked(name: string, { type, least, most, values }: FaultField, value: unknown): number | string | boolean {
  if (type === 'integer') {
    if (Number.isInteger(value) && (value as number) >= (least ?? 0) && (value as number) <= (most ?? Number.MAX_SAFE_INTEGER))
      return value as number
    throw new RangeError(`\`${name}\` must be a whole number from ${least ?? 0} to ${most}.`)
  }
  if (typeof value !== type) throw new RangeError(`\`${name}\` must be a ${type === 'string' ? 'text' : 'true or false'}.`)
  if (values && !values.includes(value as string)) throw new RangeError(`\`${name}\` must be one of ${values.join(', ')}.`)
  return value as string | boolean
}

function expression(source: string): RegExp {
  try {
    return new RegExp(source)
  } catch (error) {
    throw new RangeError(`\`pattern\` is no regular expression: ${(error as Error).message}`)
  }
}
