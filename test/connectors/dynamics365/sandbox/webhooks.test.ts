import { setImmediate } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSandbox } from '../../../../connectors/dynamics365/sandbox/index.ts'
import { expireDeltaTokens } from '../../../../connectors/dynamics365/sandbox/organization/delta-tokens.ts'
import { settled } from '../../../../connectors/dynamics365/sandbox/webhooks/dispatch.ts'
import { harbor } from './contract/harbor.ts'
import { type Body, type DataPlane, dataPlane } from './data-plane.ts'
import { type Receiver, receiver } from './webhook-receiver.ts'

interface Context extends Receiver {
  plane: DataPlane
}

const webhooks = suite<Context>('webhooks of the sandbox')

webhooks.before.each(async (context) => {
  const plane = dataPlane({ parts: [harbor] })
  Object.assign(context, { plane, ...(await receiver(plane)) })
})
webhooks.after.each(({ close }) => close())

webhooks('a change is delivered with its headers, its key and its typed values', async ({ plane, received, register }) => {
  const account = await plane.create('accounts', { name: 'Lines' })
  const id = await plane.create('hrb_vessels', { hrb_name: 'MV Petrel' })
  await register({})
  await plane.send('PATCH', `hrb_vessels(${id})`, {
    hrb_name: 'MV Fulmar',
    hrb_class: 100000001,
    hrb_rate: 12.5,
    hrb_active: false,
    'hrb_Operator@odata.bind': `/accounts(${account})`,
  })
  await settled(plane.organization)
  assert.is(received.length, 1)
  const { url, headers, text, body } = received[0]!
  assert.is(url, '/in?code=s3cr3t')
  assert.equal(
    ['content-type', 'x-ms-dynamics-entity-name', 'x-ms-dynamics-request-name', 'x-ms-correlation-request-id'].map((name) => headers[name]),
    ['application/json; charset=utf-8', 'hrb_vessel', 'Update', body.CorrelationId],
  )
  assert.equal([body.MessageName, body.PrimaryEntityName, body.PrimaryEntityId, body.Stage, body.Mode], ['Update', 'hrb_vessel', id, 40, 1])
  assert.is(body.OwningExtension.Name, 'vessel-hook')
  const target = body.InputParameters[0].value
  assert.is(target.__type, 'Entity:http://schemas.microsoft.com/xrm/2011/Contracts')
  const values = Object.fromEntries(target.Attributes.map(({ key, value }: Body) => [key, value]))
  assert.is(values.hrb_name, 'MV Fulmar')
  assert.is(values.hrb_active, false)
  assert.equal([values.hrb_class.Value, values.hrb_rate.Value], [100000001, 12.5])
  assert.equal([values.hrb_operator.LogicalName, values.hrb_operator.Id], ['account', account])
  assert.match(text, /"key":"modifiedon","value":"\\\/Date\(\d+\)\\\/"/)
})

webhooks('only the columns, tables and messages of the step; authvalue is never given back', async ({ plane, received, register }) => {
  const id = await plane.create('hrb_vessels', { hrb_name: 'MV Petrel' })
  await register({ filteringattributes: 'hrb_tonnage, hrb_name' })
  await plane.send('PATCH', `hrb_vessels(${id})`, { hrb_callsign: 'X' })
  await plane.create('hrb_vessels', { hrb_name: 'another' })
  await plane.create('accounts', { name: 'another' })
  await settled(plane.organization)
  assert.is(received.length, 0)
  await plane.send('PATCH', `hrb_vessels(${id})`, { hrb_name: 'Y' })
  await settled(plane.organization)
  assert.is(received.length, 1)
  assert.is('authvalue' in (await plane.get('serviceendpoints')).body.value[0], false)
})

