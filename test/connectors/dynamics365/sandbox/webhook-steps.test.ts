import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { settled } from '../../../../connectors/dynamics365/sandbox/webhooks/dispatch.ts'
import { harbor } from './contract/harbor.ts'
import { type Body, type DataPlane, dataPlane } from './data-plane.ts'
import { type Receiver, receiver } from './webhook-receiver.ts'

interface Context extends Receiver {
  plane: DataPlane
  /** What came since the last time. */
  told(): Promise<Body[]>
  image(step: string, row: Record<string, unknown>): Promise<number>
}

const steps = suite<Context>('steps of webhooks')
const [before, after, both] = [0, 1, 2]

steps.before(async (context) => {
  const plane = dataPlane({ parts: [harbor] })
  const { received, ...rest } = await receiver(plane)
  Object.assign(context, {
    plane,
    received,
    ...rest,
    async told() {
      await settled(plane.organization)
      return received.splice(0).map(({ body }) => body)
    },
    async image(step: string, row: Record<string, unknown>) {
      const whole = {
        messagepropertyname: 'Target',
        'sdkmessageprocessingstepid@odata.bind': `/sdkmessageprocessingsteps(${step})`,
        ...row,
      }
      return (await plane.send('POST', 'sdkmessageprocessingstepimages', whole)).status
    },
  })
})
steps.before.each(async ({ plane, received }) => {
  const endpoints = (await plane.get('serviceendpoints?$select=name')).body.value
  for (const { serviceendpointid } of endpoints) await plane.send('DELETE', `serviceendpoints(${serviceendpointid})`)
  await settled(plane.organization)
  received.length = 0
})
steps.after(({ close }) => close())

const valuesOf = (entity: Body) => Object.fromEntries(entity.Attributes.map(({ key, value }: Body) => [key, value]))
const images = (list: Body[]) => Object.fromEntries(list.map(({ key, value }) => [key, valuesOf(value)]))

steps('images show the row before and after, with the columns asked for', async ({ plane, register, image, told }) => {
  const account = await plane.create('accounts', { name: 'Lines' })
  const id = await plane.create('hrb_vessels', { hrb_name: 'Petrel', hrb_callsign: 'PTRL' })
  const step = await register({ mode: 0, stage: 40 })
  assert.is(await image(step, { entityalias: 'old', imagetype: before, attributes: 'hrb_name,hrb_operator' }), 204)
  assert.is(await image(step, { entityalias: 'new', imagetype: after, attributes: 'hrb_name, hrb_operator' }), 204)
  assert.is(await image(step, { entityalias: 'all', imagetype: both }), 204)
  await plane.send('PATCH', `hrb_vessels(${id})`, { hrb_name: 'Fulmar', 'hrb_Operator@odata.bind': `/accounts(${account})` })
  const [{ PreEntityImages, PostEntityImages, InputParameters }] = (await told()) as [Body]
  const [old, all] = PreEntityImages
  assert.is(old.key, 'old')
  // What is empty is left out; the key always comes.
  assert.equal(valuesOf(old.value), { hrb_name: 'Petrel', hrb_vesselid: id })
  assert.equal([old.value.Id, old.value.LogicalName, '__type' in old.value], [id, 'hrb_vessel', false])
  assert.equal([valuesOf(all.value).hrb_name, valuesOf(all.value).hrb_callsign], ['Petrel', 'PTRL'])
  const { new: changed, all: whole } = images(PostEntityImages)
  assert.equal([changed!.hrb_name, changed!.hrb_operator.Id, changed!.hrb_operator.LogicalName], ['Fulmar', account, 'account'])
  assert.equal([whole!.hrb_name, whole!.hrb_callsign], ['Fulmar', 'PTRL'])
  assert.is('hrb_callsign' in valuesOf(InputParameters[0].value), false)
})

steps('each of several changes in one request has its own images', async ({ plane, register, image, told }) => {
  const id = await plane.create('hrb_vessels', { hrb_name: 'a' })
  const step = await register({ mode: 1 })
  await image(step, { entityalias: 'row', imagetype: both, attributes: 'hrb_name' })
  const part = (name: string) => [
    '--b',
    'Content-Type: application/http',
    '',
    `PATCH /api/data/v9.2/hrb_vessels(${id}) HTTP/1.1`,
    'Content-Type: application/json',
    '',
    JSON.stringify({ hrb_name: name }),
  ]
  await plane.send('POST', '$batch', [...part('b'), ...part('c'), '--b--', ''].join('\r\n'), {
    'content-type': 'multipart/mixed; boundary=b',
  })
  const names = (await told()).map(({ PreEntityImages, PostEntityImages }) =>
    [PreEntityImages, PostEntityImages].map((list) => images(list).row!.hrb_name),
  )
  assert.equal(names.sort(), [
    ['a', 'b'],
    ['b', 'c'],
  ])
})

steps('an asynchronous step is shown the name of the row', async ({ plane, register, told }) => {
  await register({ message: 'Create' })
  await register({ message: 'Delete' })
  await register({})
  const id = await plane.create('hrb_vessels', { hrb_name: 'Petrel' })
  const AsynchronousStepPrimaryName = { hrb_name: 'Petrel', hrb_vesselid: id }
  const [created] = (await told()) as [Body]
  assert.equal([images(created.PreEntityImages), images(created.PostEntityImages)], [{}, { AsynchronousStepPrimaryName }])
  await plane.send('PATCH', `hrb_vessels(${id})`, { hrb_tonnage: 3 })
  const [changed] = (await told()) as [Body]
  assert.equal([images(changed.PreEntityImages), images(changed.PostEntityImages)], [{}, { AsynchronousStepPrimaryName }])
  await plane.send('DELETE', `hrb_vessels(${id})`)
  const [deleted] = (await told()) as [Body]
  assert.equal([images(deleted.PreEntityImages), images(deleted.PostEntityImages)], [{ AsynchronousStepPrimaryName }, {}])
})

