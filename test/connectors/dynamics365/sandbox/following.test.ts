import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type LateWrite as Reserved, reserve } from '../../../../connectors/dynamics365/sandbox/organization/late.ts'
import { harbor } from './contract/harbor.ts'
import { type Body, type DataPlane, dataPlane } from './data-plane.ts'

const test = suite('clients that follow changes')

/** Rows that come and go; few, so that the same one is met again and again. */
const ids = Array.from({ length: 6 }, (_, index) => `00000000-0000-4000-8000-00000000000${index}`)

const writes = ['create', 'update', 'upsert', 'delete'] as const

interface Step {
  kind: (typeof writes)[number] | 'begin' | 'end' | 'read'
  row: number
  /** What a late write does. */
  late: (typeof writes)[number]
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constant('read' as const) },
    { weight: 8, arbitrary: fc.constantFrom(...writes) },
    { weight: 4, arbitrary: fc.constantFrom('begin' as const, 'end' as const) },
  ),
  row: fc.nat(ids.length - 1),
  late: fc.constantFrom(...writes),
})

/** What a client knows: the name of each row. It reads a page at a time. */
class Follower {
  readonly rows = new Map<string, string>()
  readonly #plane: DataPlane
  readonly #prefer: string
  #link = 'hrb_vessels?$select=hrb_name'
  /** Whether the latest page was the last one of its round. */
  done = false

  constructor(plane: DataPlane, pageSize: number) {
    this.#plane = plane
    this.#prefer = `odata.track-changes, odata.maxpagesize=${pageSize}`
  }

  async readPage(): Promise<void> {
    const { status, body, text } = await this.#plane.get(this.#link, { prefer: this.#prefer })
    if (status !== 200) throw new Error(text)
    for (const row of body.value as Body[])
      if (row.reason === 'deleted') this.rows.delete(row.id)
      else this.rows.set(row.hrb_vesselid, row.hrb_name)
    this.done = '@odata.deltaLink' in body
    this.#link = body['@odata.nextLink'] ?? body['@odata.deltaLink']
  }
}

/** A write that has its version already, and takes effect only at its `end`. */
class LateWrite {
  readonly #plane: DataPlane
  readonly #write: Reserved
  readonly #step: Step
  readonly #version: number

  constructor(plane: DataPlane, step: Step) {
    this.#plane = plane
    this.#version = plane.organization.version + 1
    this.#write = reserve(plane.organization)
    this.#step = step
  }

  /** @returns what it did, unless it was refused by then */
  async end(): Promise<Step['late'] | undefined> {
    const { organization } = this.#plane
    const latest = organization.version
    // The answer is made without a pause, so that the versions of the write are those of this request alone.
    const status = await this.#write.run(() => apply(this.#plane, this.#step, `late ${this.#version}`))
    assert.is(organization.version, latest)
    return status === 204 ? this.#step.late : undefined
  }
}

/** @returns the status */
async function apply(plane: DataPlane, { kind, row }: Step, name: string): Promise<number> {
  const address = `hrb_vessels(${ids[row]})`
  if (kind === 'create') return (await plane.send('POST', 'hrb_vessels', { hrb_vesselid: ids[row], hrb_name: name })).status
  if (kind === 'delete') return (await plane.send('DELETE', address)).status
  return (await plane.send('PATCH', address, { hrb_name: name }, kind === 'update' ? { 'if-match': '*' } : {})).status
}

async function stateOf({ get }: DataPlane): Promise<[string, string][]> {
  return (await get('hrb_vessels?$select=hrb_name')).body.value.map((row: Body) => [row.hrb_vesselid, row.hrb_name])
}

/** All histories run on one organization, each on a table that it empties first. */
test('whatever is written between pages, also late, a client ends with the rows of the server', async () => {
  const plane = dataPlane({ parts: [harbor] })
  let [laterOnes, longRounds] = [0, 0]
  const late = { create: 0, update: 0, upsert: 0, delete: 0 }
  const end = async (writes: readonly LateWrite[]) => {
    for (const one of writes) {
      const done = await one.end()
      if (done) late[done]++
    }
  }
  const history = async (pageSize: number, steps: readonly Step[]) => {
    for (const [id] of await stateOf(plane)) await plane.send('DELETE', `hrb_vessels(${id})`)
    const client = new Follower(plane, pageSize)
    const underWay: LateWrite[] = []
    for (const [index, one] of steps.entries()) {
      if (one.kind === 'begin') underWay.push(new LateWrite(plane, { ...one, kind: one.late }))
      else if (one.kind === 'end') await end(underWay.splice(one.row % Math.max(underWay.length, 1), 1))
      else if (one.kind === 'read') {
        await client.readPage()
        if (!client.done) longRounds++
        if (underWay.length > 0) laterOnes++
      } else await apply(plane, one, `${index}`)
    }
    await end(underWay)
    // The round that is being read, and one more.
    for (let rounds = 0; rounds < 2; ) {
      await client.readPage()
      if (client.done) rounds++
    }
    assert.equal([...client.rows].sort(), (await stateOf(plane)).sort())
  }
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 2 }), fc.array(step, { minLength: 5, maxLength: 40 }), history), {
    seed: 20_260_304,
    numRuns: 320,
  })
  // Otherwise the histories would prove little.
  assert.ok(laterOnes > 100 && longRounds > 50, `${laterOnes} ${longRounds}`)
  assert.ok(
    Object.values(late).every((count) => count > 30),
    JSON.stringify(late),
  )
})

test.run()
