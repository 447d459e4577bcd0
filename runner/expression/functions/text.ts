import type { FunctionEntry } from './entry.ts'
import { refused } from './entry.ts'

export const textFunctions: FunctionEntry[] = [
  {
    name: 'lower',
    overloads: { 'string.lower(): string': (text: string) => text.toLowerCase() },
    sentence: 'The text in small letters.',
    examples: [['"GRÜN".lower()', 'grün']],
  },
  {
    name: 'upper',
    overloads: { 'string.upper(): string': (text: string) => text.toUpperCase() },
    sentence: 'The text in capital letters.',
    examples: [['"grün".upper()', 'GRÜN']],
  },
  {
    name: 'replace',
    overloads: {
      'string.replace(string, string): string': (text: string, search: string, by: string) => text.split(search).join(by),
    },
    sentence: 'The text with every occurrence of the first argument replaced by the second.',
    examples: [
      ['"a-b-c".replace("-", "/")', 'a/b/c'],
      ['"cost".replace("cost", "$&")', '$&'],
    ],
  },
  {
    name: 'find',
    overloads: { 'string.find(string): dyn': find },
    sentence: 'The first part of the text that the regular expression matches, or null; the part in its first group where it has one.',
    examples: [
      ['"Order 4711 of May".find("[0-9]+")', '4711'],
      ['"Order 4711".find("Order ([0-9]+)")', '4711'],
      ['"none".find("[0-9]+")', null],
    ],
  },
  {
    name: 'pad_start',
    overloads: { 'string.pad_start(number, string): string': padStart },
    sentence: 'The text, filled up in front to the given length.',
    examples: [['"42".pad_start(5, "0")', '00042']],
  },
]

function find(text: string, pattern: string): string | null {
  const match = regularExpression(pattern).exec(text)
  return match?.[1] ?? match?.[0] ?? null
}

function regularExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u')
  } catch (error) {
    throw refused(`the regular expression is not valid: ${(error as Error).message}`)
  }
}

const longestPadding = 10_000

function padStart(text: string, length: number, fill: string): string {
  if (length > longestPadding) throw refused(`a text is filled up to ${longestPadding} characters at most`)
  return text.padStart(length, fill)
}
