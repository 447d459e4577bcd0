import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harbor } from './contract/harbor.ts'
import { type Answer, base, type DataPlane, dataPlane } from './data-plane.ts'

const test = suite('$apply and views on the sandbox')

async function fleet(): Promise<DataPlane & { operator: string }> {
  const plane = dataPlane({ parts: [harbor], clock: () => new Date('2026-03-04T09:15:02Z') })
  const operator = await plane.create('accounts', { name: 'North Sea Lines' })
  const bind = { 'hrb_Operator@odata.bind': `/accounts(${operator})` }
  const rows = [
    { hrb_name: 'Petrel', hrb_class: 100000001, hrb_tonnage: 18450.5, hrb_rate: 1250, hrb_crewcount: 10, ...bind },
    { hrb_name: 'Gannet', hrb_class: 100000001, hrb_tonnage: 2, hrb_rate: 0.25, hrb_crewcount: 15, ...bind },
    { hrb_name: 'Auk', hrb_crewcount: 12 },
  ]
  for (const row of rows) await plane.create('hrb_vessels', row)
  return Object.assign(plane, { operator })
}

const apply = (plane: DataPlane, text: string, more = '', set = 'hrb_vessels'): Promise<Answer> =>
  plane.get(`${set}?$apply=${encodeURIComponent(text)}${more}`)

test('filters, groups and totals; a sum of decimals has ten digits behind the point', async () => {
  const plane = await fleet()
  const { status, text, body } = await apply(
    plane,
    "filter(hrb_crewcount gt 9 and hrb_name ne 'a)b')/groupby((hrb_class),aggregate($count as n,hrb_tonnage with sum as tons,hrb_crewcount with max as most))",
  )
  assert.is(status, 200, text)
  assert.is(body['@odata.context'], `${base}/$metadata#hrb_vessels`)
  assert.equal(body.value, [
    { n: 1, tons: 0, most: 12 },
    { hrb_class: 100000001, n: 2, tons: 18452.5, most: 15 },
  ])
  assert.match(text, '"tons":18452.5000000000')
})

test('money is exact, and a query without groups gives one row', async () => {
  const { body } = await apply(
    await fleet(),
    'aggregate(hrb_rate with sum as total,hrb_rate with average as mean,hrb_crewcount with min as least)',
  )
  assert.equal(body.value, [{ total: 1250.25, mean: 625.125, least: 10 }])
})

test('groups alone are distinct values; a path is named after the table it leads to', async () => {
  const plane = await fleet()
  assert.equal((await apply(plane, 'groupby((hrb_Operator/name))')).body.value, [{}, { account_name: 'North Sea Lines' }])
  const lookups = await apply(plane, 'groupby((_hrb_operator_value),aggregate($count as n))', '&$orderby=_hrb_operator_value desc')
  assert.equal(lookups.body.value, [{ _hrb_operator_value: plane.operator, n: 2 }, { n: 1 }])
})

test('what the service refuses', async () => {
  const plane = await fleet()
  const ordered = await apply(plane, 'groupby((hrb_class),aggregate($count as n))', '&$orderby=n desc')
  assert.is(ordered.status, 400)
  assert.is(ordered.body.error.message, 'The query node SingleValueOpenPropertyAccess is not supported')
  for (const text of [
    'aggregate(hrb_class with countdistinct as n)',
    'groupby((createdon))',
    'groupby((hrb_nothing))',
    'groupby((hrb_class)',
    'filter(hrb_crewcount gt 9',
    'aggregate(hrb_name with sum as n)',
    'aggregate($count as n,$count as n)',
    '',
  ])
    assert.is((await apply(plane, text)).status, 400, text)
  assert.is((await apply(plane, 'groupby((hrb_class))/filter(hrb_class gt 1)')).status, 501)
})

test('more than 50,000 rows are not evaluated', async () => {
  const plane = dataPlane({ parts: [harbor] })
  const { database } = plane.organization
  await plane.create('hrb_vessels', { hrb_name: 'Petrel', hrb_crewcount: 1 })
  const names = database.all('select name from pragma_table_info(?)', 'hrb_vessel').map(({ name }) => String(name))
  const copied = names.filter((name) => name !== 'hrb_vesselid').map((name) => `"${name}"`)
  const copy = (count: number) =>
    database.all(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
       insert into hrb_vessel (hrb_vesselid, ${copied.join(', ')}) select lower(hex(randomblob(16))), ${copied.join(', ')} from n, (select * from hrb_vessel limit 1)`,
      count,
    )
  copy(49_999)
  assert.equal((await apply(plane, 'aggregate(hrb_crewcount with sum as crew)')).body.value, [{ crew: 50_000 }])
  copy(1)
  assert.is((await apply(plane, 'aggregate(hrb_crewcount with sum as crew)')).body.error.code, '0x8004E023')
})

const viewId = async (plane: DataPlane, name: string): Promise<string> =>
  (await plane.get(`savedqueries?$select=name,savedqueryid&$filter=name eq '${name}'`)).body.value[0].savedqueryid

test('a saved view answers on its set and on a collection, without null columns', async () => {
  const plane = await fleet()
  const id = await viewId(plane, 'Active Accounts')
  const { body } = await plane.get(`accounts?savedQuery=${id}`)
  assert.equal(Object.keys(body.value[0]), ['@odata.etag', 'name', 'accountid'])
  assert.is(body.value[0].name, 'North Sea Lines')
  const contacts = await viewId(plane, 'Active Contacts')
  await plane.create('contacts', { lastname: 'Other' })
  await plane.create('contacts', { lastname: 'Berg', 'parentcustomerid_account@odata.bind': `/accounts(${plane.operator})` })
  const within = await plane.get(`accounts(${plane.operator})/contact_customer_accounts?savedQuery=${contacts}`)
  assert.equal(
    within.body.value.map((row: { fullname: string }) => row.fullname),
    ['Berg'],
  )
})

test('every view of the start can be read', async () => {
  const plane = await fleet()
  const sets = { 'My Active Accounts': 'accounts', 'Active Contacts': 'contacts', 'Open Opportunities': 'opportunities' }
  for (const [name, set] of Object.entries(sets)) {
    const { status, text } = await plane.get(`${set}?savedQuery=${await viewId(plane, name)}`)
    assert.is(status, 200, text)
  }
})

test('a personal view; a view of another table, and one that there is not', async () => {
  const plane = await fleet()
  const fetchxml = '<fetch><entity name="hrb_vessel"><attribute name="hrb_name"/><order attribute="hrb_name"/></entity></fetch>'
  const id = await plane.create('userqueries', { name: 'Fleet', returnedtypecode: 'hrb_vessel', fetchxml })
  const { body } = await plane.get(`hrb_vessels?userQuery=${id}`)
  assert.equal(
    body.value.map((row: { hrb_name: string }) => row.hrb_name),
    ['Auk', 'Gannet', 'Petrel'],
  )
  const other = await plane.get(`accounts?userQuery=${id}`)
  assert.equal([other.status, other.body.error.code], [400, '0x80041128'])
  assert.is((await plane.get(`hrb_vessels?savedQuery=${id}`)).status, 404)
  assert.is((await plane.get('hrb_vessels?savedQuery=x')).status, 400)
})

test.run()
