import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Organization } from '../../../../connectors/dynamics365/sandbox/organization/open.ts'
import { harbor } from './contract/harbor.ts'
import { type Body, type DataPlane, dataPlane } from './data-plane.ts'

const test = suite('clients that follow changes')

/** Rows that come and go; few, so that the same one is met again and again. */
const ids = Array.from({ length: 6 }, (_, index) => `00000000-0000-4000-8000-00000000000${index}`)

interface Step {
  kind: 'create' | 'update' | 'upsert' | 'delete' | 'begin' | 'end' | 'read'
  row: number
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constant('read' as const) },
    { weight: 8, arbitrary: fc.constantFrom('create' as const, 'update' as const, 'upsert' as const, 'delete' as const) },
    { weight: 4, arbitrary: fc.constantFrom('begin' as const, 'end' as const) },
  ),
  row: fc.nat(ids.length - 1),
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

/** A create that has its version, and takes effect only at its `end`. */
class LateCreate {
  readonly #plane: DataPlane
  readonly #version: number

  constructor(plane: DataPlane) {
    this.#plane = plane
    this.#version = ++plane.organization.version
    plane.organization.pending.add(this.#version)
  }

  async end(): Promise<void> {
    const organization: Organization = this.#plane.organization
    const latest = organization.version
    organization.version = this.#version - 1
    await this.#plane.create('hrb_vessels', { hrb_name: `late ${this.#version}` })
    assert.is(organization.version, this.#version)
    organization.version = latest
    organization.pending.delete(this.#version)
  }
}

async function apply(plane: DataPlane, { kind, row }: Step, name: string): Promise<void> {
  const address = `hrb_vessels(${ids[row]})`
  if (kind === 'create') await plane.send('POST', 'hrb_vessels', { hrb_vesselid: ids[row], hrb_name: name })
  if (kind === 'update') await plane.send('PATCH', address, { hrb_name: name }, { 'if-match': '*' })
  if (kind === 'upsert') await plane.send('PATCH', address, { hrb_name: name })
  if (kind === 'delete') await plane.send('DELETE', address)
}

async function stateOf({ get }: DataPlane): Promise<[string, string][]> {
  return (await get('hrb_vessels?$select=hrb_name')).body.value.map((row: Body) => [row.hrb_vesselid, row.hrb_name])
}

/** All histories run on one organization, each on a table that it empties first. */
test('whatever is written between pages, also late, a client ends with the rows of the server', async () => {
  const plane = dataPlane({ parts: [harbor] })
  let [laterOnes, longRounds] = [0, 0]
  const history = async (pageSize: number, steps: readonly Step[]) => {
    for (const [id] of await stateOf(plane)) await plane.send('DELETE', `hrb_vessels(${id})`)
    const client = new Follower(plane, pageSize)
    const underWay: LateCreate[] = []
    for (const [index, one] of steps.entries()) {
      if (one.kind === 'begin') underWay.push(new LateCreate(plane))
      else if (one.kind === 'end') await underWay.splice(one.row % Math.max(underWay.length, 1), 1)[0]?.end()
      else if (one.kind === 'read') {
        await client.readPage()
        if (!client.done) longRounds++
        if (underWay.length > 0) laterOnes++
      } else await apply(plane, one, `${index}`)
    }
    for (const one of underWay) await one.end()
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
  assert.ok(laterOnes > 100 && longRounds > 100, `${laterOnes} ${longRounds}`)
})

test.run()
