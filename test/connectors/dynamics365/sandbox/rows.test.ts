import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { base, dataPlane, someId } from './data-plane.ts'

const test = suite('rows of the sandbox')
const json = { prefer: 'return=representation' }

test('a created row is answered with its address, twice, and can be read', async () => {
  const { send, get } = dataPlane()
  const created = await send('POST', 'accounts', { name: 'North Sea Lines' })
  assert.is(created.status, 204)
  assert.is(created.text, '')
  assert.match(created.headers['OData-EntityId']!, new RegExp(`^${base}/accounts\\([0-9a-f-]{36}\\)$`))
  assert.is(created.headers.Location, created.headers['OData-EntityId'])
  const read = await get(created.headers.Location!)
  assert.is(read.status, 200)
  assert.is(read.body.name, 'North Sea Lines')
  assert.is(read.headers.ETag, read.body['@odata.etag'])
  assert.is(read.body['@odata.context'], `${base}/$metadata#accounts/$entity`)
  assert.is(read.body.accountnumber, null)
  assert.not('entityimage' in read.body)
})

test('a representation is 201 on create and 200 on update, with the selected columns and the key', async () => {
  const { send } = dataPlane()
  const created = await send('POST', 'accounts?$select=name,revenue', { name: 'A', revenue: 1250 }, json)
  assert.is(created.status, 201)
  assert.is(created.headers['Preference-Applied'], 'return=representation')
  assert.not('OData-EntityId' in created.headers)
  assert.equal(Object.keys(created.body), ['@odata.context', '@odata.etag', 'name', 'revenue', '_transactioncurrencyid_value', 'accountid'])
  assert.match(created.text, '"revenue":1250.0000')
  const updated = await send('PATCH', `accounts(${created.body.accountid})?$select=name`, { name: 'B' }, json)
  assert.is(updated.status, 200)
  assert.is(updated.body.name, 'B')
})

test('the server sets who, when, owner, state and version, and ignores read-only columns', async () => {
  const { create, get, userId, organization } = dataPlane({ clock: () => new Date('2026-03-04T09:15:02.789Z') })
  const id = await create('contacts', {
    firstname: 'Ada',
    lastname: 'Byron',
    createdon: '2001-01-01T00:00:00Z',
    versionnumber: 7,
    fullname: 'x',
  })
  const { body } = await get(`contacts(${id})`)
  assert.is(body.createdon, '2026-03-04T09:15:02Z')
  assert.is(body.modifiedon, '2026-03-04T09:15:02Z')
  assert.is(body.fullname, 'Ada Byron')
  assert.is(body._ownerid_value, userId)
  assert.is(body._owninguser_value, userId)
  assert.is(body._owningbusinessunit_value, organization.schema.ids.businessUnitId)
  assert.is(body._createdby_value, userId)
  assert.equal([body.statecode, body.statuscode, body.donotemail], [0, 1, false])
  assert.is(body['@odata.etag'], `W/"${body.versionnumber}"`)
})

test('a name is put together again when one part changes', async () => {
  const { create, send, get } = dataPlane()
  const id = await create('leads', { firstname: 'Ada', lastname: 'Byron' })
  await send('PATCH', `leads(${id})`, { lastname: 'Lovelace' })
  assert.is((await get(`leads(${id})?$select=fullname`)).body.fullname, 'Ada Lovelace')
})

test('versions rise with every change of the organization', async () => {
  const { create, send, get } = dataPlane()
  const [a, b] = [await create('accounts', { name: 'a' }), await create('contacts', { lastname: 'b' })]
  await send('PATCH', `accounts(${a})`, { name: 'c' })
  const version = async (path: string) => (await get(`${path}?$select=versionnumber`)).body.versionnumber
  assert.ok((await version(`accounts(${a})`)) > (await version(`contacts(${b})`)))
})