webhooks('creations bring the id, deletions a reference', async ({ plane, received, register }) => {
  await register({ message: 'Create' })
  await register({ message: 'Delete' })
  const id = await plane.create('hrb_vessels', { hrb_name: 'MV Petrel' })
  await plane.send('DELETE', `hrb_vessels(${id})`)
  await settled(plane.organization)
  const byName = (name: string) => received.find(({ body }) => body.MessageName === name)!.body
  assert.equal(byName('Create').OutputParameters, [{ key: 'id', value: id }])
  assert.equal([byName('Delete').InputParameters[0].value.Id, byName('Delete').InputParameters[0].value.LogicalName], [id, 'hrb_vessel'])
})

webhooks('a pair that is added or taken away is told once, however that was asked', async ({ plane, received, register }) => {
  await register({ message: 'Associate' })
  await register({ message: 'Disassociate' })
  const contact = await plane.create('contacts', { lastname: 'Boatswain' })
  const vessel = await plane.create('hrb_vessels', { hrb_name: 'Petrel', 'hrb_vessel_contact@odata.bind': [`/contacts(${contact})`] })
  const told = async () => {
    await settled(plane.organization)
    return received.splice(0).map(({ headers, body }) => {
      const input = Object.fromEntries(body.InputParameters.map(({ key, value }: Body) => [key, value]))
      assert.equal(Object.keys(input), ['Target', 'Relationship', 'RelatedEntities'])
      assert.equal(input.Relationship, {
        __type: 'Relationship:http://schemas.microsoft.com/xrm/2011/Contracts',
        PrimaryEntityRole: null,
        SchemaName: 'hrb_vessel_contact',
      })
      assert.equal(
        [input.Target.__type, input.RelatedEntities.length],
        ['EntityReference:http://schemas.microsoft.com/xrm/2011/Contracts', 1],
      )
      assert.equal([headers['x-ms-dynamics-entity-name'], body.PrimaryEntityId], [input.Target.LogicalName, input.Target.Id])
      return [body.MessageName, input.Target.Id, input.RelatedEntities[0].Id]
    })
  }
  assert.equal(await told(), [['Associate', vessel, contact]])
  await plane.send('DELETE', `hrb_vessels(${vessel})/hrb_vessel_contact(${contact})/$ref`)
  assert.equal(await told(), [['Disassociate', vessel, contact]])
  // From the other side, and a second time, which is refused.
  const address = { '@odata.id': `hrb_vessels(${vessel})` }
  await plane.send('POST', `contacts(${contact})/hrb_vessel_contact/$ref`, address)
  assert.is((await plane.send('POST', `contacts(${contact})/hrb_vessel_contact/$ref`, address)).status, 412)
  assert.equal(await told(), [['Associate', contact, vessel]])
  await plane.send('DELETE', `contacts(${contact})/hrb_vessel_contact/$ref?$id=hrb_vessels(${vessel})`)
  assert.equal(await told(), [['Disassociate', contact, vessel]])
  const nested = await plane.create('contacts', { lastname: 'Pilot', hrb_vessel_contact: [{ hrb_name: 'Fulmar' }, { hrb_name: 'Gannet' }] })
  const vessels = (await plane.get(`contacts(${nested})/hrb_vessel_contact?$select=hrb_vesselid`)).body.value
  assert.equal((await told()).sort(), vessels.map((row: Body) => ['Associate', nested, row.hrb_vesselid]).sort())
})

webhooks('the event of a pair names no entity where the switch says so', async ({ plane, received, register }) => {
  plane.organization.switches.pair_event_entity = 'none'
  await register({ message: 'Associate' })
  const contact = await plane.create('contacts', { lastname: 'Boatswain' })
  await plane.create('hrb_vessels', { hrb_name: 'Petrel', 'hrb_vessel_contact@odata.bind': [`/contacts(${contact})`] })
  await settled(plane.organization)
  assert.equal(
    received.map(({ headers, body }) => [headers['x-ms-dynamics-entity-name'], body.PrimaryEntityName, body.PrimaryEntityId]),
    [['none', 'none', '00000000-0000-0000-0000-000000000000']],
  )
})

