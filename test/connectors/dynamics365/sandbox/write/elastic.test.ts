import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harbor } from '../contract/harbor.ts'
import { base, dataPlane, someId } from '../data-plane.ts'

const test = suite('writes of elastic tables')
const plane = (clock?: () => Date) => dataPlane({ parts: [harbor], ...(clock && { clock }) })
const key = (id: string, partition: string) => `hrb_logs(hrb_logid=${id},partitionid='${partition}')`

test('the partition is the key itself where none is given', async () => {
  const { create, get } = plane()
  const id = await create('hrb_logs', { hrb_name: 'L' })
  assert.is((await get(`hrb_logs(${id})`)).body.partitionid, id)
})

test('the same id may be in several partitions, which are told apart', async () => {
  const { send, get } = plane()
  const hrb_logid = someId()
  for (const partitionid of ['north', 'North', 'south']) {
    const { status, headers } = await send('POST', 'hrb_logs', { hrb_logid, hrb_name: partitionid, partitionid })
    assert.equal([status, headers['OData-EntityId']], [204, `${base}/${key(hrb_logid, partitionid)}`])
    assert.ok(headers['x-ms-session-token'])
  }
  const again = await send('POST', 'hrb_logs', { hrb_logid, partitionid: 'north' })
  assert.equal([again.status, again.body.error.code], [412, '0x80040237'])
  assert.is((await get(key(hrb_logid, 'north'))).body.hrb_name, 'north')
  assert.is((await get(`hrb_logs(${hrb_logid})?partitionId=North`)).body.hrb_name, 'North')
  assert.is((await get(`hrb_logs(${hrb_logid})`)).status, 404)
  const deleted = await send('DELETE', `hrb_logs(${hrb_logid})?partitionId=north`)
  assert.equal([deleted.status, deleted.headers['x-ms-session-token']], [204, undefined])
  assert.equal([(await get(key(hrb_logid, 'north'))).status, (await get(key(hrb_logid, 'south'))).status], [404, 200])
})

test('half of a pair in a text becomes the character that stands for what is broken', async () => {
  const { send, get } = plane()
  const { headers } = await send('POST', 'hrb_logs', '{"hrb_name":"\\ud800","partitionid":"\\udc00north"}')
  assert.match(headers['OData-EntityId']!, /,partitionid='%EF%BF%BDnorth'\)$/)
  const { body } = await get(headers['OData-EntityId']!)
  assert.equal([body.hrb_name, body.partitionid], ['\ufffd', '\ufffdnorth'])
})

test('an upsert replaces the row as a whole, an update does not', async () => {
  const { send, get } = plane()
  const path = key(someId(), 'north')
  assert.is((await send('PATCH', path, { hrb_name: 'L', hrb_value: 1 })).status, 204)
  await send('PATCH', path, { hrb_value: 2 }, { 'if-match': '*' })
  assert.equal([(await get(path)).body.hrb_name, (await get(path)).body.hrb_value], ['L', 2])
  await send('PATCH', path, { hrb_value: 3 })
  assert.equal([(await get(path)).body.hrb_name, (await get(path)).body.hrb_value], [null, 3])
  assert.is((await get('hrb_logs')).body.value.length, 1)
})

test('the partition of a row cannot be changed', async () => {
  const { create, send, get } = plane()
  const id = await create('hrb_logs', { hrb_name: 'L' })
  assert.is((await send('PATCH', `hrb_logs(${id})`, { partitionid: 'south' }, { 'if-match': '*' })).status, 400)
  assert.is((await send('PATCH', `hrb_logs(${id})`, { partitionid: id }, { 'if-match': '*' })).status, 204)
  assert.is((await get(`hrb_logs(${id})`)).body.partitionid, id)
})

test('a row goes when its time is over', async () => {
  let now = Date.parse('2026-03-04T09:15:00Z')
  const { create, get } = plane(() => new Date(now))
  const id = await create('hrb_logs', { hrb_name: 'L', ttlinseconds: 60 })
  now += 59_000
  assert.is((await get(`hrb_logs(${id})`)).status, 200)
  now += 1_000
  assert.is((await get(`hrb_logs(${id})`)).status, 404)
})

test.run()
