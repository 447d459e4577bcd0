import type { Environment } from '@marcbachmann/cel-js'
import { EvaluationError } from '@marcbachmann/cel-js'
import { toNumeric } from './exact-number.ts'

type Numeric = number | bigint

const arithmetic: Record<string, { double(a: number, b: number): number; int(a: bigint, b: bigint): Numeric }> = {
  '+': { double: (a, b) => a + b, int: (a, b) => a + b },
  '-': { double: (a, b) => a - b, int: (a, b) => a - b },
  '*': { double: (a, b) => a * b, int: (a, b) => a * b },
  // An exact number is data, and data divides into fractions.
  '/': { double: (a, b) => a / b, int: (a, b) => Number(a) / Number(b) },
  '%': { double: (a, b) => a % b, int: (a, b) => (b === 0n ? Number.NaN : a % b) },
}

// JavaScript compares a bigint with a double by their exact values.
const comparison: Record<string, (a: Numeric, b: Numeric) => boolean> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

const nullable = ['string', 'int', 'double', 'bool', 'list', 'map', 'bytes', 'google.protobuf.Timestamp', 'google.protobuf.Duration']

/**
 * The operators that CEL lacks for JSON data: whole numbers with doubles, exact numbers (which the library sees as maps) with both, and anything with null.
 */
export function registerOperators(to: Environment): void {
  for (const [operator, { double }] of Object.entries(arithmetic)) {
    const asDoubles = (a: Numeric, b: Numeric) => double(Number(a), Number(b))
    to.registerOperator(`int ${operator} double: double`, asDoubles)
    to.registerOperator(`double ${operator} int: double`, asDoubles)
  }
  to.registerOperator('double % double: double', arithmetic['%']!.double)
  for (const [left, right] of withExact) {
    for (const operator of Object.keys(arithmetic)) to.registerOperator(`${left} ${operator} ${right}: dyn`, exactArithmetic(operator))
    for (const operator of Object.keys(comparison)) to.registerOperator(`${left} ${operator} ${right}`, exactComparison(operator))
  }
  to.registerOperator('map == int', exactEquals)
  to.registerOperator('map == double', exactEquals)
  for (const type of nullable) to.registerOperator(`${type} == null`, () => false)
}

const withExact = [
  ['map', 'int'],
  ['map', 'double'],
  ['int', 'map'],
  ['double', 'map'],
  ['map', 'map'],
] as const

function operands(operator: string, left: unknown, right: unknown): [Numeric, Numeric] {
  const [a, b] = [toNumeric(left), toNumeric(right)]
  if (a !== undefined && b !== undefined) return [a, b]
  throw new EvaluationError({ code: 'refused_value', message: `\`${operator}\` does not work on maps; name a field of the map` })
}

function exactArithmetic(operator: string) {
  return (left: unknown, right: unknown): Numeric => {
    const [a, b] = operands(operator, left, right)
    const { double, int } = arithmetic[operator]!
    return typeof a === 'bigint' && typeof b === 'bigint' ? int(a, b) : double(Number(a), Number(b))
  }
}

function exactComparison(operator: string) {
  return (left: unknown, right: unknown): boolean => comparison[operator]!(...operands(operator, left, right))
}

function exactEquals(left: unknown, right: unknown): boolean {
  const a = toNumeric(left)
  // biome-ignore lint/suspicious/noDoubleEquals: compares a bigint with a double by their exact values
  return a !== undefined && a == toNumeric(right)
}