test('a row may bring its id; a second one under it is refused', async () => {
  const { send } = dataPlane()
  const accountid = someId()
  assert.is((await send('POST', 'accounts', { accountid, name: 'A' })).headers['OData-EntityId'], `${base}/accounts(${accountid})`)
  const again = await send('POST', 'accounts', { accountid, name: 'A' })
  assert.is(again.status, 412)
  assert.equal(again.body, { error: { code: '0x80040237', message: 'Cannot insert duplicate key.' } })
})

test('an alternate key is unique, without regard to case, on create and on update', async () => {
  const { create, send } = dataPlane()
  await create('accounts', { name: 'A', accountnumber: 'a-17' })
  const other = await create('accounts', { name: 'B', accountnumber: 'B-1' })
  const before = (await send('GET', `accounts(${other})`)).body.versionnumber
  for (const answer of [
    await send('POST', 'accounts', { name: 'C', accountnumber: 'A-17' }),
    await send('PATCH', `accounts(${other})`, { accountnumber: 'A-17' }),
  ]) {
    assert.is(answer.status, 412)
    assert.is(answer.body.error.code, '0x80060892')
  }
  assert.is((await send('GET', `accounts(${other})`)).body.versionnumber, before)
})

test('a missing row is 404, by id and by key', async () => {
  const { get, send } = dataPlane()
  const id = someId()
  const byId = await get(`accounts(${id})`)
  assert.is(byId.status, 404)
  assert.equal(byId.body.error, { code: '0x80040217', message: `account With Id = ${id} Does Not Exist` })
  const byKey = await get(`accounts(accountnumber='none')`)
  assert.equal([byKey.status, byKey.body.error.code], [404, '0x80060891'])
  assert.is((await send('DELETE', `accounts(${id})`)).status, 404)
})

test('the table of conditional headers', async () => {
  const { create, send, get } = dataPlane()
  const id = await create('accounts', { name: 'A' })
  const etag = (await get(`accounts(${id})`)).headers.ETag!
  const patch = (row: string, headers: Record<string, string>) => send('PATCH', `accounts(${row})`, { name: 'B' }, headers)
  assert.is((await patch(id, { 'if-match': 'W/"1"' })).status, 412)
  assert.is((await patch(id, { 'if-match': 'W/"1"' })).body.error.code, '0x80060882')
  assert.is((await patch(id, { 'if-none-match': '*' })).status, 412)
  assert.is((await patch(id, { 'if-match': etag })).status, 204)
  assert.is((await patch(id, { 'if-match': '*', 'if-none-match': 'null' })).status, 204)
  assert.is((await patch(someId(), { 'if-match': '*' })).status, 404)
  const created = someId()
  assert.is((await patch(created, { 'if-none-match': '*' })).status, 204)
  assert.is((await get(`accounts(${created})`)).body.name, 'B')
  const now = (await get(`accounts(${id})`)).headers.ETag!
  assert.is((await get(`accounts(${id})`, { 'if-none-match': now })).status, 304)
  assert.is((await get(`accounts(${id})`, { 'if-none-match': etag })).status, 200)
  assert.is((await get(`accounts(${id})`, { 'if-none-match': now, prefer: 'odata.include-annotations="*"' })).status, 200)
  assert.is((await send('DELETE', `accounts(${id})`, undefined, { 'if-match': etag })).status, 412)
  assert.is((await send('DELETE', `accounts(${id})`, undefined, { 'if-match': now })).status, 204)
})

test('an upsert by key creates, then updates, and repeats the key in its address', async () => {
  const { send, get } = dataPlane()
  const path = `accounts(accountnumber='A-17')`
  const created = await send('PATCH', `${path}?$select=accountnumber`, { name: 'A' }, json)
  assert.equal([created.status, created.body.accountnumber], [201, 'A-17'])
  const updated = await send('PATCH', path, { name: 'B', accountnumber: 'dropped' })
  assert.equal([updated.status, updated.headers['OData-EntityId']], [204, `${base}/${path}`])
  assert.is((await get(path)).body.name, 'B')
  const winning = await send('PATCH', `accounts(accountnumber='url')?$select=accountnumber`, { accountnumber: 'body' }, json)
  assert.equal([winning.status, winning.body.accountnumber], [201, 'body'])
})

