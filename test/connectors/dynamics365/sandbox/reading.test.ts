import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harbor } from './contract/harbor.ts'
import { base, dataPlane, someId } from './data-plane.ts'

const test = suite('reading from the sandbox')
const everything = { prefer: 'odata.include-annotations="*"' }

test('every answer has its headers', async () => {
  const plane = dataPlane()
  const id = await plane.create('accounts', { name: 'A' })
  for (const path of ['', 'accounts', `accounts(${id})`, 'accounts/$count', `accounts(${someId()})`, 'nothings']) {
    const { headers } = await plane.get(path)
    assert.equal([headers['OData-Version'], headers['Cache-Control']], ['4.0', 'no-cache'], path)
    assert.match(headers.REQ_ID!, /^[0-9a-f-]{36}$/)
    assert.ok(headers['x-ms-service-request-id'])
    if (path !== 'accounts/$count') assert.is(headers['Content-Type'], 'application/json; odata.metadata=minimal', path)
  }
  const head = await plane.send('HEAD', 'accounts')
  assert.equal([head.status, head.text, head.headers['OData-Version']], [200, '', '4.0'])
  const options = await plane.send('OPTIONS', 'accounts')
  assert.equal([options.status, options.headers.Allow], [200, 'OPTIONS,GET,HEAD,POST'])
  assert.is((await plane.send('PUT', 'accounts', {})).status, 405)
})

test('versions 8.0 to 9.2 lead to the same rows, and addresses repeat the version of the request', async () => {
  const { get } = dataPlane()
  for (const version of ['8.0', '8.1', '8.2', '9.0', '9.1', '9.2']) {
    const root = base.replace('9.2', version)
    assert.is((await get(`${root}/accounts`)).body['@odata.context'], `${root}/$metadata#accounts`)
  }
  assert.is((await get(`${base.replace('9.2', '9.3')}/accounts`)).status, 404)
})

test('options that there are not, and options in other letters, are refused', async () => {
  const { get } = dataPlane()
  for (const option of ['$skip=1', '$search=x', '$format=json', '$compute=name', '$Select=name', '$TOP=1', 'top=1']) {
    const { status, body } = await get(`accounts?${option}`)
    assert.equal([status, body.error.code], [400, '0x80060888'], option)
  }
  assert.is((await get('accounts?tag=mine')).status, 200)
  assert.is((await get('accounts?$orderby=@p1 asc&@p1=name')).status, 200)
})

test('details of an error come when they are asked for', async () => {
  const { get } = dataPlane()
  assert.equal(Object.keys((await get('nothings')).body.error), ['code', 'message'])
  const { error } = (await get('nothings', everything)).body
  assert.equal(Object.keys(error), [
    'code',
    'message',
    '@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus',
    '@Microsoft.PowerApps.CDS.ErrorDetails.SubErrorCode',
    '@Microsoft.PowerApps.CDS.HelpLink',
    '@Microsoft.PowerApps.CDS.InnerError.Message',
  ])
  const some = (await get('nothings', { prefer: 'odata.include-annotations="Microsoft.PowerApps.CDS.HelpLink"' })).body.error
  assert.equal(Object.keys(some), ['code', 'message', '@Microsoft.PowerApps.CDS.HelpLink'])
})

test('a selection drags along what belongs to it', async () => {
  const plane = dataPlane({ parts: [harbor] })
  await plane.create('accounts', { name: 'A' })
  await plane.create('hrb_vessels', { hrb_name: 'V' })
  const keys = async (path: string) => Object.keys((await plane.get(path)).body.value[0])
  assert.equal(await keys('hrb_vessels?$select=hrb_rate'), ['@odata.etag', 'hrb_rate', '_transactioncurrencyid_value', 'hrb_vesselid'])
  assert.equal(await keys('accounts?$select=address1_city'), ['@odata.etag', 'address1_city', 'address1_composite', 'accountid'])
  assert.equal(await keys('accounts?$select=address1_latitude'), ['@odata.etag', 'address1_latitude', 'accountid'])
  assert.equal(await keys('systemusers?$select=fullname'), ['@odata.etag', 'fullname', 'systemuserid', 'ownerid'])
})

