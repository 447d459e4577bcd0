import type { FunctionEntry } from './entry.ts'
import { refused } from './entry.ts'
import { compare } from './numbers.ts'
import { canonicalJson } from './values.ts'

export const listFunctions: FunctionEntry[] = [
  {
    name: 'distinct',
    overloads: { 'distinct(list): list': distinct },
    sentence: 'The list with only the first of equal elements.',
    examples: [
      ['distinct(["a", "b", "a"])', ['a', 'b']],
      ['distinct([{"a": 1, "b": 2}, {"b": 2, "a": 1}])', [{ a: 1, b: 2 }]],
    ],
  },
  {
    name: 'flatten',
    overloads: { 'flatten(list): list': (list: unknown[]) => list.flat() },
    sentence: 'The elements of the lists in a list, one level deep, as one list.',
    examples: [['flatten([[1, 2], [3], 4])', [1, 2, 3, 4]]],
  },
  {
    name: 'reverse',
    overloads: { 'reverse(list): list': (list: unknown[]) => list.toReversed() },
    sentence: 'The list from its end to its beginning.',
    examples: [['reverse([1, 2, 3])', [3, 2, 1]]],
  },
  {
    name: 'sort',
    overloads: { 'sort(list): list': (list: unknown[]) => list.toSorted(compare) },
    sentence: 'The list in ascending order; numbers by value, texts by code unit.',
    examples: [['sort([3, 1.5, 2])', [1.5, 2, 3]]],
  },
  {
    name: 'sort_by',
    overloads: {
      'sort_by(list, string): list': (rows: unknown[], name: string) => rows.toSorted((a, b) => compare(field(a, name), field(b, name))),
    },
    sentence: 'The rows in ascending order of the named field; equal ones keep their order.',
    examples: [['sort_by([{"n": 2}, {"n": 1}], "n")', [{ n: 1 }, { n: 2 }]]],
  },
  {
    name: 'group_by',
    overloads: { 'group_by(list, string): map': groupBy },
    sentence: 'A map from each value of the named field, as text, to the list of rows that have it.',
    examples: [['group_by([{"c": "DE"}, {"c": "FR"}, {"c": "DE"}], "c")', { DE: [{ c: 'DE' }, { c: 'DE' }], FR: [{ c: 'FR' }] }]],
  },
  {
    name: 'index_by',
    overloads: { 'index_by(list, string): map': indexBy },
    sentence: 'A map from each value of the named field, as text, to the row that has it; no two rows may have the same.',
    examples: [['index_by([{"id": 7, "name": "a"}], "id")["7"].name', 'a']],
  },
]

function distinct(list: unknown[]): unknown[] {
  const seen = new Set<string>()
  return list.filter((item) => {
    const key = canonicalJson(item)
    return seen.size !== seen.add(key).size
  })
}

function field(row: unknown, name: string): unknown {
  if (row !== null && typeof row === 'object' && Object.hasOwn(row, name)) return (row as Record<string, unknown>)[name]
  throw refused(`a row of the list has no field \`${name}\`; leave such rows out with \`.filter(r, has(r.${name}))\``)
}

function keyText(row: unknown, name: string): string {
  const value = field(row, name)
  if (typeof value === 'string') return value
  if (value !== null && typeof value !== 'object') return String(value)
  throw refused(`\`${name}\` of a row is no text, number, true or false and cannot be a key; leave such rows out with \`.filter\``)
}

function groupBy(rows: unknown[], name: string): Record<string, unknown[]> {
  const groups = new Map<string, unknown[]>()
  for (const row of rows) {
    const key = keyText(row, name)
    const group = groups.get(key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  return Object.fromEntries(groups)
}

function indexBy(rows: unknown[], name: string): Record<string, unknown> {
  const index = new Map<string, unknown>()
  for (const row of rows) {
    const key = keyText(row, name)
    if (index.has(key)) throw refused(`two rows have the same \`${name}\`; use group_by where that may be`)
    index.set(key, row)
  }
  return Object.fromEntries(index)
}
