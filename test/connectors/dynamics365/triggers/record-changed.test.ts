import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import recordChanged from '../../../../connectors/dynamics365/triggers/record-changed.ts'
import type { TriggerEvent } from '../../../../runner/connector/index.ts'
import { pollingRecipe } from '../../../support/dynamics365.ts'
import { FakeTable } from './fake-table.ts'

const test = suite('dynamics365.record_changed')

const input = { table: 'account', columns: ['name', 'statecode'] }
const short = (events: TriggerEvent[]) => events.map(({ change, record }) => `${change} ${record.accountid}`)

function harbor(count = 3) {
  const table = new FakeTable()
  for (let number = 1; number <= count; number++) table.put(`a${number}`, { name: `Account ${number}`, statecode: 0, telephone1: null })
  return { table, recipe: pollingRecipe(recordChanged, table.client()) }
}

async function code(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'none'
  } catch (error) {
    return (error as { code: string }).code
  }
}

test('a first poll remembers what is there and yields nothing', async () => {
  const { recipe } = harbor()
  assert.equal(await recipe.poll(input), [])
  assert.equal([...recipe.rows.keys()], ['a1', 'a2', 'a3'])
  assert.equal(await recipe.poll(input), [])
})

test('since beginning, what is there was created', async () => {
  const { recipe } = harbor()
  const events = await recipe.poll(input, { since: 'beginning' })
  assert.equal(short(events), ['created a1', 'created a2', 'created a3'])
  assert.equal(events[0]?.record, { accountid: 'a1', name: 'Account 1', statecode: 0 })
  assert.equal(events[0]?.labels, { statecode: 'Active' })
  assert.is(events[0]?.orderKey, 'account/a1')
  assert.equal(await recipe.poll(input, { since: 'beginning' }), [])
})

test('created, updated and deleted rows are told apart, with the values as they were', async () => {
  const { table, recipe } = harbor()
  await recipe.poll(input)
  table.put('a4', { name: 'New', statecode: 0 })
  table.put('a1', { name: 'Renamed' }, '2026-01-02T00:00:00Z')
  table.delete('a2')
  const events = await recipe.poll(input)
  assert.equal(short(events).toSorted(), ['created a4', 'deleted a2', 'updated a1'])
  const updated = events.find(({ change }) => change === 'updated')
  assert.equal(updated?.before, { accountid: 'a1', name: 'Account 1', statecode: 0 })
  assert.is(updated?.record.name, 'Renamed')
  assert.is(updated?.time, '2026-01-02T00:00:00Z')
  assert.equal(events.find(({ change }) => change === 'deleted')?.record, { accountid: 'a2', name: 'Account 2', statecode: 0 })
  assert.is(new Set(events.map(({ id }) => id)).size, 3)
  assert.equal(await recipe.poll(input), [])
})

test('two updates are two events, a row unchanged in the watched columns is none', async () => {
  const { table, recipe } = harbor()
  await recipe.poll(input)
  table.put('a1', { telephone1: '1' })
  assert.equal(await recipe.poll(input), [])
  table.put('a1', { name: 'B' })
  const [first] = await recipe.poll(input)
  table.put('a1', { name: 'C' })
  const [second] = await recipe.poll(input)
  assert.is.not(first?.id, second?.id)
  assert.is(second?.before?.name, 'B')
})

test('a row created and deleted between two polls is nobody’s business', async () => {
  const { table, recipe } = harbor()
  await recipe.poll(input)
  table.put('a9', { name: 'Short', statecode: 0 })
  table.delete('a9')
  assert.equal(await recipe.poll(input), [])
})

test('changes and when_changed choose', async () => {
  const { table, recipe } = harbor()
  const choosy = { ...input, changes: ['updated'], when_changed: ['statecode'] }
  await recipe.poll(choosy)
  table.put('a1', { name: 'Renamed' })
  table.put('a2', { statecode: 1 })
  table.put('a4', { name: 'New', statecode: 0 })
  table.delete('a3')
  assert.equal(short(await recipe.poll(choosy)), ['updated a2'])
})

test('without columns every update counts', async () => {
  const { table, recipe } = harbor()
  await recipe.poll({ table: 'account' })
  table.put('a1', { telephone1: '1' })
  assert.equal(short(await recipe.poll({ table: 'account' })), ['updated a1'])
})

test('a baseline that was cut short goes on with its next page', async () => {
  const { table, recipe } = harbor(5)
  await recipe.poll(input, { since: 'beginning', pages: 1 })
  table.asked.length = 0
  const events = await recipe.poll(input, { since: 'beginning' })
  assert.equal(short(events), ['created a3', 'created a4', 'created a5'])
  assert.match(table.asked.at(-2) ?? '', 'skiptoken')
})

test('an expired delta token loses nothing: rows are compared with the snapshot', async () => {
  const { table, recipe } = harbor(5)
  await recipe.poll(input)
  table.put('a1', { name: 'Renamed' })
  table.put('a6', { name: 'New', statecode: 0 })
  table.delete('a2')
  table.delete('a5')
  table.expire()
  assert.equal(short(await recipe.poll(input)).toSorted(), ['created a6', 'deleted a2', 'deleted a5', 'updated a1'])
  assert.equal([...recipe.rows.keys()].toSorted(), ['a1', 'a3', 'a4', 'a6'])
  table.put('a3', { name: 'Later' })
  assert.equal(short(await recipe.poll(input)), ['updated a3'])
})

