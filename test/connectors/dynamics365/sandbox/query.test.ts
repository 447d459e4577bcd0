import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Body, base, type DataPlane, dataPlane, someId } from './data-plane.ts'

const test = suite('queries on the sandbox')
const everything = { prefer: 'odata.include-annotations="*"' }

async function fleet(): Promise<DataPlane & { ids: Record<string, string> }> {
  const plane = dataPlane({ clock: () => new Date('2026-03-04T09:15:02Z') })
  const ids: Record<string, string> = {}
  ids.Ada = await plane.create('contacts', { firstname: 'Ada', lastname: 'Byron', emailaddress1: 'ada@x.example', birthdate: '1815-12-10' })
  ids.Alpha = await plane.create('accounts', {
    name: 'Alpha',
    accountnumber: 'A',
    revenue: 100.5,
    numberofemployees: 10,
    industrycode: 1,
    'primarycontactid@odata.bind': `/contacts(${ids.Ada})`,
  })
  ids.Beta = await plane.create('accounts', {
    name: 'Beta',
    accountnumber: 'B',
    revenue: 200,
    creditonhold: true,
    'parentaccountid@odata.bind': `/accounts(${ids.Alpha})`,
  })
  ids.Gamma = await plane.create('accounts', {
    name: 'Gamma',
    accountnumber: 'C',
    numberofemployees: 30,
    'parentaccountid@odata.bind': `/accounts(${ids.Beta})`,
  })
  ids.Umlaut = await plane.create('accounts', { name: 'Ärger_50%', accountnumber: 'D', address1_city: 'ärger_50%' })
  return { ...plane, ids }
}

test('conditions of every kind', async () => {
  const { names, ids } = await fleet()
  const cases: [string, string[]][] = [
    ["name eq 'ALPHA'", ['Alpha']],
    ["name ne 'Alpha'", ['Beta', 'Gamma', 'Ärger_50%']],
    ["accountnumber gt 'A' and accountnumber le 'C'", ['Beta', 'Gamma']],
    ["name eq 'Alpha' or name eq 'Beta' and revenue gt 1000", ['Alpha']],
    ["(name eq 'Alpha' or name eq 'Beta') and revenue gt 1000", []],
    ["not (name eq 'Alpha')", ['Beta', 'Gamma', 'Ärger_50%']],
    ['numberofemployees eq null', ['Beta', 'Ärger_50%']],
    ['numberofemployees ne null', ['Alpha', 'Gamma']],
    ['numberofemployees ne 10', ['Beta', 'Gamma', 'Ärger_50%']],
    ['numberofemployees gt 10', ['Gamma']],
    ['10 lt numberofemployees', ['Gamma']],
    ['revenue eq 100.5', ['Alpha']],
    ['revenue gt 100.49999', ['Alpha', 'Beta']],
    ['revenue ge 100.50001', ['Beta']],
    ['creditonhold eq true', ['Beta']],
    ["name eq 'ÄRGER_50%'", ['Ärger_50%']],
    ['name eq address1_city', ['Ärger_50%']],
    [`_parentaccountid_value eq ${ids.Alpha}`, ['Beta']],
    [`_parentaccountid_value eq '${ids.Alpha!.toUpperCase()}'`, ['Beta']],
    [`accountid eq ${ids.Alpha}`, ['Alpha']],
    ["parentaccountid/name eq 'Alpha'", ['Beta']],
    ["parentaccountid/parentaccountid/primarycontactid/lastname eq 'Byron'", ['Gamma']],
    ["primarycontactid/emailaddress1 eq 'ada@x.example'", ['Alpha']],
    ["contains(name,'ph')", ['Alpha']],
    ["startswith(name,'b')", ['Beta']],
    ["endswith(name,'A') and not startswith(name,'g')", ['Alpha', 'Beta']],
    ["contains(name,'%')", ['Alpha', 'Beta', 'Gamma', 'Ärger_50%']],
    ["startswith(name,'[a-b]')", ['Alpha', 'Beta']],
    ["startswith(name,'[^a-b]')", ['Gamma', 'Ärger_50%']],
    ["contains(name,'[%]')", ['Ärger_50%']],
    ["contains(name,'ÄRGER')", ['Ärger_50%']],
    ["name eq '%a%'", []],
    ['createdon ge 2026-03-04T09:15:02Z', ['Alpha', 'Beta', 'Gamma', 'Ärger_50%']],
    ['createdon gt 2026-03-04T09:15:02.500Z', []],
    ['createdon lt 2026-03-04T10:15:02.500+01:00', ['Alpha', 'Beta', 'Gamma', 'Ärger_50%']],
    ['createdon ge 2026-03-05', []],
  ]
  for (const [filter, expected] of cases) assert.equal(await names('accounts', filter), expected, filter)
  assert.equal(await names('contacts', 'birthdate eq 1815-12-10', 'fullname'), ['Ada Byron'])
})

