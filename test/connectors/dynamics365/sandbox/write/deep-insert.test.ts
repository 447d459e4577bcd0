import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harbor } from '../contract/harbor.ts'
import { base, dataPlane, someId } from '../data-plane.ts'

const test = suite('rows created together, lookups and references')
const plane = () => dataPlane({ parts: [harbor] })
const representation = { prefer: 'return=representation' }

test('nested rows are created with the row, several levels deep', async () => {
  const { create, get } = plane()
  const id = await create('hrb_vessels', {
    '@odata.type': 'Microsoft.Dynamics.CRM.hrb_vessel',
    hrb_name: 'MV Petrel',
    hrb_Operator: { name: 'North Sea Lines' },
    hrb_vessel_port_calls: [{ hrb_name: 'Rotterdam', hrb_port_call_tasks: [{ subject: 'Book pilot' }] }, { hrb_name: 'Oslo' }],
    hrb_vessel_contact: [{ lastname: 'Byron' }],
  })
  assert.is((await get(`hrb_vessels(${id})/hrb_Operator?$select=name`)).body.name, 'North Sea Lines')
  const calls = (await get(`hrb_vessels(${id})/hrb_vessel_port_calls?$select=hrb_name&$orderby=hrb_name`)).body.value
  assert.equal(
    calls.map(({ hrb_name }: { hrb_name: string }) => hrb_name),
    ['Oslo', 'Rotterdam'],
  )
  const tasks = (await get(`hrb_port_calls(${calls[1].hrb_port_callid})/hrb_port_call_tasks`)).body.value
  assert.equal([tasks.length, tasks[0].subject], [1, 'Book pilot'])
  assert.is((await get(`hrb_vessels(${id})/hrb_vessel_contact`)).body.value[0].lastname, 'Byron')
})

test('a fault anywhere in a nested body takes everything back', async () => {
  const { send, get, organization } = plane()
  const before = organization.version
  const answer = await send('POST', 'hrb_vessels', {
    hrb_name: 'MV Petrel',
    hrb_Operator: { name: 'North Sea Lines' },
    hrb_vessel_port_calls: [{ hrb_name: 'Oslo' }, { nothing: 1 }],
  })
  assert.equal([answer.status, answer.body.error.code], [400, '0x80048d19'])
  for (const set of ['hrb_vessels', 'accounts', 'hrb_port_calls']) assert.equal((await get(set)).body.value, [], set)
  assert.is(organization.version, before)
})

test('rows are bound to a collection on create, and not on update', async () => {
  const { create, send, get } = plane()
  const [call, contact] = [await create('hrb_port_calls', { hrb_name: 'Oslo' }), await create('contacts', { lastname: 'Byron' })]
  const bound = {
    'hrb_vessel_port_calls@odata.bind': [`/hrb_port_calls(${call})`],
    'hrb_vessel_contact@odata.bind': [`${base}/contacts(${contact})`],
  }
  const id = await create('hrb_vessels', { hrb_name: 'MV Petrel', ...bound })
  assert.is((await get(`hrb_port_calls(${call})`)).body._hrb_vessel_value, id)
  assert.is((await get(`hrb_vessels(${id})/hrb_vessel_contact`)).body.value.length, 1)
  const refused = await send('PATCH', `hrb_vessels(${id})`, bound, { 'if-match': '*' })
  assert.equal([refused.status, refused.body.error.code], [400, '0x80048d19'])
})

test('the representation of a create can expand', async () => {
  const { send } = plane()
  const path = 'hrb_vessels?$select=hrb_name&$expand=hrb_Operator($select=name)'
  const { status, body } = await send('POST', path, { hrb_name: 'MV Petrel', hrb_Operator: { name: 'North Sea Lines' } }, representation)
  assert.equal([status, body.hrb_Operator.name], [201, 'North Sea Lines'])
})

test('a change ignores $expand', async () => {
  const { create, send } = plane()
  const id = await create('hrb_vessels', { hrb_name: 'MV Petrel', hrb_Operator: { name: 'North Sea Lines' } })
  const path = `hrb_vessels(${id})?$select=hrb_name&$expand=hrb_Operator`
  const { status, body } = await send('PATCH', path, { hrb_name: 'MV Fulmar' }, representation)
  assert.equal([status, body.hrb_name, 'hrb_Operator' in body], [200, 'MV Fulmar', false])
})

test('an e-mail takes its parties along, which cannot be created alone', async () => {
  const { create, send, get } = plane()
  const contact = await create('contacts', { lastname: 'Byron' })
  const id = await create('emails', {
    subject: 'Berth',
    email_activity_parties: [
      { participationtypemask: 2, 'partyid_contact@odata.bind': `/contacts(${contact})` },
      { participationtypemask: 1, addressused: 'harbour@sandbox.example' },
    ],
  })
  const parties = (await get(`emails(${id})/email_activity_parties?$orderby=participationtypemask`)).body.value
  assert.equal(
    parties.map((party: Record<string, unknown>) => [party.participationtypemask, party._partyid_value]),
    [
      [1, null],
      [2, contact],
    ],
  )
  assert.is((await send('POST', 'activityparties', { participationtypemask: 2 })).status, 405)
})

test('setting one lookup of a column that several share clears the others', async () => {
  const { create, send, get } = plane()
  const [account, contact] = [await create('accounts', { name: 'A' }), await create('contacts', { lastname: 'B' })]
  const id = await create('hrb_port_call_tasks', { subject: 'T', 'hrb_Pilot_account@odata.bind': `/accounts(${account})` })
  await send('PATCH', `hrb_port_call_tasks(${id})`, { 'hrb_Pilot_contact@odata.bind': `/contacts(${contact})` })
  assert.is((await get(`hrb_port_call_tasks(${id})/hrb_Pilot_account`)).status, 204)
  assert.is((await get(`hrb_port_call_tasks(${id})/hrb_Pilot_contact`)).body.contactid, contact)
  await send('PATCH', `hrb_port_call_tasks(${id})`, { hrb_Pilot_contact: null })
  assert.is((await get(`hrb_port_call_tasks(${id})`)).body._hrb_pilot_value, null)
})