test('the same, when the process dies after each page', async () => {
  const { table, recipe } = harbor(5)
  await recipe.poll(input)
  table.put('a1', { name: 'Renamed' })
  table.delete('a2')
  table.delete('a5')
  table.expire()
  const events: TriggerEvent[] = []
  for (let times = 0; times < 8; times++) events.push(...(await recipe.poll(input, { pages: 1 })))
  assert.equal(short(events).toSorted(), ['deleted a2', 'deleted a5', 'updated a1'])
})

test('a silent baseline whose link expired starts again, silently', async () => {
  const { table, recipe } = harbor(5)
  await recipe.poll(input, { pages: 1 })
  table.expire()
  assert.equal(await recipe.poll(input), [])
  assert.is(recipe.rows.size, 5)
})

test('other columns start a silent new baseline that forgets what is gone', async () => {
  const { table, recipe } = harbor()
  await recipe.poll(input)
  table.put('a1', { name: 'Renamed' })
  table.delete('a2')
  const wider = { ...input, columns: ['name', 'telephone1'] }
  assert.equal(await recipe.poll(wider), [])
  assert.equal([...recipe.rows.keys()], ['a1', 'a3'])
  table.put('a1', { telephone1: '1' })
  assert.equal(short(await recipe.poll(wider)), ['updated a1'])
})

test('the order of columns does not matter', async () => {
  const { table, recipe } = harbor()
  await recipe.poll(input)
  table.put('a1', { name: 'Renamed' })
  assert.equal(short(await recipe.poll({ ...input, columns: ['statecode', 'name'] })), ['updated a1'])
})

test('the cursor belongs to its organization, not to its host', async () => {
  const { table, recipe } = harbor()
  await recipe.poll(input)
  const moved = new FakeTable()
  for (const [id, row] of table.rows) moved.rows.set(id, row)
  moved.host = 'harbor.crm.dynamics.com'
  const client = moved.client()
  assert.equal(await recipe.poll(input, { client }), [])
  moved.organization = 'dd000000-0000-4000-8000-000000000002'
  moved.host = 'other.crm.dynamics.com'
  assert.is(await code(recipe.poll(input, { client: moved.client() })), 'cursor_of_other_organization')
})

test('who we are is asked on the first poll only', async () => {
  const { table, recipe } = harbor()
  for (let times = 0; times < 3; times++) await recipe.poll(input)
  assert.is(table.asked.filter((url) => url === 'WhoAmI()').length, 1)
})

test('fields that exclude each other are refused', async () => {
  const { table, recipe } = harbor()
  const refused = [
    { ...input, filter: 'statecode eq 0' },
    { ...input, method: 'modified_on', filter: 'statecode eq 0', when_changed: ['name'] },
    { ...input, method: 'modified_on', changes: ['deleted'] },
  ]
  for (const one of refused) assert.is(await code(recipe.poll(one)), 'invalid_trigger')
  assert.is(await code(recipe.poll({ ...input, columns: ['nmae'] })), 'unknown_column')
  assert.is(await code(recipe.poll({ table: 'account', when_changed: ['nmae'] })), 'unknown_column')
  table.changeTracking = false
  const untracked = pollingRecipe(recordChanged, table.client())
  assert.is(await code(untracked.poll({ ...input, method: 'change_tracking' })), 'change_tracking_off')
})

const byTime = { ...input, method: 'modified_on' }

test('modified_on: a silent baseline, then created and updated rows once each', async () => {
  const { table, recipe } = harbor()
  assert.equal(await recipe.poll(byTime), [])
  table.put('a1', { name: 'Renamed' }, '2026-01-01T00:00:10Z')
  table.put('a4', { name: 'New', statecode: 0 }, '2026-01-01T00:00:20Z')
  const events = await recipe.poll(byTime)
  assert.equal(short(events), ['updated a1', 'created a4'])
  assert.is(events[0]?.before?.name, 'Account 1')
  assert.equal(await recipe.poll(byTime), [])
})

test('modified_on: a row that was committed late is not missed', async () => {
  const { table, recipe } = harbor()
  await recipe.poll(byTime)
  table.put('a1', { name: 'First' }, '2026-01-01T00:05:00Z')
  assert.equal(short(await recipe.poll(byTime)), ['updated a1'])
  table.put('a2', { name: 'Late' }, '2026-01-01T00:04:00Z')
  assert.equal(short(await recipe.poll(byTime)), ['updated a2'])
})

test('modified_on: is taken where the table has no change tracking, and kept', async () => {
  const { table } = harbor()
  table.changeTracking = false
  const recipe = pollingRecipe(recordChanged, table.client())
  await recipe.poll(input)
  table.changeTracking = true
  const later = table.client()
  table.put('a1', { name: 'Renamed' }, '2026-01-01T00:00:10Z')
  assert.equal(short(await recipe.poll(input, { client: later })), ['updated a1'])
  assert.is((recipe.cursor as { method: string }).method, 'modified_on')
})

test('modified_on: with a filter, an old row that begins to match was updated, not created', async () => {
  const { table, recipe } = harbor()
  table.put('a0', { name: 'Old', statecode: 1 }, '2025-06-01T00:00:00Z')
  const open = { ...byTime, filter: 'statecode eq 0' }
  await recipe.poll(open)
  table.put('a0', { statecode: 0 }, '2026-01-02T00:00:00Z')
  table.put('a5', { name: 'New', statecode: 0 }, '2026-01-02T00:00:01Z')
  const events = await recipe.poll(open)
  assert.equal(short(events), ['updated a0', 'created a5'])
})

test('modified_on: a baseline that was cut short stays silent', async () => {
  const { recipe } = harbor(5)
  await recipe.poll(byTime, { pages: 1 })
  assert.equal(await recipe.poll(byTime), [])
  assert.is(recipe.rows.size, 5)
})

test.run()