test('quotes in a key are doubled; characters that fail in addresses fail', async () => {
  const { create, get } = dataPlane()
  await create('accounts', { name: 'O', accountnumber: "O'Neil" })
  assert.is((await get(`accounts(accountnumber='O''Neil')`)).body.name, 'O')
  assert.is((await get(`accounts(accountnumber=%27O%27%27Neil%27)`)).body.name, 'O')
  for (const text of ['a/b', 'a<b', 'a*b', 'a%b', 'a&b', 'a:b', 'a\\b', 'a?b', 'a+b']) {
    await create('accounts', { name: text, accountnumber: text })
    const { status } = await get(`accounts(accountnumber='${encodeURIComponent(text)}')`)
    assert.ok(status === 400 || status === 404, text)
  }
})

test('a set of columns that is no key is refused, and the key of users has no name', async () => {
  const { get, userId } = dataPlane()
  const wrong = await get(`accounts(name='A')`)
  assert.is(wrong.status, 400)
  assert.match(wrong.body.error.message, "The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.account'.")
  assert.is((await get(`systemusers(systemuserid=${userId})`)).status, 400)
  assert.is((await get(`systemusers(${userId})`)).body.ownerid, userId)
  const id = someId()
  assert.is((await get(`accounts(accountid=${id})`)).body.error.code, '0x80040217')
})

test('lookups are bound by id, by key and as an absolute address, and cleared with null', async () => {
  const { create, send, get } = dataPlane()
  const parent = await create('accounts', { name: 'Parent', accountnumber: 'P 1' })
  for (const address of [
    `/accounts(${parent})`,
    `accounts(${parent})`,
    `${base}/accounts(${parent})`,
    "/accounts(accountnumber='P%201')",
  ]) {
    const id = await create('accounts', { name: 'Child', 'parentaccountid@odata.bind': address })
    assert.is((await get(`accounts(${id})`)).body._parentaccountid_value, parent, address)
    await send('PATCH', `accounts(${id})`, { 'parentaccountid@odata.bind': null })
    assert.is((await get(`accounts(${id})`)).body._parentaccountid_value, null)
  }
})

test('a polymorphic lookup has a navigation property for each table', async () => {
  const { create, send, get } = dataPlane()
  const [account, contact] = [await create('accounts', { name: 'A' }), await create('contacts', { lastname: 'C' })]
  const id = await create('incidents', { title: 'T', 'customerid_account@odata.bind': `/accounts(${account})` })
  const customer = async () => {
    const { body } = await get(`incidents(${id})?$select=_customerid_value`, { prefer: 'odata.include-annotations="*"' })
    return [
      body._customerid_value,
      body['_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname'],
      body['_customerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty'],
      body['_customerid_value@OData.Community.Display.V1.FormattedValue'],
    ]
  }
  assert.equal(await customer(), [account, 'account', 'customerid_account', 'A'])
  await send('PATCH', `incidents(${id})`, { 'customerid_contact@odata.bind': `/contacts(${contact})` })
  assert.equal(await customer(), [contact, 'contact', 'customerid_contact', 'C'])
})

test('a lookup that leads nowhere or is malformed is refused', async () => {
  const { send } = dataPlane()
  const code = async (value: unknown, name = 'parentaccountid') => {
    const { status, body } = await send('POST', 'accounts', { name: 'A', [`${name}@odata.bind`]: value })
    return [status, body.error.code]
  }
  assert.equal(await code(`/accounts(${someId()})`), [404, '0x80040217'])
  assert.equal(await code("/accounts(accountnumber='none')"), [404, '0x80060891'])
  assert.equal(await code('accounts'), [400, '0x80090800'])
  assert.equal(await code(`/contacts(${someId()})`), [400, '0x80090800'])
  assert.equal(await code(`/accounts(${someId()})`, 'ParentAccountId'), [400, '0x80048d19'])
})