test('labels of several choices are joined, and money has its symbol', async () => {
  const plane = dataPlane({ parts: [harbor] })
  const { currencyId } = plane.organization.schema.ids
  await plane.create('hrb_vessels', {
    hrb_name: 'V',
    hrb_cargo: '1,9',
    hrb_active: false,
    hrb_built: '2019-06-30',
    hrb_rate: 1250,
    'transactioncurrencyid@odata.bind': `/transactioncurrencies(${currencyId})`,
  })
  const [row] = (
    await plane.get('hrb_vessels?$select=hrb_cargo,hrb_active,hrb_built,hrb_rate,_ownerid_value', {
      prefer: 'odata.include-annotations="OData.Community.Display.V1.*,Microsoft.Dynamics.CRM.*"',
    })
  ).body.value
  const value = (name: string) => row[`${name}@OData.Community.Display.V1.FormattedValue`]
  assert.equal(['hrb_cargo', 'hrb_active', 'hrb_built', 'hrb_rate', '_ownerid_value'].map(value), [
    'Grain; Steel',
    'No',
    '6/30/2019',
    '$1,250.00',
    'Sandbox User',
  ])
  assert.is(row['_ownerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty'], 'ownerid')
  const keys = Object.keys(row)
  for (const name of ['hrb_cargo', 'hrb_active', 'hrb_built', 'hrb_rate'])
    assert.is(keys.indexOf(`${name}@OData.Community.Display.V1.FormattedValue`) + 1, keys.indexOf(name))
})

test('a table that does not compare versions answers no condition', async () => {
  const plane = dataPlane({ parts: [harbor] })
  const id = await plane.create('hrb_port_call_tasks', { subject: 'S' })
  const { headers } = await plane.get(`hrb_port_call_tasks(${id})`)
  const { status, body } = await plane.get(`hrb_port_call_tasks(${id})`, { 'if-none-match': headers.ETag! })
  assert.equal([status, body.error.code], [400, '0x8006088D'])
  assert.is((await plane.get(`hrb_port_call_tasks(${id})`, { 'if-none-match': 'null' })).status, 200)
})

test('an elastic table joins nothing', async () => {
  const linked = structuredClone(harbor)
  const log = linked.tables!.find(({ logicalName }) => logicalName === 'hrb_log')!
  log.columns.push({ name: 'hrb_vessel', type: 'Lookup' })
  log.lookups.push({ column: 'hrb_vessel', navigation: 'hrb_Vessel', target: 'hrb_vessel' })
  const { get } = dataPlane({ parts: [linked] })
  for (const query of ['$expand=hrb_Vessel', "$filter=hrb_Vessel/hrb_name eq 'Petrel'", '$orderby=hrb_Vessel/hrb_name']) {
    const { status, body } = await get(`hrb_logs?${query}`)
    assert.equal([status, body.error], [400, { code: '0x80048d0b', message: 'Link entities are not supported' }], query)
  }
})

test('elastic rows are read in their partition', async () => {
  const plane = dataPlane({ parts: [harbor] })
  const id = someId()
  for (const partitionid of ['north', 'south'])
    assert.is((await plane.send('POST', 'hrb_logs', { hrb_logid: id, partitionid, hrb_name: partitionid })).status, 204)
  for (const path of [`hrb_logs(${id})?partitionId=north`, `hrb_logs(hrb_logid=${id},partitionid='north')`])
    assert.is((await plane.get(path)).body.hrb_name, 'north')
  assert.is((await plane.get(`hrb_logs(${id})`)).status, 404)
  assert.is((await plane.get(`hrb_logs(${id})?partitionId=west`)).status, 404)
  const seen: string[] = []
  for (let link: string | undefined = 'hrb_logs?$select=hrb_name'; link !== undefined; ) {
    const { body } = await plane.get(link, { prefer: 'odata.maxpagesize=1', 'mscrm.sessiontoken': '0:-1#1' })
    seen.push(...body.value.map((row: { hrb_name: string }) => row.hrb_name))
    link = body['@odata.nextLink']
  }
  assert.equal(seen.sort(), ['north', 'south'])
  assert.is((await plane.get('hrb_logs?partitionId=north')).status, 501)
})

test.run()
