import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { toWire, type Use } from '../../../../connectors/dynamics365/values/write.ts'
import type { ConnectorError, JsonObject } from '../../../../runner/connector/index.ts'
import { type TestOrganization, testOrganization } from '../../../support/dynamics365.ts'

const test = suite('dynamics365 values')

let organization: TestOrganization
test.before(async () => {
  organization = await testOrganization()
})
test.after(() => organization.close())

const id = '5c1e0d4a-0000-4000-8000-00000000a001'

async function wire(table: string, values: JsonObject, use: Use = 'update'): Promise<string> {
  const { client } = organization
  return JSON.stringify(await toWire(client, await client.tables.get(table), values, use))
}

async function refused(table: string, values: JsonObject, use: Use = 'update'): Promise<ConnectorError> {
  try {
    await wire(table, values, use)
  } catch (error) {
    return error as ConnectorError
  }
  throw new Error(`not refused: ${JSON.stringify(values)}`)
}

test('texts, numbers, yes/no and times', async () => {
  assert.is(
    await wire('account', { name: 'A', revenue: 10.5, numberofemployees: 3, creditonhold: true, description: null }),
    '{"name":"A","revenue":10.5,"numberofemployees":3,"creditonhold":true,"description":null}',
  )
  assert.is(
    await wire('account', { lastusedincampaign: '2026-01-31T08:00:00+01:00' }),
    '{"lastusedincampaign":"2026-01-31T08:00:00+01:00"}',
  )
})

test('digits in a text reach a number column as they are', async () => {
  assert.is(await wire('account', { revenue: '12345678901234567.8900' }), '{"revenue":12345678901234567.8900}')
  assert.is(await wire('account', { revenue: '007' }), '{"revenue":7}')
})

test('lookups become binds, by id or key, also where they may point at several tables', async () => {
  assert.is(await wire('account', { primarycontactid: { table: 'contact', id } }), `{"primarycontactid@odata.bind":"/contacts(${id})"}`)
  assert.is(
    await wire('contact', { parentcustomerid: { table: 'account', key: { accountnumber: "O'Neil" } } }),
    `{"parentcustomerid_account@odata.bind":"/accounts(accountnumber='O''Neil')"}`,
  )
  assert.is(await wire('account', { ownerid: { table: 'systemuser', id } }), `{"ownerid@odata.bind":"/systemusers(${id})"}`)
  assert.is(await wire('account', { primarycontactid: null }), '{"primarycontactid@odata.bind":null}')
  assert.is(await wire('account', { primarycontactid: null }, 'create'), '{}')
})

test('a choice takes its number or its label', async () => {
  assert.is(await wire('account', { accountcategorycode: 1 }), '{"accountcategorycode":1}')
  assert.is(await wire('account', { accountcategorycode: 'Preferred Customer' }), '{"accountcategorycode":1}')
  const error = await refused('account', { accountcategorycode: 'Prefered' })
  assert.is(error.code, 'unknown_choice')
  assert.match(error.message, '`Preferred Customer` (1)')
})

test('a status brings its state along', async () => {
  assert.is(await wire('account', { statuscode: 2 }), '{"statuscode":2,"statecode":1}')
})

const mistakes: [string, JsonObject, Use, string][] = [
  ['account', { nmae: 'A' }, 'update', 'unknown_column'],
  ['account', { createdby: { table: 'systemuser', id } }, 'update', 'read_only_column'],
  ['account', { accountid: id }, 'update', 'read_only_column'],
  ['account', { name: 5 }, 'update', 'invalid_value'],
  ['account', { revenue: 'much' }, 'update', 'invalid_value'],
  ['account', { creditonhold: 'true' }, 'update', 'invalid_value'],
  ['account', { lastusedincampaign: '2026-01-31T08:00:00' }, 'update', 'invalid_value'],
  ['account', { lastusedincampaign: '2026-31-01' }, 'update', 'invalid_value'],
  ['account', { accountcategorycode: 1.5 }, 'update', 'invalid_value'],
  ['account', { primarycontactid: id }, 'update', 'invalid_value'],
  ['account', { primarycontactid: { table: 'account', id } }, 'update', 'invalid_lookup'],
  ['contact', { parentcustomerid: { id } }, 'update', 'invalid_lookup'],
  ['contact', { parentcustomerid: { table: 'account' } }, 'update', 'row_not_named'],
  ['contact', { parentcustomerid: { table: 'account', key: { name: 'x' } } }, 'update', 'unknown_key'],
  ['contact', { parentcustomerid: { table: 'account', key: { accountnumber: null } } }, 'update', 'key_incomplete'],
]
for (const [table, values, use, code] of mistakes) {
  test(`${JSON.stringify(values)} is ${code}`, async () => {
    const error = await refused(table, values, use)
    assert.is(error.code, code, error.message)
    assert.is(error.kind, 'rejected')
  })
}

test('a table is asked for once', async () => {
  organization.asked.length = 0
  await Promise.all([wire('lead', { lastname: 'A' }), wire('lead', { lastname: 'B' })])
  await wire('lead', { lastname: 'C' })
  assert.is(organization.asked.filter((one) => one.includes("EntityDefinitions(LogicalName='lead')")).length, 1)
})

test.run()