test('an owner may be a team, and the owning columns follow', async () => {
  const { create, get, organization } = dataPlane()
  const team = await create('teams', {
    name: 'T',
    'businessunitid@odata.bind': `/businessunits(${organization.schema.ids.businessUnitId})`,
  })
  const id = await create('accounts', { name: 'A', 'ownerid@odata.bind': `/teams(${team})` })
  const { body } = await get(`accounts(${id})`, { prefer: 'odata.include-annotations="*"' })
  assert.equal([body._ownerid_value, body._owningteam_value, body._owninguser_value], [team, team, null])
  assert.is(body['_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname'], 'team')
})

test('a body that does not fit the table is refused', async () => {
  const { send } = dataPlane()
  const refused = async (row: unknown) => {
    const { status, body } = await send('POST', 'accounts', row as object)
    return [status, body.error.code]
  }
  const payload = [400, '0x80048d19']
  assert.equal(await refused({ nme: 'A' }), payload)
  assert.equal(await refused({ name: 7 }), payload)
  assert.equal(await refused({ numberofemployees: 'many' }), payload)
  assert.equal(await refused({ numberofemployees: 1.5 }), payload)
  assert.equal(await refused({ revenue: '12' }), payload)
  assert.equal(await refused({ creditonhold: 'yes' }), payload)
  assert.equal(await refused({ lastusedincampaign: '2026-13-01' }), payload)
  assert.equal(await refused({ _parentaccountid_value: someId() }), payload)
  assert.equal(await refused('[]'), payload)
  assert.equal(await refused('{'), payload)
  assert.equal(await refused({ industrycode: 999 }), [400, '0x8004431A'])
  const long = await send('POST', 'accounts', { name: 'x'.repeat(161) })
  assert.equal(
    [long.status, long.body.error],
    [
      400,
      {
        code: '0x80044331',
        message:
          "A validation error occurred.  The length of the 'name' attribute of the 'account' entity exceeded the maximum allowed length of '160'.",
      },
    ],
  )
})

test('a state brings its default status; a status of another state is refused', async () => {
  const { create, send, get } = dataPlane()
  const id = await create('opportunities', { name: 'O' })
  const state = async () => {
    const { body } = await get(`opportunities(${id})?$select=statecode,statuscode`)
    return [body.statecode, body.statuscode]
  }
  assert.equal(await state(), [0, 1])
  await send('PATCH', `opportunities(${id})`, { statecode: 1 })
  assert.equal(await state(), [1, 3])
  const wrong = await send('PATCH', `opportunities(${id})`, { statecode: 2, statuscode: 1 })
  assert.equal([wrong.status, wrong.body.error.code], [400, '0x80048408'])
  assert.equal(await state(), [1, 3])
})

test('values travel as the sheet says: money and decimals with their zeros, exact to the last digit', async () => {
  const { create, get, send } = dataPlane()
  const id = await create('accounts', { name: 'A', address1_latitude: 52.5, lastusedincampaign: '2026-03-04T10:15:02.9+01:00' })
  await send('PATCH', `accounts(${id})`, '{"revenue":922337203685.4775,"creditlimit":-0.5}')
  const { text, body } = await get(
    `accounts(${id})?$select=revenue,revenue_base,creditlimit,address1_latitude,lastusedincampaign,exchangerate`,
  )
  assert.match(text, '"revenue":922337203685.4775')
  assert.match(text, '"revenue_base":922337203685.4775')
  assert.match(text, '"creditlimit":-0.5000')
  assert.match(text, '"exchangerate":1.0000000000')
  assert.is(body.address1_latitude, 52.5)
  assert.is(body.lastusedincampaign, '2026-03-04T09:15:02Z')
  const wide = await create('accounts', { name: 'B' })
  await send('PATCH', `accounts(${wide})`, '{"revenue":922337203685476.5807}')
  assert.match((await get(`accounts(${wide})?$select=revenue`)).text, '"revenue":922337203685476.5807')
})

