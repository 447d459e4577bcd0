import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import createRecord from '../../../../connectors/dynamics365/actions/create-record.ts'
import { ConnectorError } from '../../../../runner/connector/index.ts'
import { runAction, type TestOrganization, testOrganization } from '../../../support/dynamics365.ts'

const test = suite<{ organization: TestOrganization }>('dynamics365.create_record')

test.before.each(async (context) => {
  context.organization = await testOrganization()
})
test.after.each(({ organization }) => organization.close())

const lost = () => new ConnectorError('transient', 'no_answer', 'The connection was closed.', { effect: 'unknown' })
const input = { table: 'account', values: { name: 'Once', telephone1: '1' } }

async function named(organization: TestOrganization, name: string): Promise<number> {
  const { rows } = await organization.client.api.page(`accounts?$select=name&$filter=${encodeURIComponent(`name eq '${name}'`)}`)
  return rows.length
}

async function code(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: { code: string }) => error.code,
  )
}

test('the id is ours, and the row is there', async ({ organization }) => {
  const { id } = await runAction<{ id: string }>(createRecord, organization.client, input)
  assert.is(id.slice(-12), Date.parse('2026-01-01T00:00:00Z').toString(16).padStart(12, '0'))
  const row = await organization.client.api.get(`accounts(${id})?$select=name,telephone1`)
  assert.is(row.name, 'Once')
})

test('a lost answer leads to one row', async ({ organization }) => {
  organization.intercept(async (request, send) => {
    const answer = await send(request)
    if (request.method === 'POST') throw lost()
    return answer
  })
  assert.is(await code(runAction(createRecord, organization.client, input)), 'no_answer')
  organization.intercept(undefined)
  organization.asked.length = 0
  const { id } = await runAction<{ id: string }>(createRecord, organization.client, input, { again: true })
  assert.is(await named(organization, 'Once'), 1)
  assert.not.ok(organization.asked.some((one) => one.startsWith('POST')))
  assert.equal(await runAction(createRecord, organization.client, input), { id })
})

test('a request that was lost on the way is sent again', async ({ organization }) => {
  organization.intercept(async (request, send) => {
    if (request.method === 'POST') throw lost()
    return send(request)
  })
  assert.is(await code(runAction(createRecord, organization.client, input)), 'no_answer')
  organization.intercept(undefined)
  await runAction(createRecord, organization.client, input, { again: true })
  assert.is(await named(organization, 'Once'), 1)
})

test('an id that the recipe gives may be taken: then only equal values after a lost answer mean done', async ({ organization }) => {
  const given = { table: 'account', values: { ...input.values, accountid: '5c1e0d4a-0000-4000-8000-00000000a001' } }
  await runAction(createRecord, organization.client, given)
  assert.is(await code(runAction(createRecord, organization.client, given)), 'duplicate_record')
  assert.is(await code(runAction(createRecord, organization.client, given, { again: true })), 'none')
  const other = { table: 'account', values: { ...given.values, name: 'Other' } }
  assert.is(await code(runAction(createRecord, organization.client, other, { again: true })), 'duplicate_record')
})

test('the key of another row is a duplicate', async ({ organization }) => {
  const numbered = (name: string) => ({ table: 'account', values: { name, accountnumber: 'A-17' } })
  await runAction(createRecord, organization.client, numbered('One'), { key: 'job-1/a' })
  assert.is(await code(runAction(createRecord, organization.client, numbered('Two'), { key: 'job-2/a' })), 'duplicate_record')
})

test.run()
