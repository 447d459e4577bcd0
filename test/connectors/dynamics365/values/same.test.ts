import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sameValue } from '../../../../connectors/dynamics365/values/same.ts'
import { parseJson } from '../../../../runner/connector/index.ts'

const test = suite('dynamics365 same value')

const exact = (digits: string) => (parseJson(`[${digits}]`) as unknown[])[0]

const same: [unknown, unknown][] = [
  [null, null],
  [1, 1.0],
  [exact('18450.5000000000'), 18450.5],
  [exact('12345678901234567.8900'), exact('12345678901234567.89')],
  ['2026-01-01T08:00:00Z', '2026-01-01T09:00:00+01:00'],
  ['2026-01-01T08:00:00.400Z', '2026-01-01T08:00:00Z'],
  [
    { table: 'account', id: 'AB', name: 'Old' },
    { table: 'account', id: 'ab', name: 'New' },
  ],
  [
    [1, 2],
    [2, 1],
  ],
]
const different: [unknown, unknown][] = [
  [null, 0],
  ['', null],
  [1, '1'],
  [exact('12345678901234567.89'), exact('12345678901234567.90001')],
  ['2026-01-01T08:00:00Z', '2026-01-01T08:00:01Z'],
  ['a', 'A'],
  [
    { table: 'account', id: 'a' },
    { table: 'account', id: 'b' },
  ],
  [{ table: 'account', id: 'a' }, null],
  [[1], [1, 2]],
]

test('equal in the server’s eyes', () => {
  for (const [a, b] of same) assert.ok(sameValue(a, b) && sameValue(b, a), JSON.stringify([a, b]))
})

test('different', () => {
  for (const [a, b] of different) assert.not.ok(sameValue(a, b) || sameValue(b, a), JSON.stringify([a, b]))
})

test.run()
