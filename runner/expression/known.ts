import type { JsonSchema } from './types.ts'

/**
 * What is known of a value while an expression is checked is JSON Schema with more words for `type`: `whole` (a whole number of CEL's own, which divides
 * without a fraction), `time`, `duration`, `bytes`, `type`; and `x-optional` for a value that may be absent.
 */
export const anything: JsonSchema = {}

const familyOf: Record<string, string> = {
  string: 'text',
  number: 'a number',
  integer: 'a number',
  whole: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  time: 'a time',
  duration: 'a duration',
  bytes: 'bytes',
  type: 'a type',
}

/** The words of `type`, or undefined where the value may be anything. */
export function typesOf(schema: JsonSchema): string[] | undefined {
  if (['anyOf', 'oneOf', 'allOf', '$ref'].some((keyword) => keyword in schema)) return undefined
  const types = schema.type ?? (Array.isArray(schema.enum) ? schema.enum.map(jsonType) : undefined)
  return types === undefined ? undefined : [...new Set([types].flat() as string[])]
}

function jsonType(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

/** What a value can be other than null, in the words of messages; undefined where nothing is known. */
export function familiesOf(schema: JsonSchema): string[] | undefined {
  const families = typesOf(schema)?.flatMap((type) => familyOf[type] ?? [])
  return families === undefined || families.length === 0 ? undefined : [...new Set(families)]
}

/** Whether it is certain that the value is none of these. */
export function isNone(schema: JsonSchema, families: readonly string[]): boolean {
  return familiesOf(schema)?.every((family) => !families.includes(family)) ?? false
}

export function describe(schema: JsonSchema): string {
  return familiesOf(schema)?.join(' or ') ?? 'anything'
}

export function isOptional(schema: JsonSchema): boolean {
  return schema['x-optional'] === true
}

export function optional(schema: JsonSchema): JsonSchema {
  return { ...schema, 'x-optional': true }
}

export function present(schema: JsonSchema): JsonSchema {
  const { 'x-optional': _, ...rest } = schema
  return rest
}

/** What is known of a value that is one of several. */
export function either(schemas: readonly JsonSchema[]): JsonSchema {
  const [first, ...others] = schemas
  if (first === undefined) return anything
  if (others.every((other) => other === first)) return first
  const types = schemas.map(typesOf)
  if (types.includes(undefined)) return schemas.some(isOptional) ? optional(anything) : anything
  const joined = { type: [...new Set((types as string[][]).flat())] }
  return schemas.some(isOptional) ? optional(joined) : joined
}
