import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harbor } from './contract/harbor.ts'
import { base, dataPlane, someId } from './data-plane.ts'

const calls = suite('calling functions and actions')
const plane = () => dataPlane({ parts: [harbor] })
const query = (aliases: Record<string, string>) =>
  Object.entries(aliases)
    .map(([name, value]) => `@${name}=${encodeURIComponent(value)}`)
    .join('&')

calls('a function with and without parentheses; the complex result has its members at the top level', async () => {
  const { get } = plane()
  for (const path of ['WhoAmI', 'WhoAmI()']) {
    const { status, body } = await get(path)
    assert.is(status, 200)
    assert.is(body['@odata.context'], `${base}/$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse`)
    assert.type(body.UserId, 'string')
  }
})

calls('parameters inline and by alias', async () => {
  const { get } = plane()
  const inline = await get("hrb_Eta(Port='Oslo',Speed=12)")
  assert.is(inline.body['@odata.context'], `${base}/$metadata#Microsoft.Dynamics.CRM.hrb_EtaResponse`)
  assert.is(inline.body.Port, 'Oslo')
  assert.is(inline.body.Speed, 12)
  assert.is(inline.body.Sailing, null)
  const alias = await get("hrb_Eta(Port=@p1,Speed=@p2)?@p1='Oslo'&@p2=12")
  assert.equal(alias.body, inline.body)
})

calls('every form of a literal', async () => {
  const { get } = plane()
  const all = query({ p: "'O''Neil, (Oslo)'", s: '-3', d: '2025-03-04T09:15:02Z', v: '["a","b\'c"]', r: "{'@odata.id':'hrb_vessels(1)'}" })
  const { body } = await get(`hrb_Eta(Port=@p,Speed=@s,Sailing=@d,Via=@v,Vessel=@r)?${all}`)
  assert.is(body.Port, "O'Neil, (Oslo)")
  assert.is(body.Speed, -3)
  assert.is(body.Sailing, '2025-03-04T09:15:02Z')
  assert.equal(body.Via, ['a', "b'c"])
  assert.equal(body.Vessel, { '@odata.id': 'hrb_vessels(1)' })
  const quoted = await get(`hrb_Eta(Port='Oslo',Speed=1,Via=@v)?${query({ v: `'["a","b"]'` })}`)
  assert.equal(quoted.body.Via, ['a', 'b'])
  const inline = await get(`hrb_Eta(Port='a%2Cb%2Fc',Speed=1,Via=%5B'a','b'%5D)`)
  assert.is(inline.body.Port, 'a,b/c')
  assert.equal(inline.body.Via, ['a', 'b'])
})

calls('what does not fit the parameters is refused', async () => {
  const { get, send } = plane()
  for (const path of [
    "hrb_Eta(Port='Oslo')",
    "hrb_Eta(Port='Oslo',Speed=12,Colour='red')",
    "hrb_Eta(Port='Oslo',Speed='fast')",
    'hrb_Eta(Port=Oslo,Speed=1)',
    'hrb_Eta(Port=@p,Speed=1)',
    'hrb_Eta',
    'WhoAmI()?$select=UserId',
    `hrb_Eta(Port='Oslo',Speed=1,Via=@v)?${query({ v: '[1]' })}`,
  ])
    assert.is((await get(path)).status, 400, path)
  const extra = await send('POST', 'hrb_DoIt', { Amont: 1 })
  assert.is(extra.status, 400)
  assert.is(extra.body.error.code, '0x80048d19')
  assert.is((await send('POST', 'hrb_DoIt', { Amount: 'much' })).status, 400)
})

calls('functions are called with GET and actions with POST', async () => {
  const { get, send } = plane()
  assert.is((await send('POST', 'WhoAmI', {})).status, 405)
  assert.is((await get('hrb_DoIt')).status, 405)
  assert.is((await get('hrb_vessels/Microsoft.Dynamics.CRM.CreateMultiple')).status, 405)
})

