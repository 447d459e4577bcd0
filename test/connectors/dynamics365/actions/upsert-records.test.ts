import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import searchRecords from '../../../../connectors/dynamics365/actions/search-records.ts'
import upsertRecords from '../../../../connectors/dynamics365/actions/upsert-records.ts'
import { ConnectorError, type Json, type JsonObject } from '../../../../runner/connector/index.ts'
import { runAction, type TestOrganization, testOrganization } from '../../../support/dynamics365.ts'

const test = suite<{ organization: TestOrganization }>('dynamics365.upsert_records')

test.before.each(async (context) => {
  context.organization = await testOrganization()
})
test.after.each(({ organization }) => organization.close())

interface Outcome {
  total: number
  succeeded: number
  failed: { index: number; code: string; status: number | null }[]
}

const rowsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ number: `N-${index}`, name: `Name ${index}` }))
const input = (rows: unknown[], more: JsonObject = {}) => ({
  table: 'account',
  key: ['accountnumber'],
  rows,
  values: (row: { number: string; name: unknown }) => ({ accountnumber: row.number, name: row.name }),
  ...more,
})
const batches = ({ asked }: TestOrganization) => asked.filter((one) => one.endsWith('$batch')).length

async function names(organization: TestOrganization): Promise<Record<string, unknown>> {
  const { records } = await runAction<{ records: JsonObject[] }>(searchRecords, organization.client, {
    table: 'account',
    columns: ['accountnumber', 'name'],
    filter: 'accountnumber ne null',
  })
  return Object.fromEntries(records.map((record) => [record.accountnumber, record.name]))
}

test('rows travel in batches of a hundred, and all arrive', async ({ organization }) => {
  const outcome = await runAction<Outcome>(upsertRecords, organization.client, input(rowsOf(1250)))
  assert.equal(outcome, { total: 1250, succeeded: 1250, failed: [] })
  assert.is(batches(organization), 13)
  const { records, count } = await runAction<{ records: JsonObject[]; count: number }>(searchRecords, organization.client, {
    table: 'account',
    columns: ['name'],
    order_by: ['createdon desc', 'name'],
    filter: "startswith(name,'Name ')",
  })
  assert.is(count, 1250)
  assert.is(new Set(records.map(({ accountid }) => accountid)).size, 1250)
  const few = await runAction<{ count: number }>(searchRecords, organization.client, { table: 'account', limit: 1100 })
  assert.is(few.count, 1100)
})

test('a row that comes again is written later: the last one holds', async ({ organization }) => {
  const rows = [...rowsOf(150), { number: 'N-3', name: 'Later' }, { number: 'n-3', name: 'Last' }]
  await runAction(upsertRecords, organization.client, input(rows))
  assert.is((await names(organization))['N-3'], 'Last')
})

test('bad rows fail alone, and are listed', async ({ organization }) => {
  const rows = rowsOf(120)
  const long = { number: 'long', name: 'x'.repeat(5_000) }
  const bad = [...rows.slice(0, 50), long, { number: '', name: 'no key' }, { number: 'n', name: 5 }, ...rows.slice(50)]
  try {
    await runAction(upsertRecords, organization.client, input(bad))
    assert.unreachable()
  } catch (thrown) {
    const error = thrown as ConnectorError
    assert.is(error.code, 'rows_failed')
    const { total, succeeded, failed, partial } = error.details as unknown as Outcome & { partial: boolean }
    assert.equal([total, succeeded, partial], [123, 120, true])
    assert.equal(
      failed.map(({ index, code, status }) => [index, code, status]),
      [
        [50, 'invalid_value', 400],
        [51, 'key_incomplete', null],
        [52, 'invalid_value', null],
      ],
    )
  }
  assert.is(Object.keys(await names(organization)).length, 120)
  const accepted = await runAction<Outcome>(upsertRecords, organization.client, input(bad, { accept_failed_rows: true }))
  assert.is(accepted.failed.length, 3)
})

