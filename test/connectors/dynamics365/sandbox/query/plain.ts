/** Three-valued logic and comparisons in plain JavaScript: what the queries of the sandbox are tested against. */
export type Value = string | number | boolean | null
/** True, false, or null where it is unknown. */
export type Truth = boolean | null
export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le'

export function joined(kind: 'and' | 'or', truths: readonly Truth[]): Truth {
  const decisive = kind === 'or'
  return truths.includes(decisive) ? decisive : truths.includes(null) ? null : !decisive
}

export function negated(truth: Truth): Truth {
  return truth === null ? null : !truth
}

/** A null makes a comparison unknown, save that `eq` and `ne` with a literal take it as one more value. */
export function compared(operator: Comparison, left: Value, right: Value, literal: boolean): Truth {
  const [one, other] = [folded(left), folded(right)]
  if (one === null || other === null) {
    if (!literal || (operator !== 'eq' && operator !== 'ne')) return null
    return (one === other) === (operator === 'eq')
  }
  return { eq: one === other, ne: one !== other, gt: one > other, ge: one >= other, lt: one < other, le: one <= other }[operator]
}

/** @param pattern with `%` for any run and `_` for one character */
export function fits(value: Value, pattern: string): Truth {
  const parts = [...pattern].map((character) => ({ '%': '.*', _: '.' })[character] ?? character)
  return value === null ? null : new RegExp(`^${parts.join('')}$`, 'isu').test(String(value))
}

/** Texts without regard to case. */
export function folded<T extends Value>(value: T): T {
  return (typeof value === 'string' ? value.toLowerCase() : value) as T
}

/** The order of two values, null first. */
export function order(left: Value, right: Value): number {
  const [one, other] = [folded(left), folded(right)]
  if (one === other) return 0
  if (one === null || other === null) return one === null ? -1 : 1
  return one < other ? -1 : 1
}
