import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harbor } from './contract/harbor.ts'
import { base, dataPlane, someId } from './data-plane.ts'

const multiple = suite('many rows in one call')

function harborPlane() {
  const plane = dataPlane({ parts: [harbor] })
  const call = (set: string, table: string, name: string, items: object[], headers?: Record<string, string>) =>
    plane.send(
      'POST',
      `${set}/Microsoft.Dynamics.CRM.${name}`,
      { Targets: items.map((item) => ({ '@odata.type': `Microsoft.Dynamics.CRM.${table}`, ...item })) },
      headers,
    )
  return {
    ...plane,
    vessels: (name: string, items: object[]) => call('hrb_vessels', 'hrb_vessel', name, items),
    logs: (name: string, items: object[], headers?: Record<string, string>) => call('hrb_logs', 'hrb_log', name, items, headers),
  }
}

multiple('created ids stand in the order of the items', async () => {
  const { vessels, get } = harborPlane()
  const { status, body } = await vessels('CreateMultiple', [{ hrb_name: 'Petrel', hrb_imo: '9074729' }, { hrb_name: 'Fulmar' }])
  assert.is(status, 200)
  assert.is(body['@odata.context'], `${base}/$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse`)
  assert.is((await get(`hrb_vessels(${body.Ids[0]})`)).body.hrb_name, 'Petrel')
  assert.is((await get(`hrb_vessels(${body.Ids[1]})`)).body.hrb_name, 'Fulmar')
})

multiple('an item without its type is refused, and nothing is written', async () => {
  const { vessels, get } = harborPlane()
  const bad = [{ hrb_name: 'Petrel' }, { '@odata.type': undefined, hrb_name: 'Fulmar' }]
  assert.is((await vessels('CreateMultiple', bad)).status, 400)
  assert.is((await vessels('CreateMultiple', [{ '@odata.type': 'Microsoft.Dynamics.CRM.account', name: 'A' }])).status, 400)
  assert.is((await get('hrb_vessels')).body.value.length, 0)
})

multiple('in a standard table one bad item takes all with it', async () => {
  const { vessels, get } = harborPlane()
  const { status, body } = await vessels('CreateMultiple', [{ hrb_name: 'Petrel' }, { hrb_name: 'x'.repeat(101) }])
  assert.equal([status, body.error.code], [400, '0x80044331'])
  assert.is((await get('hrb_vessels')).body.value.length, 0)
})

multiple('the same row twice: the first update counts, an upsert is an error', async () => {
  const { vessels, get, create } = harborPlane()
  const hrb_vesselid = await create('hrb_vessels', { hrb_name: 'Petrel' })
  const items = [
    { hrb_vesselid, hrb_name: 'First' },
    { hrb_vesselid, hrb_name: 'Second' },
  ]
  assert.is((await vessels('UpdateMultiple', items)).status, 204)
  assert.is((await get(`hrb_vessels(${hrb_vesselid})`)).body.hrb_name, 'First')
  assert.ok(
    (
      await vessels(
        'UpsertMultiple',
        items.map((item) => ({ ...item, hrb_tonnage: 1 })),
      )
    ).status >= 400,
  )
  assert.is((await get(`hrb_vessels(${hrb_vesselid})`)).body.hrb_tonnage, null)
})

multiple('an upsert finds rows by primary key and by alternate key; an update by primary key only', async () => {
  const { vessels, get, create } = harborPlane()
  const id = await create('hrb_vessels', { hrb_name: 'Petrel', hrb_imo: '9074729' })
  const byKey = { '@odata.id': "hrb_vessels(hrb_imo='9074729')", hrb_name: 'MV Petrel' }
  const fresh = someId()
  assert.is((await vessels('UpsertMultiple', [byKey, { hrb_vesselid: fresh, hrb_name: 'MV Fulmar' }])).status, 204)
  assert.is((await get(`hrb_vessels(${id})`)).body.hrb_name, 'MV Petrel')
  assert.is((await get(`hrb_vessels(${fresh})`)).body.hrb_name, 'MV Fulmar')
  assert.is((await vessels('UpdateMultiple', [byKey])).status, 400)
})

multiple('standard tables cannot delete many rows at once', async () => {
  const { vessels, create } = harborPlane()
  const { status, body } = await vessels('DeleteMultiple', [{ hrb_vesselid: await create('hrb_vessels', { hrb_name: 'Petrel' }) }])
  assert.is(status, 501)
  assert.is(body.error.message, 'DeleteMultiple has not yet been implemented.')
})

multiple('elastic tables delete by key and partition', async () => {
  const { logs, get } = harborPlane()
  const hrb_logid = someId()
  const rows = ['north', 'south'].map((partitionid) => ({ hrb_logid, partitionid, hrb_name: partitionid }))
  const { body } = await logs('CreateMultiple', rows)
  assert.equal(body.Ids, [hrb_logid, hrb_logid])
  assert.is((await logs('DeleteMultiple', [{ hrb_logid, partitionid: 'north' }])).status, 204)
  assert.equal(
    (await get('hrb_logs')).body.value.map((row: { partitionid: string }) => row.partitionid),
    ['south'],
  )
})

multiple('in an elastic table the good items stay, and the bad ones are told to who asks', async () => {
  const { logs, get } = harborPlane()
  const items = [{ hrb_name: 'good' }, { hrb_name: 'x'.repeat(101) }, { hrb_name: 'fine' }]
  const { status, body } = await logs('CreateMultiple', items, { prefer: 'odata.include-annotations="*"' })
  assert.is(status, 400)
  const name = Object.keys(body.error).find(
    (one) => one.startsWith('@Microsoft.PowerApps.CDS.ErrorDetails.') && one.endsWith('BulkApiErrorDetails'),
  )
  const details = JSON.parse(body.error[name!])
  assert.equal(
    details.map((one: { RequestIndex: number; StatusCode: number }) => [one.RequestIndex, one.StatusCode]),
    [[1, 400]],
  )
  assert.equal((await get('hrb_logs')).body.value.map((row: { hrb_name: string }) => row.hrb_name).sort(), ['fine', 'good'])
})

multiple.run()