test('deleting a row takes or releases what points at it', async () => {
  const { create, send, get } = dataPlane()
  const parent = await create('accounts', { name: 'P' })
  const child = await create('accounts', { name: 'C', 'parentaccountid@odata.bind': `/accounts(${parent})` })
  const contact = await create('contacts', { lastname: 'L', 'parentcustomerid_account@odata.bind': `/accounts(${parent})` })
  const before = (await get(`accounts(${child})`)).body.versionnumber
  assert.is((await send('DELETE', `accounts(${parent})`)).status, 204)
  const { body } = await get(`accounts(${child})`)
  assert.is(body._parentaccountid_value, null)
  assert.ok(body.versionnumber > before)
  assert.is((await get(`contacts(${contact})`)).status, 404)
})

test('single properties are read, set and cleared', async () => {
  const { create, send, get } = dataPlane()
  const id = await create('accounts', { name: 'A' })
  const path = `accounts(${id})/name`
  assert.equal((await get(path)).body, { '@odata.context': `${base}/$metadata#accounts(${id})/name`, value: 'A' })
  assert.is((await send('PUT', path, { value: 'B' })).status, 204)
  assert.is((await get(`${path}/$value`)).text, 'B')
  assert.is((await send('DELETE', path)).status, 204)
  assert.equal([(await get(path)).status, (await get(path)).text], [204, ''])
})

test('who is called for does the writing', async () => {
  const { create, send, get, userId, organization } = dataPlane()
  const other = await create('systemusers', { firstname: 'O', lastname: 'P' })
  const { body } = await send('POST', 'accounts', { name: 'A' }, { ...json, mscrmcallerid: other })
  assert.equal([body._createdby_value, body._createdonbehalfby_value, body._ownerid_value], [other, userId, other])
  const own = await send('POST', 'accounts', { name: 'A' }, { ...json, callerobjectid: organization.schema.ids.userObjectId })
  assert.equal([own.body._createdby_value, own.body._createdonbehalfby_value], [userId, null])
  assert.is((await get('WhoAmI', { mscrmcallerid: someId() })).status, 404)
})

test('rows survive in a file, and versions go on behind the last', async () => {
  const { tempFolder } = await import('../../../support/temp.ts')
  const file = `${tempFolder()}/organization.db`
  const first = dataPlane({ file })
  const id = await first.create('accounts', { name: 'A' })
  const version = (await first.get(`accounts(${id})`)).body.versionnumber
  first.organization.close()
  const second = dataPlane({ file })
  assert.is((await second.get(`accounts(${id})`)).body.name, 'A')
  assert.is((await second.get('accounts')).body.value.length, 1)
  await second.send('PATCH', `accounts(${id})`, { name: 'B' })
  assert.is((await second.get(`accounts(${id})`)).body.versionnumber, version + 1)
  second.organization.close()
})

test('what the sandbox does not know is said', async () => {
  const { send, get } = dataPlane()
  const { status, body } = await send('POST', 'CalculatePrice', {})
  assert.equal([status, body.error.code], [501, '0x80040219'])
  assert.match(body.error.message, /^The sandbox does not support .*\.$/)
  const unknown = await get('nothings')
  assert.equal(
    [unknown.status, unknown.body.error],
    [404, { code: '0x8006088a', message: "Resource not found for the segment 'nothings'." }],
  )
  assert.is((await send('PATCH', 'accounts', {})).status, 405)
  assert.is((await send('DELETE', 'accounts')).status, 405)
  assert.is((await get('accounts?$skip=1')).body.error.code, '0x80060888')
})

test.run()