test('an expression that fails on a row fails that row', async ({ organization }) => {
  const values = (row: { number: string; name: string }) => {
    if (row.number === 'N-1') throw Object.assign(new Error('`row.x` is missing.'), { code: 'expression_failed' })
    return { accountnumber: row.number, name: row.name }
  }
  const outcome = await runAction<Outcome>(upsertRecords, organization.client, {
    ...input(rowsOf(3), { accept_failed_rows: true }),
    values,
  })
  assert.equal(
    outcome.failed.map(({ index, code }) => [index, code]),
    [[1, 'expression_failed']],
  )
})

test('a mistake of the step is no failure of its rows', async ({ organization }) => {
  const values = (row: { number: string }) => ({ accountnumber: row.number, nmae: 'x' })
  try {
    await runAction(upsertRecords, organization.client, { ...input(rowsOf(3)), values })
    assert.unreachable()
  } catch (error) {
    assert.is((error as ConnectorError).code, 'unknown_column')
  }
  assert.is(batches(organization), 0)
})

test('a repeat goes on with the batches that were not finished', async ({ organization }) => {
  let saved: Json | undefined
  const progress = {
    get saved() {
      return saved
    },
    save: async (value: Json) => {
      saved = structuredClone(value)
    },
  }
  let sent = 0
  organization.intercept(async (request, send) => {
    if (request.url.endsWith('$batch') && ++sent > 3) throw new ConnectorError('transient', 'no_answer', 'Lost.', { effect: 'unknown' })
    return send(request)
  })
  try {
    await runAction(upsertRecords, organization.client, input(rowsOf(1000)), { progress })
    assert.unreachable()
  } catch (error) {
    assert.is((error as ConnectorError).code, 'no_answer')
  }
  organization.intercept(undefined)
  organization.asked.length = 0
  const outcome = await runAction<Outcome>(upsertRecords, organization.client, input(rowsOf(1000)), { progress, again: true })
  assert.equal(outcome, { total: 1000, succeeded: 1000, failed: [] })
  assert.is(batches(organization), 7)
  assert.is(Object.keys(await names(organization)).length, 1000)
})

test('rows that the server was too busy for are sent again after the time it asks for', async ({ organization }) => {
  let first = true
  organization.intercept(async (request, send) => {
    const answer = await send(request)
    if (!first || !request.url.endsWith('$batch')) return answer
    first = false
    return { ...answer, body: answer.body.replace('HTTP/1.1 204 No Content', 'HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7') }
  })
  const outcome = await runAction<Outcome>(upsertRecords, organization.client, input(rowsOf(5)))
  assert.is(outcome.succeeded, 5)
  assert.equal(organization.clock.slept, [7_000])
  assert.is(batches(organization), 2)
})

test('keys that cannot stand in a URL are found and written by id', async ({ organization }) => {
  const rows = [
    { number: 'a+1', name: 'One' },
    { number: 'b/2', name: 'Two' },
    { number: 'plain', name: 'Three' },
  ]
  await runAction(upsertRecords, organization.client, input(rows))
  await runAction(upsertRecords, organization.client, input([{ number: 'a+1', name: 'Again' }]), { key: 'job-2/step' })
  assert.equal(await names(organization), { 'a+1': 'Again', 'b/2': 'Two', plain: 'Three' })
})

test('the primary key works as a key', async ({ organization }) => {
  const id = '5c1e0d4a-0000-4000-8000-00000000a001'
  const byId = {
    table: 'account',
    key: ['accountid'],
    rows: [{ id, name: 'One' }],
    values: (row: { id: string; name: string }) => ({ accountid: row.id, name: row.name }),
  }
  await runAction(upsertRecords, organization.client, byId)
  assert.is((await organization.client.api.get(`accounts(${id})?$select=name`)).name, 'One')
})

test('no rows are no work', async ({ organization }) => {
  assert.equal(await runAction(upsertRecords, organization.client, input([])), { total: 0, succeeded: 0, failed: [] })
})

test.run()