test('the query functions of Dataverse', async () => {
  const { names, userId } = await fleet()
  const call = (name: string, parameters: string) => `Microsoft.Dynamics.CRM.${name}(PropertyName=${parameters})`
  const all = ['Alpha', 'Beta', 'Gamma', 'Ärger_50%']
  const cases: [string, string[]][] = [
    [call('In', `'accountnumber',PropertyValues=["A","c"]`), ['Alpha', 'Gamma']],
    [call('In', `'numberofemployees',PropertyValues=['10']`), ['Alpha']],
    [call('NotIn', `'accountnumber',PropertyValues=['A','B','C']`), ['Ärger_50%']],
    [call('Between', `'numberofemployees',PropertyValues=["5","20"]`), ['Alpha']],
    [call('Today', "'createdon'"), all],
    [call('Yesterday', "'createdon'"), []],
    [call('On', "'createdon',PropertyValue='2026-03-04'"), all],
    [call('OnOrAfter', "'createdon',PropertyValue='2026-03-05'"), []],
    [call('OnOrBefore', "'createdon',PropertyValue='2026-03-04'"), all],
    [call('LastXDays', "'createdon',PropertyValue=3"), []],
    [call('ThisMonth', "'createdon'"), all],
    [call('LastMonth', "'createdon'"), []],
    [call('OlderThanXDays', "'createdon',PropertyValue=1"), []],
    [call('EqualUserId', "'ownerid'").replace("'ownerid'", "'_ownerid_value'"), all],
  ]
  for (const [filter, expected] of cases) assert.equal(await names('accounts', filter), expected, filter)
  assert.ok(userId)
})

test('a query that cannot be read is refused, with the place', async () => {
  const { get } = dataPlane()
  const refused = async (query: string) => {
    const { status, body } = await get(`accounts?${query}`)
    assert.is(status, 400, query)
    assert.is(body.error.code, '0x80060888', query)
    return body.error.message as string
  }
  assert.is(await refused('$filter=nme eq 1'), "Could not find a property named 'nme' on type 'Microsoft.Dynamics.CRM.account'.")
  assert.is(await refused("$filter=name eq 'x"), "There is an unterminated literal at position 10 in 'name eq 'x'.")
  assert.is(await refused('$filter=name eq'), "Syntax error at position 7 in 'name eq'.")
  assert.is(await refused('$filter=name is 1'), "Syntax error at position 5 in 'name is 1'.")
  assert.match(await refused('$filter=name eq 7'), 'incompatible types')
  assert.match(await refused("$filter=revenue eq '7'"), 'incompatible types')
  assert.match(await refused("$filter=createdon gt '2026-01-01'"), 'incompatible types')
  assert.match(await refused("$filter=not Microsoft.Dynamics.CRM.Today(PropertyName='createdon')"), 'Not operator')
  assert.match(await refused('$select=name,primarycontactid'), 'primarycontactid')
  assert.match(await refused('$orderby=nme'), 'nme')
  assert.match(await refused('$orderby=name up'), 'name up')
  assert.match(await refused('$top=-1'), '$top')
  assert.match(await refused('$expand=nothing'), 'nothing')
  assert.match(await refused('$expand=primarycontactid($top=1)'), 'Only $select and $filter')
  assert.match(await refused('$search=x'), '$search')
  const many = Array.from({ length: 501 }, () => 'revenue gt 1').join(' or ')
  assert.is((await get(`accounts?$filter=${many}`)).body.error.code, '0x8004430C')
  assert.is((await get(`accounts?$filter=${encodeURIComponent("tolower(name) eq 'a'")}`)).status, 501)
})

test('a hostile text stays a text', async () => {
  const { create, names } = dataPlane()
  const name = `x'; drop table "account"; --`
  await create('accounts', { name })
  assert.equal(await names('accounts', `name eq '${name.replaceAll("'", "''")}'`), [name])
})

test('parameter aliases stand for values, lists and columns', async () => {
  const { get } = await fleet()
  const found = async (query: string) => (await get(`accounts?$select=name&${query}`)).body.value.map((row: Body) => row.name)
  assert.equal(await found("$filter=name eq @p1&@p1='Alpha'"), ['Alpha'])
  assert.equal(
    await found(
      "$filter=Microsoft.Dynamics.CRM.In(PropertyName=@p1,PropertyValues=@p2)&@p1='name'&@p2=['Beta','Gamma']&$orderby=@p3 desc&@p3=name",
    ),
    ['Gamma', 'Beta'],
  )
  assert.equal(await found('$filter=numberofemployees eq @missing&$orderby=name'), ['Beta', 'Ärger_50%'])
})

