import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { nearest, suggestion } from '../expression/index.ts'
import type { CheckContext } from './context.ts'
import type { Path } from './document.ts'

type Schema = Record<string, unknown>

/** Our schemas are generated and tested: compiling the schema of schemas to check them would be most of the start. */
const ajv = new Ajv({ allErrors: true, strict: false, verbose: true, meta: false, validateSchema: false })
const compiled = new WeakMap<Schema, ValidateFunction>()

/** Checks a value against a schema of plain values: no expressions allowed in place of other types. */
export function checkShape(context: CheckContext, value: unknown, schema: Schema, path: Path): boolean {
  return report(context, value, schema, schema, path)
}

/** Checks an operation's input or a connection's settings: an expression may stand wherever a value may. */
export function checkInput(context: CheckContext, value: unknown, schema: Schema, path: Path): boolean {
  return report(context, value, schema, openToExpressions(schema, true), path)
}

/** Whether a value fits a schema; says nothing. */
export function fits(value: unknown, schema: Schema): boolean {
  let validate = compiled.get(schema)
  if (!validate) {
    validate = ajv.compile(schema)
    compiled.set(schema, validate)
  }
  return validate(value)
}

function report(context: CheckContext, value: unknown, key: Schema, schema: Schema, path: Path): boolean {
  let validate = compiled.get(key)
  if (!validate) {
    validate = ajv.compile(withoutRefs(schema) as Schema)
    compiled.set(key, validate)
  }
  if (validate(value)) return true
  for (const error of oneAMistake(validate.errors ?? [])) reportOne(context, error, path)
  return false
}

/** A misspelt key is also a missing one: told once, where it is written. */
function oneAMistake(errors: readonly ErrorObject[]): ErrorObject[] {
  const unknown = errors.filter((error) => error.keyword === 'additionalProperties')
  const meant = (error: ErrorObject) =>
    unknown.some(
      (other) =>
        other.instancePath === error.instancePath &&
        nearest(String(other.params.additionalProperty), [String(error.params.missingProperty)]) !== undefined,
    )
  return errors.filter((error) => error.keyword !== 'if' && !(error.keyword === 'required' && meant(error)))
}

/** References lead to steps, which are walked one by one. */
function withoutRefs(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutRefs)
  if (typeof schema !== 'object' || schema === null) return schema
  if ('$ref' in schema) return {}
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withoutRefs(value)]))
}

/** The schema with every field also open to a text that holds an expression; what comes out of it is checked when it runs. */
function openToExpressions(schema: Schema, top = false): Schema {
  const { properties, items, additionalProperties, anyOf, oneOf, ...rest } = schema
  const opened: Schema = { ...rest }
  if (properties) opened.properties = mapValues(properties as Record<string, Schema>, (field) => openToExpressions(field))
  if (items) opened.items = openToExpressions(items as Schema)
  if (typeof additionalProperties === 'object') opened.additionalProperties = openToExpressions(additionalProperties as Schema)
  else if (additionalProperties !== undefined) opened.additionalProperties = additionalProperties
  if (anyOf ?? oneOf) opened.anyOf = ((anyOf ?? oneOf) as Schema[]).map((each) => openToExpressions(each))
  return top ? opened : { if: { type: 'string', pattern: '\\$\\{\\{' }, then: true, else: opened }
}

function mapValues<T, R>(record: Record<string, T>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}

function reportOne(context: CheckContext, error: ErrorObject, base: Path): void {
  const path = [...base, ...pointer(error.instancePath)]
  const name = path.at(-1)
  const here = path.length === 0 ? 'The file' : typeof name === 'string' ? `\`${name}\`` : `Item ${Number(name) + 1}`
  const params = error.params as Record<string, unknown>
  const schema = (error.parentSchema ?? {}) as Schema
  switch (error.keyword) {
    case 'required':
      return context.problem(
        path,
        'missing_key',
        `${here} needs \`${params.missingProperty}\`${describe(schema, String(params.missingProperty))}.`,
        { key: true },
      )
    case 'additionalProperties': {
      const wrong = String(params.additionalProperty)
      if (later.has(wrong)) {
        const message = `\`${wrong}\` is a word of the language that this version does not know yet. Leave it out.`
        return context.problem([...path, wrong], 'not_supported_yet', message, { key: true })
      }
      return context.problem(
        [...path, wrong],
        'unexpected_key',
        `There is no key \`${wrong}\` here.${suggestion(wrong, Object.keys((schema.properties ?? {}) as Schema))}`,
        { key: true },
      )
    }
    case 'type':
      return context.problem(path, 'wrong_type', `${here} must be ${typeNames(params.type)}, not ${typeOf(error.data)}.`)
    case 'enum':
      return context.problem(
        path,
        'wrong_value',
        `${here} cannot be \`${String(error.data)}\`.${suggestion(String(error.data), (params.allowedValues as unknown[]).map(String))}`,
      )
    case 'pattern':
      return context.problem(path, 'wrong_value', `${here} cannot be \`${String(error.data)}\`${example(schema)}.`)
    case 'minItems':
      return context.problem(path, 'wrong_value', `${here} needs at least ${params.limit} ${params.limit === 1 ? 'item' : 'items'}.`)
    default:
      return context.problem(path, 'wrong_value', `${here} ${error.message}${example(schema)}.`)
  }
}

function pointer(instancePath: string): (string | number)[] {
  return instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}

function describe(schema: Schema, name: string): string {
  const title = ((schema.properties ?? {}) as Record<string, { title?: string }>)[name]?.title
  return title && title.toLowerCase() !== name ? ` (${title.toLowerCase()})` : ''
}

function example(schema: Schema): string {
  const first = (schema.examples as unknown[] | undefined)?.[0]
  return first === undefined ? '' : `; write it like \`${typeof first === 'string' ? first : JSON.stringify(first)}\``
}

/** Words of recipes and triggers that come later; named, so that nobody takes them for a typing mistake. */
const later = new Set([
  'params',
  'returns',
  'vars',
  'tables',
  'ordered_by',
  'on_stuck',
  'on_reconnect_needed',
  'on_job_error',
  'notify',
  'retention',
  'report',
  'store_data',
  'redact',
  'dedupe_key',
  'dedupe_for',
  'catch_up',
  'collect',
])

const names: Record<string, string> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'null',
}

function typeNames(type: unknown): string {
  return [type]
    .flat()
    .map((each) => names[String(each)] ?? String(each))
    .join(' or ')
}

function typeOf(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  return names[typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value] ?? 'this'
}