steps('stages and ranks give the order, and what is known at each stage', async ({ plane, register, image, told }) => {
  const registered = [
    { name: 'after 2', stage: 40, rank: 2 },
    { name: 'after 1', stage: 40, rank: 1 },
    { name: 'operation', stage: 20, rank: 9 },
    { name: 'validation', stage: 10, rank: 10 },
  ]
  for (const step of registered) await register({ message: 'Create', mode: 0, ...step })
  const id = await plane.create('hrb_vessels', { hrb_name: 'Petrel' })
  const calls = await told()
  assert.equal(
    calls.map(({ OwningExtension, Stage, IsInTransaction, OutputParameters }) => [
      OwningExtension.Name,
      Stage,
      IsInTransaction,
      OutputParameters,
    ]),
    [
      ['validation', 10, false, []],
      ['operation', 20, true, []],
      ['after 1', 40, true, [{ key: 'id', value: id }]],
      ['after 2', 40, true, [{ key: 'id', value: id }]],
    ],
  )
  const [validation, operation] = calls.map(({ InputParameters }) => valuesOf(InputParameters[0].value))
  assert.equal(validation, { hrb_name: 'Petrel' })
  assert.equal([operation!.hrb_name, operation!.ownerid.Id, 'createdon' in operation!], ['Petrel', plane.userId, true])
  assert.equal([...new Set(calls.map(({ PrimaryEntityId, Depth }) => `${PrimaryEntityId} ${Depth}`))], [`${id} 1`])
  const early = await register({ mode: 0, stage: 20 })
  assert.is(await image(early, { entityalias: 'old', imagetype: before, attributes: 'hrb_name' }), 204)
  await plane.send('PATCH', `hrb_vessels(${id})`, { hrb_name: 'Fulmar' })
  const [update] = (await told()) as [Body]
  assert.equal([images(update.PreEntityImages).old!.hrb_name, update.PostEntityImages], ['Petrel', []])
})

steps('what the server changes along is told, too', async ({ plane, register, image, told }) => {
  const account = await plane.create('accounts', { name: 'Lines' })
  const id = await plane.create('hrb_vessels', { hrb_name: 'Petrel', 'hrb_Operator@odata.bind': `/accounts(${account})` })
  const step = await register({ filteringattributes: 'hrb_operator' })
  await image(step, { entityalias: 'old', imagetype: before, attributes: 'hrb_operator' })
  await plane.send('DELETE', `accounts(${account})`)
  const [cleared] = (await told()) as [Body]
  assert.equal([cleared.PrimaryEntityId, valuesOf(cleared.InputParameters[0].value).hrb_operator], [id, null])
  assert.is(images(cleared.PreEntityImages).old!.hrb_operator.Id, account)
})

steps('what cannot be registered is refused', async ({ plane, register, image }) => {
  for (const stage of [10, 20]) {
    const refused = await plane.send('POST', 'sdkmessageprocessingsteps', { name: 'early', stage, mode: 1 })
    assert.equal([refused.status, refused.body.error.code], [400, '0x80044184'])
  }
  const step = async (row: Record<string, unknown>) => register({ mode: 0, ...row })
  const ofType = (imagetype: number) => ({ entityalias: 'row', imagetype })
  assert.equal(
    [
      await image(await step({ message: 'Create' }), ofType(before)),
      await image(await step({ message: 'Create' }), ofType(both)),
      await image(await step({ message: 'Delete' }), ofType(after)),
      await image(await step({ stage: 20 }), ofType(after)),
      await image(await step({ message: 'Associate' }), ofType(before)),
      await image(await step({}), { entityalias: 'row', imagetype: 3 }),
      await image(await step({}), { imagetype: before }),
    ],
    [400, 400, 400, 400, 400, 400, 400],
  )
  const moved = await step({})
  assert.is((await plane.send('PATCH', `sdkmessageprocessingsteps(${moved})`, { stage: 20 })).status, 204)
  assert.is((await plane.send('PATCH', `sdkmessageprocessingsteps(${moved})`, { mode: 1 })).status, 400)
})

steps('images go with their step, and one that is changed counts at once', async ({ plane, register, image, told }) => {
  const id = await plane.create('hrb_vessels', { hrb_name: 'Petrel' })
  const step = await register({ mode: 0 })
  await image(step, { entityalias: 'row', imagetype: before, attributes: 'hrb_name' })
  const list = async () => (await plane.get('sdkmessageprocessingstepimages?$select=entityalias')).body.value
  const [{ sdkmessageprocessingstepimageid }] = await list()
  await plane.send('PATCH', `sdkmessageprocessingstepimages(${sdkmessageprocessingstepimageid})`, { entityalias: 'old' })
  await plane.send('PATCH', `hrb_vessels(${id})`, { hrb_name: 'Fulmar' })
  assert.equal(Object.keys(images(((await told()) as [Body])[0].PreEntityImages)), ['old'])
  await plane.send('DELETE', `sdkmessageprocessingsteps(${step})`)
  assert.equal(await list(), [])
})

steps.run()
