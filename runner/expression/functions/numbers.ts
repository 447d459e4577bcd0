import { toDouble, toNumeric } from '../exact-number.ts'
import type { FunctionEntry } from './entry.ts'
import { refused } from './entry.ts'

export const numberFunctions: FunctionEntry[] = [
  {
    name: 'round',
    overloads: { 'round(number): double': round, 'round(number, number): double': round },
    sentence: 'The number rounded to whole, or to so many digits behind the point; halves go away from zero.',
    examples: [
      ['round(2.5)', 3],
      ['round(-2.5)', -3],
      ['round(1.005, 2)', 1.01],
      ['round(1234.5, -2)', 1200],
    ],
  },
  {
    name: 'sum',
    overloads: { 'sum(list): double': (list: unknown[]) => numbersOf(list).reduce((total, number) => total + number, 0) },
    sentence: 'The sum of a list of numbers; 0 for an empty list.',
    examples: [
      ['sum([1, 2.5])', 3.5],
      ['sum([])', 0],
    ],
  },
  {
    name: 'avg',
    overloads: { 'avg(list): double': average },
    sentence: 'The mean of a list of numbers that has at least one.',
    examples: [['avg([1, 2])', 1.5]],
  },
  {
    name: 'min',
    overloads: { 'min(list): dyn': (list: unknown[]) => extreme(list, -1) },
    sentence: 'The least of a list of numbers, or of a list of texts, that has at least one.',
    examples: [
      ['min([3, 1.5, 2])', 1.5],
      ['min(["2031-05-02", "2031-05-01"])', '2031-05-01'],
    ],
  },
  {
    name: 'max',
    overloads: { 'max(list): dyn': (list: unknown[]) => extreme(list, 1) },
    sentence: 'The greatest of a list of numbers, or of a list of texts, that has at least one.',
    examples: [['max([3, 1.5, 2])', 3]],
  },
]

/** Shifts the point in the decimal text rather than by multiplying, since 1.005 * 100 is 100.49999999999999. */
function round(value: number, digits = 0): number {
  if (!Number.isInteger(digits) || Math.abs(digits) > 20) throw refused('the digits to round to are a whole number from -20 to 20')
  if (!Number.isFinite(value)) return value
  const rounded = shifted(Math.round(shifted(Math.abs(value), digits)), -digits)
  // Beyond 2^53 a double has no digits left to round, and shifting would only lose some.
  const result = Number.isFinite(rounded) && Math.abs(shifted(value, digits)) < Number.MAX_SAFE_INTEGER ? rounded : Math.abs(value)
  return value < 0 ? -result : result
}

function shifted(value: number, places: number): number {
  const [mantissa, exponent = '0'] = String(value).split('e')
  return Number(`${mantissa}e${Number(exponent) + places}`)
}

function numbersOf(list: unknown[]): number[] {
  return list.map((item, index) => {
    const number = toDouble(item)
    if (number !== undefined) return number
    throw refused(`element ${index} of the list is no number; leave such elements out with \`.filter(x, x != null)\` or make them numbers`)
  })
}

function average(list: unknown[]): number {
  if (list.length === 0) throw refused('an empty list has no mean; test `size(list) > 0` first')
  return numbersOf(list).reduce((total, number) => total + number, 0) / list.length
}

function extreme(list: unknown[], sign: 1 | -1): unknown {
  if (list.length === 0) throw refused('an empty list has no least or greatest element; test `size(list) > 0` first')
  return list.reduce((best, item) => (compare(item, best) * sign > 0 ? item : best))
}

/** Negative, zero or positive, for two numbers or two texts. @throws EvaluationError for anything else */
export function compare(left: unknown, right: unknown): number {
  const a = typeof left === 'string' ? left : toNumeric(left)
  const b = typeof right === 'string' ? right : toNumeric(right)
  if (a === undefined || b === undefined || (typeof a === 'string') !== (typeof b === 'string')) {
    throw refused('only numbers, or only texts, can be put in order; leave null out with `.filter(x, x != null)`')
  }
  return a < b ? -1 : a > b ? 1 : 0
}