webhooks('a synchronous step of a pair takes it back with the row', async ({ plane, answers, register }) => {
  await register({ message: 'Associate', mode: 0 })
  const contact = await plane.create('contacts', { lastname: 'Boatswain' })
  answers.push(500)
  const row = { hrb_name: 'Petrel', 'hrb_vessel_contact@odata.bind': [`/contacts(${contact})`] }
  assert.is((await plane.send('POST', 'hrb_vessels', row)).status, 400)
  assert.equal((await plane.get('hrb_vessels')).body.value, [])
})

webhooks('one retry for 502, 503 and 504 alone; a failure is a job', async ({ plane, received, answers, register }) => {
  await register({ message: 'Create' })
  const jobs = async () => (await plane.get('asyncoperations?$select=statecode,statuscode&$orderby=createdon')).body.value
  answers.push(503)
  await plane.create('hrb_vessels', { hrb_name: 'a' })
  await settled(plane.organization)
  assert.equal([received.length, (await jobs())[0].statuscode], [2, 30])
  answers.push(503, 503)
  await plane.create('hrb_vessels', { hrb_name: 'b' })
  await settled(plane.organization)
  answers.push(500)
  await plane.create('hrb_vessels', { hrb_name: 'c' })
  await settled(plane.organization)
  assert.is(received.length, 5)
  assert.equal((await jobs()).map((job: Body) => job.statuscode).sort(), [30, 31, 31])
})

webhooks('a job that succeeded goes where the step says so', async ({ plane, register }) => {
  await register({ message: 'Create', asyncautodelete: true })
  await plane.create('hrb_vessels', { hrb_name: 'a' })
  await settled(plane.organization)
  assert.equal((await plane.get('asyncoperations')).body.value, [])
})

webhooks('a synchronous step that fails takes the write back, and others wait for it', async ({ plane, answers, register }) => {
  await register({ message: 'Create', mode: 0 })
  answers.push(500)
  const [failed, waited] = await Promise.all([
    plane.send('POST', 'hrb_vessels', { hrb_name: 'refused' }),
    plane.send('POST', 'hrb_vessels', { hrb_name: 'taken' }),
  ])
  assert.equal([failed.status, failed.body.error.code, waited.status], [400, '0x80040265', 204])
  assert.equal(await plane.names('hrb_vessels', 'hrb_name ne null', 'hrb_name'), ['taken'])
})

webhooks('a redirect is final, and an address that is none fails', async ({ plane, received, answers, register }) => {
  await register({ message: 'Create' })
  await register({ message: 'Create' }, { url: 'nowhere' })
  answers.push(302)
  await plane.create('hrb_vessels', { hrb_name: 'a' })
  await settled(plane.organization)
  assert.is(received.length, 1)
  const jobs = (await plane.get('asyncoperations?$select=statuscode')).body.value
  assert.equal(
    jobs.map((job: Body) => job.statuscode),
    [31, 31],
  )
  await register({ message: 'Create', mode: 0 }, { url: 'nowhere' })
  const { status, body } = await plane.send('POST', 'hrb_vessels', { hrb_name: 'b' })
  assert.equal([status, body.error.code], [400, '0x80040265'])
})

webhooks('a delivery that ends while a request is held is not taken back with it', async ({ plane, received, answers, register }) => {
  await register({ message: 'Create' })
  await register({ message: 'Update', mode: 0 })
  const [asynchronous, synchronous] = [Promise.withResolvers<number>(), Promise.withResolvers<number>()]
  answers.push(asynchronous.promise, synchronous.promise)
  const id = await plane.create('hrb_vessels', { hrb_name: 'MV Petrel' })
  while (received.length < 1) await setImmediate()
  const refused = plane.send('PATCH', `hrb_vessels(${id})`, { hrb_name: 'MV Fulmar' })
  while (received.length < 2) await setImmediate()
  asynchronous.resolve(200)
  for (let turn = 0; turn < 100; turn++) await setImmediate()
  synchronous.resolve(500)
  assert.is((await refused).status, 400)
  await settled(plane.organization)
  const jobs = (await plane.get('asyncoperations?$select=messagename,statuscode')).body.value
  assert.equal(
    jobs.map((job: Body) => [job.messagename, job.statuscode]),
    [['Create', 30]],
  )
})

