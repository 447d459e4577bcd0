import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import upsertRecords from '../../../../connectors/dynamics365/actions/upsert-records.ts'
import recordChanged from '../../../../connectors/dynamics365/triggers/record-changed.ts'
import recordCreated from '../../../../connectors/dynamics365/triggers/record-created.ts'
import type { TriggerEvent } from '../../../../runner/connector/index.ts'
import { pollingRecipe, runAction, type TestOrganization, testOrganization } from '../../../support/dynamics365.ts'

/** The triggers against the sandbox: what the fake table of the other files takes for granted is held by the wire here. */
const test = suite<{ organization: TestOrganization }>('dynamics365 polling')

const a1 = '5c1e0d4a-0000-4000-8000-00000000a001'
const a2 = '5c1e0d4a-0000-4000-8000-00000000a002'
const a3 = '5c1e0d4a-0000-4000-8000-00000000a003'

test.before.each(async (context) => {
  context.organization = await testOrganization()
  const { api } = context.organization.client
  await api.create('accounts', { accountid: a1, name: 'One', revenue: 1250.5 })
  await api.create('accounts', { accountid: a2, name: 'Two', 'parentaccountid@odata.bind': `/accounts(${a1})` })
})
test.after.each(({ organization }) => organization.close())

const short = (events: TriggerEvent[]) => events.map(({ change, record }) => `${change} ${record.name}`).toSorted()

async function oneOfEach({ client: { api } }: TestOrganization): Promise<void> {
  await api.create('accounts', { accountid: a3, name: 'Three' })
  await api.update(`accounts(${a2})`, { name: 'Zwei', 'parentaccountid@odata.bind': null })
}

test('record_changed by change tracking', async ({ organization }) => {
  const recipe = pollingRecipe(recordChanged, organization.client)
  const input = { table: 'account', columns: ['name', 'revenue', 'parentaccountid', 'statecode'] }
  assert.equal(await recipe.poll(input), [])
  await oneOfEach(organization)
  await organization.client.api.delete(`accounts(${a1})`)
  const events = await recipe.poll(input)
  assert.equal(short(events), ['created Three', 'deleted One', 'updated Zwei'])
  const updated = events.find(({ change }) => change === 'updated')
  assert.equal(updated?.before?.parentaccountid, { table: 'account', id: a1, name: 'One' })
  assert.equal(updated?.record, { accountid: a2, name: 'Zwei', revenue: null, parentaccountid: null, statecode: 0 })
  assert.equal(updated?.labels, { statecode: 'Active' })
  assert.is(events.find(({ change }) => change === 'deleted')?.record.revenue, 1250.5)
  assert.is((recipe.cursor as { method: string }).method, 'change_tracking')
  assert.equal(await recipe.poll(input), [])
})

test('record_changed by time', async ({ organization }) => {
  const recipe = pollingRecipe(recordChanged, organization.client)
  const input = { table: 'account', columns: ['name'], method: 'modified_on', filter: 'statecode eq 0' }
  assert.equal(await recipe.poll(input), [])
  await oneOfEach(organization)
  assert.equal(short(await recipe.poll(input)), ['created Three', 'updated Zwei'])
  assert.equal(await recipe.poll(input), [])
})

test('record_created', async ({ organization }) => {
  const recipe = pollingRecipe(recordCreated, organization.client)
  const input = { table: 'account', columns: ['name'], filter: 'statecode eq 0' }
  assert.equal(await recipe.poll(input), [])
  await oneOfEach(organization)
  assert.equal(short(await recipe.poll(input)), ['created Three'])
  assert.equal(await recipe.poll(input), [])
})

test('many rows come page by page, and a poll that was cut short goes on', async ({ organization }) => {
  const rows = Array.from({ length: 2_500 }, (_, index) => ({ accountnumber: `N-${index}`, name: `Name ${index}` }))
  await runAction(upsertRecords, organization.client, { table: 'account', key: ['accountnumber'], rows, values: (row: unknown) => row })
  for (const [trigger, input] of [
    [recordChanged, { table: 'account', columns: ['name'] }],
    [recordChanged, { table: 'account', columns: ['name'], method: 'modified_on' }],
    [recordCreated, { table: 'account', columns: ['name'] }],
  ] as const) {
    const recipe = pollingRecipe(trigger, organization.client)
    const first = await recipe.poll(input, { since: 'beginning', pages: 1 })
    assert.is(first.length, 1_000)
    const rest = await recipe.poll(input, { since: 'beginning' })
    assert.is(new Set([...first, ...rest].map(({ id }) => id)).size, 2_502)
  }
})

test.run()
