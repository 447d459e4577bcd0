import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import recordCreated from '../../../../connectors/dynamics365/triggers/record-created.ts'
import { pollingRecipe } from '../../../support/dynamics365.ts'
import { FakeTable } from './fake-table.ts'

const test = suite('dynamics365.record_created')

const input = { table: 'account', columns: ['name'] }

function harbor(count = 3) {
  const table = new FakeTable()
  for (let number = 1; number <= count; number++)
    table.put(`a${number}`, { name: `Account ${number}`, statecode: 0 }, `2026-01-01T00:00:0${number}Z`)
  return { table, recipe: pollingRecipe(recordCreated, table.client()) }
}

const ids = (events: { record: Record<string, unknown> }[]) => events.map(({ record }) => record.accountid)

test('rows that are there at first are not new, even within the overlap', async () => {
  const { table, recipe } = harbor()
  assert.equal(await recipe.poll(input), [])
  table.put('a4', { name: 'New' }, '2026-01-01T00:00:05Z')
  const events = await recipe.poll(input)
  assert.equal(ids(events), ['a4'])
  assert.equal(events[0]?.record, { accountid: 'a4', name: 'New' })
  assert.is(events[0]?.time, '2026-01-01T00:00:05Z')
  assert.equal(await recipe.poll(input), [])
})

test('since beginning, all rows are new, oldest first', async () => {
  const { recipe } = harbor()
  assert.equal(ids(await recipe.poll(input, { since: 'beginning' })), ['a1', 'a2', 'a3'])
  assert.equal(await recipe.poll(input, { since: 'beginning' }), [])
})

test('a row committed late, with an earlier time, is not missed', async () => {
  const { table, recipe } = harbor()
  await recipe.poll(input)
  table.put('a5', { name: 'Five' }, '2026-01-01T00:10:00Z')
  await recipe.poll(input)
  table.put('a4', { name: 'Four' }, '2026-01-01T00:09:00Z')
  assert.equal(ids(await recipe.poll(input)), ['a4'])
})

test('in an empty table the first row is new', async () => {
  const { table, recipe } = harbor(0)
  assert.equal(await recipe.poll(input), [])
  table.put('a1', { name: 'First' })
  assert.equal(ids(await recipe.poll(input)), ['a1'])
})

test('a poll that was cut short goes on', async () => {
  const { recipe } = harbor(5)
  const first = await recipe.poll(input, { since: 'beginning', pages: 1 })
  const second = await recipe.poll(input, { since: 'beginning' })
  assert.equal([...ids(first), ...ids(second)], ['a1', 'a2', 'a3', 'a4', 'a5'])
})

test('a baseline that was cut short does not swallow rows created since', async () => {
  const { table, recipe } = harbor(5)
  await recipe.poll(input, { pages: 1 })
  table.put('a6', { name: 'New' }, '2026-01-01T00:00:09Z')
  assert.equal(await recipe.poll(input), [])
  assert.equal(ids(await recipe.poll(input)), ['a6'])
})

test('an update is not news, and the filter chooses', async () => {
  const { table, recipe } = harbor()
  const open = { ...input, filter: 'statecode eq 0' }
  await recipe.poll(open)
  table.put('a1', { name: 'Renamed' }, '2026-01-01T00:00:30Z')
  table.put('a7', { name: 'Closed', statecode: 1 }, '2026-01-01T00:00:31Z')
  table.put('a8', { name: 'Open', statecode: 0 }, '2026-01-01T00:00:32Z')
  assert.equal(ids(await recipe.poll(open)), ['a8'])
})

test('a poll looks no further than its end', async () => {
  const { recipe } = harbor(5)
  const until = new Date('2026-01-01T00:00:01Z')
  assert.equal(ids(await recipe.poll(input, { since: 'beginning', until })), ['a1', 'a2'])
})

test.run()
