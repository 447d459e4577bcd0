import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import deleteRecord from '../../../../connectors/dynamics365/actions/delete-record.ts'
import getRecord from '../../../../connectors/dynamics365/actions/get-record.ts'
import updateRecord from '../../../../connectors/dynamics365/actions/update-record.ts'
import upsertRecord from '../../../../connectors/dynamics365/actions/upsert-record.ts'
import { ConnectorError, type JsonObject } from '../../../../runner/connector/index.ts'
import { runAction, type TestOrganization, testOrganization } from '../../../support/dynamics365.ts'

const test = suite<{ organization: TestOrganization }>('dynamics365 one record')

const id = '5c1e0d4a-0000-4000-8000-00000000a001'

test.before.each(async (context) => {
  context.organization = await testOrganization()
  await context.organization.client.api.create('accounts', {
    accountid: id,
    name: 'North Sea Lines',
    accountnumber: 'A-17',
    telephone1: '1',
  })
  context.organization.asked.length = 0
})
test.after.each(({ organization }) => organization.close())

async function code(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: { code: string }) => error.code,
  )
}

const writes = ({ asked }: TestOrganization) => asked.filter((one) => /^(POST|PATCH)/.test(one)).length

test('get: by id and by key, lookups as references', async ({ organization }) => {
  const { client } = organization
  await client.api.create('contacts', { lastname: 'Byron', 'parentcustomerid_account@odata.bind': `/accounts(${id})` })
  const account = await runAction<JsonObject>(getRecord, client, {
    table: 'account',
    key: { accountnumber: 'A-17' },
    columns: ['name', 'statecode'],
  })
  assert.equal(account, { accountid: id, name: 'North Sea Lines', statecode: 0 })
  const { rows } = await client.api.page(`contacts?$select=contactid&$filter=${encodeURIComponent("lastname eq 'Byron'")}`)
  const contact = await runAction<JsonObject>(getRecord, client, {
    table: 'contact',
    id: rows[0]?.contactid,
    columns: ['parentcustomerid', 'masterid'],
  })
  assert.equal(contact, {
    contactid: rows[0]?.contactid,
    parentcustomerid: { table: 'account', id, name: 'North Sea Lines' },
    masterid: null,
  })
})

test('get: a missing row fails, or is null', async ({ organization: { client } }) => {
  for (const name of [
    { id: '5c1e0d4a-0000-4000-8000-00000000ffff' },
    { key: { accountnumber: 'no' } },
    { key: { accountnumber: 'a+b' } },
  ]) {
    assert.is(await code(runAction(getRecord, client, { table: 'account', ...name })), 'record_not_found')
    assert.is(await runAction(getRecord, client, { table: 'account', ...name, if_missing: null }), null)
  }
})

test('names that the organization does not know are refused with the nearest', async ({ organization: { client } }) => {
  for (const [input, expected, hint] of [
    [{ table: 'acount', id }, 'unknown_table', '`account`'],
    [{ table: 'accounts', id }, 'unknown_table', '`account`'],
    [{ table: 'account', id, columns: ['nmae'] }, 'unknown_column', '`name`'],
    [{ table: 'account', key: { name: 'x' } }, 'unknown_key', '[accountnumber]'],
    [{ table: 'account', id: 'no guid' }, 'invalid_id', 'GUID'],
  ] as const) {
    try {
      await runAction(getRecord, client, input)
      assert.unreachable(expected)
    } catch (error) {
      assert.is((error as ConnectorError).code, expected)
      assert.ok((error as ConnectorError).message.includes(hint), (error as ConnectorError).message)
    }
  }
})

test('update: by id and by key', async ({ organization: { client } }) => {
  assert.equal(await runAction(updateRecord, client, { table: 'account', id, values: { telephone1: '2' } }), { id })
  assert.equal(await runAction(updateRecord, client, { table: 'account', key: { accountnumber: 'A-17' }, values: { telephone1: null } }), {
    id,
  })
  const row = await client.api.get(`accounts(${id})?$select=telephone1`)
  assert.is(row.telephone1, null)
})

test('update: never creates', async ({ organization: { client } }) => {
  const missing = '5c1e0d4a-0000-4000-8000-00000000ffff'
  assert.is(await code(runAction(updateRecord, client, { table: 'account', id: missing, values: { telephone1: '2' } })), 'record_not_found')
  assert.is(await code(client.api.get(`accounts(${missing})`)), 'record_not_found')
})

test('update: after a lost answer, values that are there are not written again', async ({ organization }) => {
  const input = { table: 'account', id, values: { telephone1: '2', revenue: 10.5, creditonhold: true, primarycontactid: null } }
  organization.intercept(async (request, send) => {
    const answer = await send(request)
    if (request.method === 'PATCH') throw new ConnectorError('transient', 'no_answer', 'Lost.', { effect: 'unknown' })
    return answer
  })
  assert.is(await code(runAction(updateRecord, organization.client, input)), 'no_answer')
  organization.intercept(undefined)
  assert.is(writes(organization), 1)
  assert.equal(await runAction(updateRecord, organization.client, input, { again: true }), { id })
  assert.is(writes(organization), 1)
  await runAction(updateRecord, organization.client, { ...input, values: { telephone1: '3' } }, { again: true })
  assert.is(writes(organization), 2)
})

test('upsert: creates, then updates', async ({ organization: { client } }) => {
  const input = { table: 'account', key: { accountnumber: 'B-1' }, values: { name: 'New', accountnumber: 'B-1' } }
  const first = await runAction<{ id: string; created: boolean }>(upsertRecord, client, input)
  assert.is(first.created, true)
  assert.equal(await runAction(upsertRecord, client, input), { id: first.id, created: false })
  assert.equal(await runAction(upsertRecord, client, input, { again: true }), { id: first.id })
  assert.equal(await runAction(upsertRecord, client, { table: 'account', id, values: { name: 'Renamed' } }), { id, created: false })
})

test('upsert: a key that cannot stand in a URL is found and written by id', async ({ organization: { client } }) => {
  for (const accountnumber of ['a+b', 'a/b', "50% & <more>'s"]) {
    const input = (name: string) => ({ table: 'account', key: { accountnumber }, values: { name } })
    const first = await runAction<{ id: string; created: boolean }>(upsertRecord, client, input('One'), { key: `job/${accountnumber}` })
    assert.is(first.created, true, accountnumber)
    assert.equal(await runAction(upsertRecord, client, input('Two'), { key: 'job/other' }), { id: first.id, created: false })
    const row = await runAction<JsonObject>(getRecord, client, {
      table: 'account',
      key: { accountnumber },
      columns: ['name', 'accountnumber'],
    })
    assert.equal(row, { accountid: first.id, name: 'Two', accountnumber })
  }
})

test('delete: a row that is gone counts as deleted only after a lost answer', async ({ organization: { client } }) => {
  const input = { table: 'account', key: { accountnumber: 'A-17' } }
  assert.equal(await runAction(deleteRecord, client, input), { deleted: true })
  assert.is(await code(client.api.get(`accounts(${id})`)), 'record_not_found')
  assert.is(await code(runAction(deleteRecord, client, input)), 'record_not_found')
  assert.equal(await runAction(deleteRecord, client, input, { again: true }), { deleted: true })
})

test.run()
