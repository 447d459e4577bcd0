import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { roundsOfChunks } from '../../../../connectors/dynamics365/bulk/chunks.ts'
import { pool } from '../../../../connectors/dynamics365/bulk/pool.ts'
import type { BulkRow } from '../../../../connectors/dynamics365/bulk/row.ts'

const test = suite('dynamics365 chunks')

const rowsOf = (identities: string[]): BulkRow[] =>
  identities.map((identity, index) => ({ index, identity, key: { parts: [], address: identity }, body: {}, keyValues: {} }))

test('every row is sent once, no round holds a key twice, and repeats keep their order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 40 }),
      fc.integer({ min: 1, max: 4 }),
      (identities, size) => {
        const rounds = roundsOfChunks(rowsOf(identities), size)
        const sent = rounds.flat(2)
        assert.equal(
          sent.map(({ index }) => index).toSorted((a, b) => a - b),
          identities.map((_, index) => index),
        )
        for (const chunks of rounds) {
          assert.ok(chunks.every((chunk) => chunk.length > 0 && chunk.length <= size))
          const keys = chunks.flat().map(({ identity }) => identity)
          assert.is(new Set(keys).size, keys.length)
        }
        for (const key of new Set(identities)) {
          const order = sent.filter(({ identity }) => identity === key).map(({ index }) => index)
          assert.equal(
            order,
            order.toSorted((a, b) => a - b),
          )
        }
      },
    ),
  )
})

test('rows without repeats fill their chunks', () => {
  const rounds = roundsOfChunks(rowsOf(Array.from({ length: 250 }, (_, index) => `k${index}`)), 100)
  assert.equal(
    rounds.map((chunks) => chunks.map((chunk) => chunk.length)),
    [[100, 100, 50]],
  )
})

test('a pool does at most so many at once, and after a failure ends what is under way', async () => {
  const started: number[] = []
  const ended: number[] = []
  let most = 0
  const work = async (item: number) => {
    started.push(item)
    most = Math.max(most, started.length - ended.length)
    await new Promise<void>((resolve) => setImmediate(resolve))
    ended.push(item)
    if (item === 2) throw new Error('two')
  }
  try {
    await pool([1, 2, 3, 4, 5, 6], 2, work)
    assert.unreachable()
  } catch (error) {
    assert.is((error as Error).message, 'two')
  }
  assert.is(most, 2)
  assert.equal(started, ended)
  assert.ok(started.length < 6)
})

test.run()
