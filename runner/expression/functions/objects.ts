import type { FunctionEntry } from './entry.ts'

type Fields = Record<string, unknown>

export const objectFunctions: FunctionEntry[] = [
  {
    name: 'merge',
    overloads: {
      'merge(map, map): map': (first: Fields, second: Fields) => fromEntries([...Object.entries(first), ...Object.entries(second)]),
    },
    sentence: 'A map with the fields of both; those of the second win.',
    examples: [['merge({"a": 1, "b": 1}, {"b": 2})', { a: 1, b: 2 }]],
  },
  {
    name: 'pick',
    overloads: {
      'pick(map, list): map': (map: Fields, names: unknown[]) => fromEntries(Object.entries(map).filter(([name]) => names.includes(name))),
    },
    sentence: 'A map with only the named fields; those that are missing are left out.',
    examples: [['pick({"a": 1, "b": 2}, ["a", "c"])', { a: 1 }]],
  },
  {
    name: 'without',
    overloads: {
      'without(map, list): map': (map: Fields, names: unknown[]) =>
        fromEntries(Object.entries(map).filter(([name]) => !names.includes(name))),
    },
    sentence: 'A map with all but the named fields.',
    examples: [['without({"a": 1, "b": 2}, ["a"])', { b: 2 }]],
  },
  {
    name: 'entries',
    overloads: { 'entries(map): list': (map: Fields) => Object.entries(map).map(([key, value]) => ({ key, value })) },
    sentence: 'A list with one `{ key, value }` for each field.',
    examples: [['entries({"a": 1})', [{ key: 'a', value: 1 }]]],
  },
]

const fromEntries = (entries: [string, unknown][]): Fields => Object.fromEntries(entries)
