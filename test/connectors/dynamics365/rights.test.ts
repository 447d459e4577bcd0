import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { catalog } from '../../../connectors/catalog.ts'
import { needs, rights } from '../../../connectors/dynamics365/metadata/rights.ts'
import { type TestOrganization, testOrganization } from '../../support/dynamics365.ts'

const test = suite('dynamics365: rights, as the doctor asks for them')
let organization: TestOrganization
test.before(async () => {
  organization = await testOrganization()
})
test.after(async () => organization.close())

const look = (...uses: [operation: string, written: unknown][]) =>
  rights(
    organization.client,
    uses.map(([name, written]) => ({ name: `dynamics365.${name}`, written })),
    AbortSignal.timeout(30_000),
  )

test('every operation says what it needs', () => {
  const operations = Object.keys(catalog.dynamics365?.operations ?? {}).map((name) => name.slice('dynamics365.'.length))
  assert.equal(Object.keys(needs).sort(), operations.sort())
})

test('a table is looked at once, however many operations name it; nothing is written', async () => {
  await organization.client.api.create('contacts', { lastname: 'Petrel' })
  organization.asked.length = 0
  const findings = await look(
    ['record_created', { table: 'contact' }],
    ['update_record', { table: 'contact' }],
    ['delete_record', { table: 'contact' }],
  )
  assert.equal(findings, [{ result: 'ok', says: 'may read contact, and write and delete rows there, as far as one row tells' }])
  assert.is(organization.asked.filter((asked) => asked.startsWith('GET contacts?')).length, 1)
  assert.ok(
    organization.asked.every((asked) => asked.startsWith('GET ')),
    organization.asked.join(),
  )
})

test('a table that only a job will know is passed over; one that is not there is told', async () => {
  assert.equal(await look(['get_record', { table: '${{ trigger.table }}' }], ['get_record', undefined]), [])
  const [finding] = await look(['get_record', { table: 'contcat' }])
  assert.equal([finding?.result, finding?.code], ['failed', 'unknown_table'])
})

test('an organization that does not tell what a user may do is believed to be silent, not to refuse', async () => {
  organization.intercept((request, send) =>
    request.url.includes('RetrievePrincipalAccess')
      ? Promise.resolve({ status: 404, headers: {}, body: '{"error":{"code":"0x80060888","message":"No such function."}}' })
      : send(request),
  )
  const [finding] = await look(['create_record', { table: 'contact' }])
  organization.intercept(undefined)
  assert.equal(
    [finding?.result, finding?.says],
    ['ok', 'may read contact; whether it may create rows there cannot be told without doing it'],
  )
})

test.run()