calls('bound operations need the full name, unbound ones must not have it', async () => {
  const { get, send, create } = plane()
  const id = await create('hrb_vessels', { hrb_name: 'MV Petrel' })
  const bound = await get(`hrb_vessels(${id})/Microsoft.Dynamics.CRM.hrb_Score()`)
  assert.is(bound.status, 200)
  assert.is(bound.body['@odata.context'], `${base}/$metadata#Microsoft.Dynamics.CRM.hrb_ScoreResponse`)
  assert.is(bound.body.Score, 87)
  assert.is((await get(`hrb_vessels(${id})/Microsoft.Dynamics.CRM.hrb_Score(Weight=2.5)`)).body.Weight, 2.5)
  assert.equal((await get('hrb_vessels/Microsoft.Dynamics.CRM.hrb_Fleet()')).body.Names, ['Petrel', 'Fulmar'])

  const short = [
    await get(`hrb_vessels(${id})/hrb_Score()`),
    await get('hrb_Score()'),
    await send('POST', 'hrb_vessels/CreateMultiple', { Targets: [] }),
    await send('POST', 'CreateMultiple', { Targets: [] }),
  ]
  for (const { status, body } of short) {
    assert.is(status, 400)
    assert.match(body.error.message, 'Request message has unresolved parameters')
  }
  assert.is((await get('Microsoft.Dynamics.CRM.WhoAmI()')).status, 404)
  assert.is((await get(`accounts(${someId()})/Microsoft.Dynamics.CRM.hrb_Score()`)).status, 404)
  assert.is((await get(`hrb_vessels(${someId()})/Microsoft.Dynamics.CRM.hrb_Score()`)).status, 404)
})

calls('an action without result answers 204, one with a result 200; a missing body is none', async () => {
  const { send, create } = plane()
  const id = await create('hrb_vessels', { hrb_name: 'MV Petrel' })
  const docked = await send('POST', `hrb_vessels(${id})/Microsoft.Dynamics.CRM.hrb_Dock`, { Berth: 'B7' })
  assert.is(docked.status, 204)
  assert.is(docked.text, '')
  assert.is((await send('POST', `hrb_vessels(${id})/Microsoft.Dynamics.CRM.hrb_Dock`)).status, 400)
  const done = await send('POST', 'hrb_DoIt', { Amount: 12.5 })
  assert.equal(done.body, { '@odata.context': `${base}/$metadata#Microsoft.Dynamics.CRM.hrb_DoItResponse`, Amount: 12.5 })
  assert.is((await send('POST', 'hrb_DoIt')).status, 200)
})

calls('custom APIs stand in their tables, and a private one can be called', async () => {
  const { get, send } = plane()
  const expand =
    '$expand=CustomAPIRequestParameters($select=uniquename,type,isoptional),CustomAPIResponseProperties($select=uniquename,type)'
  const { body } = await get(`customapis?$select=uniquename,bindingtype,boundentitylogicalname,isfunction,isprivate&${expand}`)
  const score = body.value.find((one: { uniquename: string }) => one.uniquename === 'hrb_Score')
  assert.is(score.bindingtype, 1)
  assert.is(score.boundentitylogicalname, 'hrb_vessel')
  assert.is(score.isfunction, true)
  assert.is(score.CustomAPIRequestParameters[0].type, 2)
  assert.is(score.CustomAPIRequestParameters[0].isoptional, true)
  assert.is(score.CustomAPIResponseProperties.length, 2)
  const quiet = body.value.find((one: { uniquename: string }) => one.uniquename === 'hrb_Quietly')
  assert.is(quiet.isprivate, true)
  assert.is((await send('POST', 'hrb_Quietly')).status, 204)
})

calls.run()

const support = suite('which tables support which message')

support('the support query answers truthfully, and the action of a table without support is unknown', async () => {
  const { get, send } = plane()
  const supports = async (message: string, table: string) => {
    const filter = 'sdkmessageid/name eq @m and primaryobjecttypecode eq @t'
    const path = `sdkmessagefilters?$select=sdkmessagefilterid&$filter=${filter}&@m='${message}'&@t='${table}'`
    return (await get(path)).body.value.length > 0
  }
  assert.is(await supports('CreateMultiple', 'hrb_vessel'), true)
  assert.is(await supports('UpdateMultiple', 'hrb_vessel'), true)
  assert.is(await supports('DeleteMultiple', 'hrb_vessel'), false)
  assert.is(await supports('DeleteMultiple', 'hrb_log'), true)
  assert.is(await supports('CreateMultiple', 'task'), false)
  const call = (set: string, type: string) =>
    send('POST', `${set}/Microsoft.Dynamics.CRM.CreateMultiple`, { Targets: [{ '@odata.type': `Microsoft.Dynamics.CRM.${type}` }] })
  assert.is((await call('hrb_vessels', 'hrb_vessel')).status, 200)
  assert.is((await call('tasks', 'task')).status, 404)
})

support.run()
