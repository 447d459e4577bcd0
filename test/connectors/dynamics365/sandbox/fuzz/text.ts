import fc from 'fast-check'

/** What has broken readers of text before: quotes, encodings, names of JavaScript and SQL, halves of characters, edges of numbers, depth and length. */
const fragments = [
  ...[
    "'",
    '"',
    "''",
    '`',
    '\\',
    '%',
    '%00',
    '%zz',
    '%25',
    '%2F',
    '%27',
    '%ED%A0%80',
    '+',
    '&',
    '=',
    '?',
    '#',
    ';',
    ',',
    ':',
    '@',
    '$',
    '*',
    '!',
  ],
  ...['(', ')', '()', '[', ']', '{', '}', '<', '>', '<!--', ']]>', '&lt;', '&#0;', '&x;', '..', '/', '//', '/../', '/./', '~', '|', '^'],
  ...['\0', '\x01', '\x1b', '\x7f', '\r', '\n', '\r\n', '\r\n\r\n', '\t', ' ', '\u00a0', '\u2028', '\ufeff', '\ufffe'],
  ...['\ud800', '\udc00', '\u{1f600}', 'İ', 'ß', 'ﬁ', 'e\u0301', '\u202e'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'then', 'toJSON', 'length'],
  ...['null', 'undefined', 'NaN', 'Infinity', '-INF', 'true', '0', '-0', '-1', '1e999', '1e-999', '0x10', '00', '1.', '.5', '1_0'],
  ...['2147483648', '-2147483649', '9007199254740993', '9223372036854775808', '-9223372036854775809', '9'.repeat(400)],
  ...['00000000-0000-0000-0000-000000000000', '{00000000-0000-0000-0000-000000000000}', '0001-01-01', '9999-12-31T23:59:59Z', '2026-02-30'],
  ...['+275760-09-13T00:00:00Z', '2026-01-01T25:61:61Z', "' or 1=1 --", '"; drop table account; --', '?1', ':name', '%_', '[a-'],
  ...['('.repeat(2_000), '['.repeat(2_000), '{"a":'.repeat(2_000), 'a'.repeat(5_000), "'".repeat(999), ' '.repeat(3_000), '$'.repeat(500)],
]

export const hostile: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...fragments) },
  { weight: 1, arbitrary: fc.string({ maxLength: 20 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 20, unit: 'binary' }) },
)

type Edit = { at: number; take: number; copy: boolean; put: string }

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.noBias(fc.double({ min: 0, max: 1, noNaN: true })),
  take: fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 8 }) }, { weight: 1, arbitrary: fc.nat({ max: 2_000 }) }),
  copy: fc.boolean(),
  put: fc.oneof(fc.constant(''), hostile),
})

/** Takes a piece out or doubles it, and puts something in. */
function apply(text: string, { at, take, copy, put }: Edit): string {
  const from = Math.floor(at * text.length)
  const piece = text.slice(from, from + take)
  return text.slice(0, from) + (copy ? piece + piece : '') + put + text.slice(from + take)
}

/** Text as it was made, or one time in eight damaged in up to three places. */
export function damaged(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const edits = fc.oneof(
    { weight: 7, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(edit, { minLength: 1, maxLength: 3 }) },
  )
  return fc.tuple(texts, edits).map(([text, all]) => all.reduce(apply, text))
}

/** One of some names, and now and then anything else. */
export function oneOf(names: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof({ weight: 40, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: hostile })
}

/** The first, and now and then one of the others. */
export function usually(good: string, ...others: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof({ weight: 20, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: fc.constantFrom(...others) })
}

/** Texts one after the other. */
export function sequence(...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> {
  return fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part))).map((texts) => texts.join(''))
}

export function joined(part: fc.Arbitrary<string>, separator: string, maxLength = 4, minLength = 1): fc.Arbitrary<string> {
  return fc.array(part, { minLength, maxLength }).map((parts) => parts.join(separator))
}

/** An address as it can stand in a request line: what cannot is percent-encoded. */
export function asAddress(text: string): string {
  return text.replaceAll(/[^!-~\x80-\xff]/gu, (character) => (character.isWellFormed() ? encodeURIComponent(character) : '%ED%A0%80'))
}