test('a lookup is set and cleared by reference', async () => {
  const { create, send, get } = plane()
  const [account, vessel] = [await create('accounts', { name: 'A' }), await create('hrb_vessels', { hrb_name: 'V' })]
  const path = `hrb_vessels(${vessel})/hrb_Operator/$ref`
  const operator = async () => (await get(`hrb_vessels(${vessel})`)).body._hrb_operator_value
  assert.is((await send('PUT', path, { '@odata.id': `${base}/accounts(${account})` })).status, 204)
  assert.is(await operator(), account)
  assert.is((await send('DELETE', path)).status, 204)
  assert.is(await operator(), null)
  assert.is((await send('PUT', path, { '@odata.id': `${base}/accounts(${someId()})` })).body.error.code, '0x80040217')
  assert.is((await send('PUT', path, { '@odata.id': `${base}/contacts(${account})` })).status, 400)
  assert.is((await send('PUT', path, {})).status, 400)
})

test('deleting at the name of a lookup does not work, and deletes nothing', async () => {
  const { create, send, get } = plane()
  const account = await create('accounts', { name: 'A' })
  const vessel = await create('hrb_vessels', { hrb_name: 'V', 'hrb_Operator@odata.bind': `/accounts(${account})` })
  assert.is((await send('DELETE', `hrb_vessels(${vessel})/hrb_Operator`)).status, 405)
  assert.is((await get(`accounts(${account})`)).status, 200)
})

test('rows go into collections of both kinds and out of them', async () => {
  const { create, send, get } = plane()
  const vessel = await create('hrb_vessels', { hrb_name: 'V' })
  const rows = {
    hrb_vessel_port_calls: `hrb_port_calls(${await create('hrb_port_calls', { hrb_name: 'P' })})`,
    hrb_vessel_contact: `contacts(${await create('contacts', { lastname: 'C' })})`,
  }
  for (const [collection, row] of Object.entries(rows)) {
    const path = `hrb_vessels(${vessel})/${collection}`
    const count = async () => (await get(path)).body.value.length
    const key = row.slice(row.indexOf('('))
    assert.is((await send('POST', `${path}/$ref`, { '@odata.id': `${base}/${row}` })).status, 204)
    assert.is(await count(), 1)
    assert.is((await send('DELETE', `${path}${key}/$ref`)).status, 204)
    assert.is(await count(), 0)
    assert.is((await send('DELETE', `${path}${key}/$ref`)).status, 404)
    assert.is((await send('POST', `${path}/$ref`, { '@odata.id': row })).status, 204)
    assert.is((await send('DELETE', `${path}/$ref?$id=${base}/${row}`)).status, 204)
    assert.is(await count(), 0)
    assert.is((await get(row)).status, 200)
    assert.is((await send('DELETE', `${path}/$ref`)).status, 400)
  }
})

test('a pair that is there already: refused, or by switch nothing happens', async () => {
  for (const [pair_again, expected] of [
    ['refuse', 412],
    ['ignore', 204],
  ] as const) {
    const { create, send } = dataPlane({ parts: [harbor], switches: { pair_again } })
    const [vessel, contact] = [await create('hrb_vessels', { hrb_name: 'V' }), await create('contacts', { lastname: 'C' })]
    const add = () => send('POST', `hrb_vessels(${vessel})/hrb_vessel_contact/$ref`, { '@odata.id': `${base}/contacts(${contact})` })
    assert.is((await add()).status, 204)
    const again = await add()
    assert.is(again.status, expected)
    if (expected === 412) assert.is(again.body.error.code, '0x80040237')
  }
})

test('pairs go with their rows', async () => {
  const { create, send, get } = plane()
  const vessel = await create('hrb_vessels', { hrb_name: 'V', hrb_vessel_contact: [{ lastname: 'C' }] })
  const [{ contactid }] = (await get(`hrb_vessels(${vessel})/hrb_vessel_contact`)).body.value
  await send('DELETE', `contacts(${contactid})`)
  assert.equal((await get(`hrb_vessels(${vessel})/hrb_vessel_contact`)).body.value, [])
  assert.equal((await get('hrb_vessel_contactset')).body.value, [])
})

test('a restricting relationship forbids to delete, also what would go along', async () => {
  const { create, send, get } = plane()
  const vessel = await create('hrb_vessels', {
    hrb_name: 'V',
    hrb_vessel_port_calls: [{ hrb_name: 'P', hrb_port_call_tasks: [{ subject: 'T' }] }],
  })
  const [{ hrb_port_callid }] = (await get('hrb_port_calls')).body.value
  for (const path of [`hrb_port_calls(${hrb_port_callid})`, `hrb_vessels(${vessel})`]) {
    const { status, body } = await send('DELETE', path)
    assert.equal([status, body.error.code], [405, '0x80040227'])
    assert.is((await get(path)).status, 200)
  }
  const [{ hrb_port_call_taskid }] = (await get('hrb_port_call_tasks')).body.value
  await send('DELETE', `hrb_port_call_tasks(${hrb_port_call_taskid})`)
  assert.is((await send('DELETE', `hrb_vessels(${vessel})`)).status, 204)
  assert.equal((await get('hrb_port_calls')).body.value, [])
})

test.run()
