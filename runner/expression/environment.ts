import { Environment } from '@marcbachmann/cel-js'
import { isExactNumber, toDouble, toNumeric } from './exact-number.ts'
import { refused } from './functions/entry.ts'
import { functions } from './functions/index.ts'
import { isIsoTime } from './iso-time.ts'
import { registerOperators } from './operators.ts'
import { isoText } from './value.ts'

function createEnvironment(): Environment {
  const created = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: { maxAstNodes: 5_000, maxDepth: 60 },
  })
  registerOperators(created)
  registerConversions(created)
  for (const { overloads } of functions) {
    for (const [signature, run] of Object.entries(overloads)) registerFunction(created, signature, run as (...values: unknown[]) => unknown)
  }
  return created
}

/** CEL's own conversions, for exact numbers (plain maps to the library) and, which the library lacks, for times. */
function registerConversions(to: Environment): void {
  const exact: Record<string, (value: unknown) => unknown> = {
    'string(map): string': (value) => (isExactNumber(value) ? value.rawJSON : exactOnly(value)),
    'double(map): double': exactOnly,
    'int(map): int': (value) => {
      const numeric = toNumeric(value)
      return typeof numeric === 'bigint' ? numeric : BigInt(Math.trunc(exactOnly(value)))
    },
  }
  for (const [signature, handler] of Object.entries(exact)) to.registerFunction(signature, { handler, async: false })
  to.registerFunction('string(google.protobuf.Timestamp): string', { handler: isoText, async: false })
}

function exactOnly(value: unknown): number {
  const number = toDouble(value)
  if (number === undefined) throw refused('a map cannot be converted; name one of its fields')
  return number
}

const parameterWords: Record<string, { types: string[]; read(value: unknown): unknown }> = {
  number: { types: ['double', 'int', 'map'], read: exactOnly },
  time: { types: ['string', 'google.protobuf.Timestamp'], read: readTime },
}

function readTime(value: unknown): Date {
  if (value instanceof Date) return value
  if (isIsoTime(value as string)) return new Date(value as string)
  throw refused('the text is no ISO 8601 date, or date-time with `Z` or an offset, such as `2031-05-01T08:00:00Z`')
}

/** Declares a function of ours once for every combination of the types that our own parameter words stand for. */
function registerFunction(to: Environment, signature: string, run: (...values: unknown[]) => unknown): void {
  const [, head, list, result] = /^(.*)\((.*)\): (.*)$/.exec(signature) as unknown as [string, string, string, string]
  const words = list === '' ? [] : list.split(', ')
  const receiver = head.includes('.') ? 1 : 0
  const handler = (...values: unknown[]) =>
    run(...values.map((value, index) => parameterWords[words[index - receiver] ?? '']?.read(value) ?? value))
  const typeLists = words.reduce<string[][]>(
    (lists, word) => lists.flatMap((types) => (parameterWords[word]?.types ?? [word]).map((type) => [...types, type])),
    [[]],
  )
  for (const types of typeLists) to.registerFunction(`${head}(${types.join(', ')}): ${result}`, { handler, async: false })
}

/**
 * The one environment that expressions run in. Every variable is of CEL's type `dyn`: with declared types, `x == null` would be a type error and JSON's
 * numbers would be refused where a schema says integer. What is known before the run is checked apart from it, in `check.ts`.
 */
export const environment: Environment = createEnvironment()
