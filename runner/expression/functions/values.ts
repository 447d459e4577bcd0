import { createHash } from 'node:crypto'
import { Optional } from '@marcbachmann/cel-js'
import { isExactNumber, parseExact } from '../exact-number.ts'
import { absent } from '../types.ts'
import { toJson } from '../value.ts'
import type { FunctionEntry } from './entry.ts'
import { refused } from './entry.ts'

export const valueFunctions: FunctionEntry[] = [
  {
    name: 'coalesce',
    overloads: {
      'coalesce(dyn, dyn): dyn': coalesce,
      'coalesce(dyn, dyn, dyn): dyn': coalesce,
      'coalesce(dyn, dyn, dyn, dyn): dyn': coalesce,
    },
    sentence: 'The first value that is neither null nor absent, else null.',
    examples: [
      ['coalesce(null, "a")', 'a'],
      ['coalesce({"a": null}.?a, {"a": null}.?b, 3)', 3],
    ],
  },
  {
    name: 'json',
    overloads: { 'json(dyn): string': (value: unknown) => jsonText(value) },
    sentence: 'The value as JSON text.',
    examples: [['json({"a": [1, "x", null]})', '{"a":[1,"x",null]}']],
  },
  {
    name: 'parse_json',
    overloads: { 'parse_json(string): dyn': parseJson },
    sentence: 'The value that a JSON text holds, long numbers digit for digit.',
    examples: [['parse_json("{\\"a\\": [1]}").a[0]', 1]],
  },
  {
    name: 'hash',
    overloads: { 'hash(string): string': (text: string) => createHash('sha256').update(text).digest('hex') },
    sentence: 'SHA-256 of the text in UTF-8, as 64 hexadecimal digits.',
    examples: [['hash("abc")', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad']],
  },
  {
    name: 'uuid5',
    overloads: { 'uuid5(string, string): string': uuid5 },
    sentence: 'The UUID (version 5, RFC 9562) that always belongs to this namespace UUID and name.',
    examples: [['uuid5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com")', '2ed6657d-e927-568b-95e1-2665a8aea6a2']],
  },
]

function coalesce(...values: unknown[]): unknown {
  for (const value of values) {
    const present = value instanceof Optional ? value.orValue(null) : value
    if (present !== null) return present
  }
  return null
}

function jsonText(value: unknown): string {
  const json = toJson(value)
  if (json === absent) throw refused('an absent value has no JSON text; give a default with `.orValue(null)`')
  return JSON.stringify(json)
}

/** JSON text that is the same for equal values: fields in order of name, exact numbers by their digits. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(toJson(value), (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item) && !isExactNumber(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
}

function parseJson(text: string): unknown {
  try {
    return parseExact(text)
  } catch {
    throw refused('the text is not JSON')
  }
}

function uuid5(namespace: string, name: string): string {
  const hex = namespace.replaceAll('-', '')
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw refused('the namespace of uuid5 is a UUID, such as `6ba7b810-9dad-11d1-80b4-00c04fd430c8`')
  const bytes = createHash('sha1').update(Buffer.from(hex, 'hex')).update(name).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x50
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const digits = bytes.toString('hex')
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-')
}