test('rows are sorted by several columns, lookups by the name behind them', async () => {
  const { get, ids } = await fleet()
  const order = async (orderBy: string) => (await get(`accounts?$select=name&$orderby=${orderBy}`)).body.value.map((row: Body) => row.name)
  assert.equal(await order('numberofemployees desc,name desc'), ['Gamma', 'Alpha', 'Ärger_50%', 'Beta'])
  assert.equal((await order('_parentaccountid_value,name')).slice(-2), ['Beta', 'Gamma'])
  assert.equal(await order('parentaccountid/name desc,name'), ['Gamma', 'Beta', 'Alpha', 'Ärger_50%'])
  const byKey = (await get('accounts?$select=accountid')).body.value.map((row: Body) => row.accountid)
  assert.equal(byKey, [ids.Alpha, ids.Beta, ids.Gamma, ids.Umlaut].sort())
})

test('pages follow each other whatever the order, with nulls, and a changed cookie is refused', async () => {
  const { get } = await fleet()
  for (const orderBy of [
    '',
    '&$orderby=numberofemployees',
    '&$orderby=numberofemployees desc',
    '&$orderby=revenue',
    '&$orderby=revenue desc,name',
    '&$orderby=_parentaccountid_value',
    '&$orderby=createdon',
  ]) {
    const seen: string[] = []
    let [link, pages]: [string | undefined, number] = [`accounts?$select=name${orderBy}`, 0]
    while (link !== undefined) {
      const { status, headers, body } = await get(link, { prefer: 'odata.maxpagesize=1' })
      assert.equal([status, headers['Preference-Applied']], [200, 'odata.maxpagesize=1'])
      seen.push(...body.value.map((row: Body) => row.name))
      link = body['@odata.nextLink']
      assert.ok(++pages < 10)
    }
    assert.is(pages, 4)
    assert.equal(seen.sort(), ['Alpha', 'Beta', 'Gamma', 'Ärger_50%'], orderBy)
  }
  const next: string = (await get('accounts?$select=name', { prefer: 'odata.maxpagesize=1' })).body['@odata.nextLink']
  for (const tampered of [
    next.replace('$select=name', '$select=accountnumber'),
    next.replace(/position%253d%2522./, 'position%253d%2522x'),
    next.replace(/pagingcookie=%22%253c/, 'pagingcookie=%22%25'),
    `${base}/accounts?$skiptoken=x`,
  ]) {
    const { status, body } = await get(tampered, { prefer: 'odata.maxpagesize=1' })
    assert.equal([status, body.error.code], [400, '0x8004112A'])
  }
  const reordered = await get(`${next}&$orderby=name`)
  assert.equal([reordered.status, reordered.body.error.code], [400, '0x80041129'])
})

test('a page begins behind the last one, also when rows come and go', async () => {
  const { get, send, create, ids } = await fleet()
  const prefer = { prefer: 'odata.maxpagesize=2' }
  const first = (await get('accounts?$select=name&$orderby=name', prefer)).body
  assert.equal(
    first.value.map((row: Body) => row.name),
    ['Alpha', 'Beta'],
  )
  await send('DELETE', `accounts(${ids.Alpha})`)
  await create('accounts', { name: 'Aardvark' })
  const second = (await get(first['@odata.nextLink'], prefer)).body
  assert.equal(
    second.value.map((row: Body) => row.name),
    ['Gamma', 'Ärger_50%'],
  )
  assert.not('@odata.nextLink' in second)
})

test('$top ends the list, and is ignored with a page size', async () => {
  const { get } = await fleet()
  const top = (await get('accounts?$top=2')).body
  assert.equal([top.value.length, '@odata.nextLink' in top], [2, false])
  assert.is((await get('accounts?$top=0')).body.value.length, 0)
  const paged = (await get('accounts?$top=1', { prefer: 'odata.maxpagesize=3' })).body
  assert.equal([paged.value.length, '@odata.nextLink' in paged], [3, true])
})

test('counts', async () => {
  const { get } = await fleet()
  const plain = await get('accounts/$count')
  assert.equal([plain.status, plain.headers['Content-Type'], plain.text], [200, 'text/plain', '\uFEFF4'])
  assert.is((await get('accounts/$count?$filter=revenue ne null')).text, '\uFEFF2')
  const body = (await get("accounts?$count=true&$top=1&$filter=name ne 'Alpha'", everything)).body
  assert.equal(
    [body['@odata.count'], body['@Microsoft.Dynamics.CRM.totalrecordcount'], body['@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded']],
    [3, 3, false],
  )
  assert.is((await get('accounts', everything)).body['@Microsoft.Dynamics.CRM.totalrecordcount'], -1)
})

