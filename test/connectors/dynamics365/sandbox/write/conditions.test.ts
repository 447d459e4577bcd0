import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harbor } from '../contract/harbor.ts'
import { base, dataPlane, someId } from '../data-plane.ts'

const test = suite('conditions, keys and duplicates of writes')
const plane = (switches = {}) => dataPlane({ parts: [harbor], switches })
const outcome = ({ status, body }: { status: number; body: { error: { code: string } } }) => [status, body.error.code]

test('versions of a missing row: 404', async () => {
  const { send } = plane()
  const path = `hrb_vessels(${someId()})`
  for (const etag of ['*', 'W/"123"'])
    assert.equal(outcome(await send('PATCH', path, { hrb_name: 'V' }, { 'if-match': etag })), [404, '0x80040217'])
  assert.equal(outcome(await send('DELETE', path, undefined, { 'if-match': 'W/"123"' })), [404, '0x80040217'])
})

test('a table without optimistic concurrency refuses versions, and what is no version is refused everywhere', async () => {
  const { create, send } = plane()
  const task = `hrb_port_call_tasks(${await create('hrb_port_call_tasks', { subject: 'T' })})`
  assert.equal(outcome(await send('PATCH', task, { subject: 'U' }, { 'if-match': 'W/"1"' })), [400, '0x8006088D'])
  assert.equal(outcome(await send('DELETE', task, undefined, { 'if-match': 'W/"1"' })), [400, '0x8006088D'])
  assert.is((await send('PATCH', task, { subject: 'U' }, { 'if-match': '*' })).status, 204)
  assert.equal(outcome(await send('PATCH', task, { subject: 'U' }, { 'if-match': '17' })), [400, '0x80060883'])
})

test('a key with a lookup names a row, creates it, and must lead somewhere', async () => {
  const { create, send, get } = plane()
  const account = await create('accounts', { name: 'A' })
  const path = `hrb_vessels(_hrb_operator_value=${account},hrb_callsign='PB12')`
  const created = await send('PATCH', path, { hrb_name: 'V' })
  assert.equal([created.status, created.headers['OData-EntityId']], [204, `${base}/${path}`])
  const { body } = await get(path)
  assert.equal([body._hrb_operator_value, body.hrb_callsign], [account, 'PB12'])
  await send('PATCH', path, { hrb_name: 'W', hrb_callsign: 'dropped' })
  assert.equal([(await get(path)).body.hrb_name, (await get('hrb_vessels')).body.value.length], ['W', 1])
  const nowhere = `hrb_vessels(_hrb_operator_value=${someId()},hrb_callsign='PB13')`
  assert.equal(outcome(await send('PATCH', nowhere, { hrb_name: 'V' })), [404, '0x80040217'])
})

test('a column that the server needs cannot be cleared', async () => {
  const { create, send } = plane()
  const task = `hrb_port_call_tasks(${await create('hrb_port_call_tasks', { subject: 'T' })})`
  for (const answer of [await send('PATCH', task, { subject: null }), await send('DELETE', `${task}/subject`)])
    assert.equal(outcome(answer), [400, '0x80040200'])
})

test('a status must fit the state', async () => {
  const { create, send, get } = plane()
  const vessel = `hrb_vessels(${await create('hrb_vessels', { hrb_name: 'V', statuscode: 100000010 })})`
  const state = async () => {
    const { body } = await get(vessel)
    return [body.statecode, body.statuscode]
  }
  assert.equal(await state(), [0, 100000010])
  assert.equal(outcome(await send('PATCH', vessel, { statecode: 1, statuscode: 1 })), [400, '0x80048408'])
  await send('PATCH', vessel, { statecode: 1 })
  assert.equal(await state(), [1, 2])
})

test('duplicates are looked for only when asked, on create and on update', async () => {
  const { create, send } = plane()
  const asked = { 'mscrm.suppressduplicatedetection': 'false' }
  await create('accounts', { name: 'North Sea Lines' })
  const other = await create('accounts', { name: 'Other' })
  assert.equal(outcome(await send('POST', 'accounts', { name: 'north sea lines' }, asked)), [412, '0x80040333'])
  assert.equal(outcome(await send('PATCH', `accounts(${other})`, { name: 'North Sea Lines' }, asked)), [412, '0x80040333'])
  assert.is((await send('PATCH', `accounts(${other})`, { name: 'Other' }, asked)).status, 204)
  assert.is((await send('POST', 'accounts', { name: 'North Sea Lines' })).status, 204)
  await create('contacts', { firstname: 'Ada', lastname: 'Byron' })
  assert.is((await send('POST', 'contacts', { lastname: 'Byron' }, asked)).status, 204)
  assert.equal(outcome(await send('POST', 'contacts', { firstname: 'Ada', lastname: 'Byron' }, asked)), [412, '0x80040333'])
  const older = plane({ duplicate_detected_status: 500 })
  await older.create('leads', { lastname: 'B', emailaddress1: 'b@x.example' })
  assert.equal(outcome(await older.send('POST', 'leads', { lastname: 'C', emailaddress1: 'b@x.example' }, asked)), [500, '0x80040333'])
})

test.run()