webhooks(
  'delta tokens that expire while a request is held stay so when it is taken back',
  async ({ plane, received, answers, register }) => {
    await register({ message: 'Create', mode: 0 })
    const link = (await plane.get('accounts', { prefer: 'odata.track-changes' })).body['@odata.deltaLink']
    const answered = Promise.withResolvers<number>()
    answers.push(answered.promise)
    const refused = plane.send('POST', 'hrb_vessels', { hrb_name: 'MV Petrel' })
    while (received.length < 1) await setImmediate()
    const expired = expireDeltaTokens(plane.organization)
    answered.resolve(500)
    assert.is((await refused).status, 400)
    await expired
    assert.is((await plane.get(link)).status, 400)
  },
)

webhooks('a step whose change was taken back is called as it was', async ({ plane, received, answers, register }) => {
  await register({ message: 'Create', mode: 0 })
  const [step] = (await plane.get('sdkmessageprocessingsteps')).body.value
  const part = (method: string, path: string, body: object) => [
    '--b',
    'Content-Type: application/http',
    '',
    `${method} /api/data/v9.2/${path} HTTP/1.1`,
    'Content-Type: application/json',
    '',
    JSON.stringify(body),
  ]
  const text = [
    ...part('PATCH', `sdkmessageprocessingsteps(${step.sdkmessageprocessingstepid})`, { mode: 1 }),
    ...part('POST', 'hrb_vessels', { hrb_name: 'a' }),
    '--b--',
    '',
  ]
  await register({ message: 'Create', mode: 0 })
  answers.push(500)
  const batch = await plane.send('POST', '$batch', text.join('\r\n'), { 'content-type': 'multipart/mixed; boundary=b' })
  assert.is(batch.status, 400)
  await plane.create('hrb_vessels', { hrb_name: 'b' })
  await settled(plane.organization)
  assert.equal(
    received.map(({ body }) => body.Mode),
    [0, 0, 0],
  )
})