test('formatted values and lookup annotations stand before their property', async () => {
  const { get, ids } = await fleet()
  const { body, headers } = await get(
    `accounts(${ids.Alpha})?$select=name,revenue,industrycode,statecode,creditonhold,createdon,numberofemployees,_primarycontactid_value`,
    everything,
  )
  assert.is(headers['Preference-Applied'], everything.prefer)
  const value = (name: string) => body[`${name}@OData.Community.Display.V1.FormattedValue`]
  assert.equal(
    ['name', 'revenue', 'industrycode', 'statecode', 'creditonhold', 'createdon', 'numberofemployees', '_primarycontactid_value'].map(
      value,
    ),
    [undefined, '$100.50', 'Accounting', 'Active', 'No', '3/4/2026 9:15 AM', '10', 'Ada Byron'],
  )
  assert.is(body['_primarycontactid_value@Microsoft.Dynamics.CRM.lookuplogicalname'], 'contact')
  assert.is(body['_primarycontactid_value@Microsoft.Dynamics.CRM.associatednavigationproperty'], 'primarycontactid')
  const keys = Object.keys(body)
  assert.is(keys.indexOf('revenue@OData.Community.Display.V1.FormattedValue') + 1, keys.indexOf('revenue'))
  const some = (
    await get(`accounts(${ids.Alpha})?$select=industrycode`, {
      prefer: 'odata.include-annotations="OData.Community.Display.V1.FormattedValue"',
    })
  ).body
  assert.equal(
    Object.keys(some).filter((key) => key.includes('@')),
    ['@odata.context', '@odata.etag', 'industrycode@OData.Community.Display.V1.FormattedValue'],
  )
})

test('$expand sends lookups and collections along', async () => {
  const { get, ids } = await fleet()
  const query =
    '$select=name&$orderby=name&$expand=primarycontactid($select=fullname),account_parent_account($select=name;$filter=revenue gt 1;$orderby=name desc;$top=1)'
  const { body } = await get(`accounts?${query}`)
  assert.is(body['@odata.context'], `${base}/$metadata#accounts(name,primarycontactid(fullname),account_parent_account(name))`)
  const [alpha, beta] = body.value
  assert.equal(alpha.primarycontactid, { fullname: 'Ada Byron', contactid: ids.Ada })
  assert.is(beta.primarycontactid, null)
  assert.equal(
    alpha.account_parent_account.map((row: Body) => row.name),
    ['Beta'],
  )
  assert.ok(alpha.account_parent_account[0]['@odata.etag'])
  assert.equal(beta.account_parent_account, [])
  const link: string = alpha['account_parent_account@odata.nextLink']
  assert.ok(link.startsWith(`${base}/accounts(${ids.Alpha})/account_parent_account?$select=name`))
  assert.equal(
    (await get(link)).body.value.map((row: Body) => row.name),
    ['Beta'],
  )
})

test('the rows of a collection and the row behind a lookup have an address', async () => {
  const { get, ids } = await fleet()
  const children = await get(`accounts(${ids.Alpha})/account_parent_account?$select=name&$count=true`)
  assert.equal([children.body['@odata.count'], children.body.value[0].name], [1, 'Beta'])
  assert.is((await get(`accounts(${ids.Beta})/account_parent_account/$count`)).text, '\uFEFF1')
  assert.is((await get(`accounts(${ids.Alpha})/primarycontactid?$select=fullname`)).body.fullname, 'Ada Byron')
  assert.is((await get(`accounts(${ids.Beta})/primarycontactid`)).status, 204)
  assert.is((await get(`accounts(${someId()})/account_parent_account`)).status, 404)
})

test('the service document and who am I', async () => {
  const { get, userId, organization } = dataPlane()
  const { body } = await get('')
  assert.equal(
    body.value.find((one: Body) => one.name === 'accounts'),
    { name: 'accounts', kind: 'EntitySet', url: 'accounts' },
  )
  for (const path of ['WhoAmI', 'WhoAmI()']) {
    const { businessUnitId, organizationId } = organization.schema.ids
    assert.equal((await get(path)).body, {
      '@odata.context': `${base}/$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse`,
      BusinessUnitId: businessUnitId,
      UserId: userId,
      OrganizationId: organizationId,
    })
  }
})

test.run()
