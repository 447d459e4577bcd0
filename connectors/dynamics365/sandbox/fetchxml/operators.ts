/** What stands behind an operator: nothing, a value of the column's own type, or something else. */
export type OperandKind = 'none' | 'value' | 'two values' | 'values' | 'text' | 'date' | 'number' | 'two numbers' | 'choices'

const units = ['hours', 'days', 'weeks', 'months', 'years', 'fiscal-periods', 'fiscal-years']
const spans = ['week', 'month', 'year', 'fiscal-period', 'fiscal-year']

const byKind: Record<OperandKind, readonly string[]> = {
  none: [
    ...['null', 'not-null', 'today', 'yesterday', 'tomorrow', 'last-seven-days', 'next-seven-days'],
    ...['last', 'this', 'next'].flatMap((when) => spans.map((span) => `${when}-${span}`)),
    ...['eq-userid', 'ne-userid', 'eq-businessid', 'ne-businessid', 'eq-userlanguage', 'eq-userteams', 'eq-useroruserteams'],
    ...['eq-useroruserhierarchy', 'eq-useroruserhierarchyandteams'],
  ],
  value: ['eq', 'ne', 'neq', 'gt', 'ge', 'lt', 'le', 'above', 'eq-or-above', 'under', 'eq-or-under', 'not-under'],
  'two values': ['between', 'not-between'],
  values: ['in', 'not-in'],
  text: ['like', 'not-like', 'begins-with', 'not-begin-with', 'ends-with', 'not-end-with'],
  date: ['on', 'on-or-after', 'on-or-before'],
  number: [
    ...['last', 'next'].flatMap((when) => units.map((unit) => `${when}-x-${unit}`)),
    ...['minutes', 'hours', 'days', 'weeks', 'months', 'years'].map((unit) => `olderthan-x-${unit}`),
    ...['in-fiscal-period', 'in-fiscal-year'],
  ],
  'two numbers': ['in-fiscal-period-and-year', 'in-or-after-fiscal-period-and-year', 'in-or-before-fiscal-period-and-year'],
  choices: ['contain-values', 'not-contain-values'],
}

/** The operators of FetchXML (facts sheet "`<fetch>` attributes") by name. */
export const operandKinds: ReadonlyMap<string, OperandKind> = new Map(
  Object.entries(byKind).flatMap(([kind, names]) => names.map((name) => [name, kind as OperandKind])),
)