webhooks('closing ends a delivery under way', async ({ received, answers, url }) => {
  const sandbox = await startSandbox({ auth: 'off' })
  const ask = async (path: string, body?: object) => {
    const answer = await fetch(`${sandbox.url}/api/data/v9.2/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: 'Bearer any', prefer: 'return=representation' },
      ...(body && { body: JSON.stringify(body) }),
    })
    return answer.json() as Promise<Body>
  }
  const endpoint = { name: 'hook', url, contract: 8, connectionmode: 1, userclaim: 1, path: '/', solutionnamespace: 'harbor' }
  const { serviceendpointid } = await ask('serviceendpoints', endpoint)
  const message = (await ask("sdkmessages?$filter=name eq 'Create'")).value[0].sdkmessageid
  await ask('sdkmessageprocessingsteps', {
    name: 'hook',
    'sdkmessageid@odata.bind': `/sdkmessages(${message})`,
    'eventhandler_serviceendpoint@odata.bind': `/serviceendpoints(${serviceendpointid})`,
    mode: 1,
    stage: 40,
  })
  const never = Promise.withResolvers<number>()
  answers.push(never.promise)
  await ask('accounts', { name: 'a' })
  while (received.length < 1) await setImmediate()
  await sandbox.close()
  never.resolve(200)
})

webhooks(
  'definitions are taken back with what a synchronous step refuses; with a table go its steps',
  async ({ plane, answers, register }) => {
    const crm = 'Microsoft.Dynamics.CRM.'
    const primaryName = { '@odata.type': `${crm}StringAttributeMetadata`, SchemaName: 'new_Name', IsPrimaryName: true }
    const table = { '@odata.type': `${crm}EntityMetadata`, SchemaName: 'new_Boat', Attributes: [primaryName] }
    await register({ message: 'Create', table: 'account', mode: 0, stage: 40 })
    answers.push(500)
    const part = (path: string, body: object) => [
      '--b',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      `POST /api/data/v9.2/${path} HTTP/1.1`,
      'Content-Type: application/json',
      '',
      JSON.stringify(body),
    ]
    const text = [...part('EntityDefinitions', table), ...part('accounts', { name: 'a' }), '--b--', ''].join('\r\n')
    const { status } = await plane.send('POST', '$batch', text, { 'content-type': 'multipart/mixed; boundary=b' })
    assert.is(status, 400)
    assert.is((await plane.get('new_boats')).status, 404)
    assert.is((await plane.send('POST', 'EntityDefinitions', table)).status, 204)
    await register({ message: 'Create', table: 'new_boat', mode: 0, stage: 40 })
    assert.is((await plane.send('DELETE', "EntityDefinitions(LogicalName='new_boat')")).status, 204)
    assert.is((await plane.get('sdkmessageprocessingsteps')).body.value.length, 1)
  },
)

webhooks('nothing is sent of what was taken back', async ({ plane, received, register }) => {
  await register({ message: 'Create' })
  const set = ['--b', 'Content-Type: multipart/mixed; boundary=c', '']
  const part = (id: number, body: object) => [
    '--c',
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    `Content-ID: ${id}`,
    '',
    'POST /api/data/v9.2/hrb_vessels HTTP/1.1',
    'Content-Type: application/json',
    '',
    JSON.stringify(body),
  ]
  const text = [...set, ...part(1, { hrb_name: 'a' }), ...part(2, { nonsense: 1 }), '--c--', '--b--', ''].join('\r\n')
  await plane.send('POST', '$batch', text, { 'content-type': 'multipart/mixed; boundary=b' })
  await settled(plane.organization)
  assert.is(received.length, 0)
})

webhooks('a body above 256 KB leaves out what is large', async ({ plane, received, register }) => {
  await register({ message: 'Create' })
  // Names have no bound of their own in the body: the length of a column has one, so that it is lifted here.
  Object.assign(plane.organization.schema.tables.get('hrb_vessel')!.columns.get('hrb_logbook')!, { maxLength: 1_000_000 })
  await plane.create('hrb_vessels', { hrb_name: 'large', hrb_logbook: 'x'.repeat(300_000) })
  await settled(plane.organization)
  const { headers, body } = received[0]!
  assert.ok(headers['x-ms-dynamics-msg-size-exceeded'])
  assert.is('InputParameters' in body, false)
  assert.match(body.PrimaryEntityId, /^[0-9a-f-]{36}$/)
})

webhooks('headers and query parameters in place of a key', async ({ plane, received, register }) => {
  const pairs = '<settings><setting name="x-key" value="a&amp;b"/></settings>'
  await register({ message: 'Create' }, { authtype: 5, authvalue: pairs })
  await register({ message: 'Create' }, { authtype: 6, authvalue: pairs })
  await plane.create('hrb_vessels', { hrb_name: 'a' })
  await settled(plane.organization)
  assert.equal(received.map(({ url, headers }) => [url, headers['x-key']]).sort(), [
    ['/in', 'a&b'],
    ['/in?x-key=a%26b', undefined],
  ])
})

webhooks('what an endpoint needs, a check, and nothing once it is gone', async ({ plane, received, register }) => {
  const lacking = await plane.send('POST', 'serviceendpoints', { name: 'x', contract: 8 })
  assert.is(lacking.status, 400)
  await register({ message: 'Create' })
  const { serviceendpointid } = (await plane.get('serviceendpoints')).body.value[0]
  const check = await plane.send('POST', 'TriggerServiceEndpointCheck', { Entity: { serviceendpointid } })
  assert.is(check.status, 204)
  await settled(plane.organization)
  assert.is(received[0]!.body.MessageName, 'TriggerServiceEndpointCheck')
  await plane.send('DELETE', `serviceendpoints(${serviceendpointid})`)
  await plane.create('hrb_vessels', { hrb_name: 'a' })
  await settled(plane.organization)
  assert.is(received.length, 1)
  assert.equal((await plane.get('sdkmessageprocessingsteps')).body.value, [])
})

webhooks.run()
