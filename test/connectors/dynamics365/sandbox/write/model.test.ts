import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harbor } from '../contract/harbor.ts'
import { type DataPlane, dataPlane } from '../data-plane.ts'

const test = suite('writes against a model')

/** Rows that may or may not be there. */
const vessels = Array.from({ length: 5 }, (_, at) => `0f0e7a10-0000-4000-8000-00000000000${at}`)
const contacts = Array.from({ length: 5 }, (_, at) => `5c1e0d4a-0000-4000-8000-00000000000${at}`)
const calls = Array.from({ length: 5 }, (_, at) => `7a7a0000-0000-4000-8000-00000000000${at}`)

/** What the rows should be: names, the lookup from a call to its vessel, pairs of vessel and contact. */
interface Model {
  vessels: Map<string, string>
  contacts: Set<string>
  calls: Map<string, string | null>
  pairs: Set<string>
}

type Step =
  | { do: 'upsert vessel'; vessel: string; name: string }
  | { do: 'create vessel'; vessel: string; call: string; name: string; fault: boolean }
  | { do: 'create contact'; contact: string }
  | { do: 'delete vessel'; vessel: string }
  | { do: 'delete contact'; contact: string }
  | { do: 'point'; vessel: string; call: string }
  | { do: 'clear'; call: string }
  | { do: 'pair' | 'part'; vessel: string; contact: string }

const vessel = fc.constantFrom(...vessels)
const contact = fc.constantFrom(...contacts)
const call = fc.constantFrom(...calls)
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('upsert vessel' as const), vessel, name }),
  fc.record({ do: fc.constant('create vessel' as const), vessel, call, name, fault: fc.boolean() }),
  fc.record({ do: fc.constant('create contact' as const), contact }),
  fc.record({ do: fc.constant('delete vessel' as const), vessel }),
  fc.record({ do: fc.constant('delete contact' as const), contact }),
  fc.record({ do: fc.constant('point' as const), vessel, call }),
  fc.record({ do: fc.constant('clear' as const), call }),
  fc.record({ do: fc.constantFrom('pair' as const, 'part' as const), vessel, contact }),
)

function request(one: Step): [method: string, path: string, body?: object] {
  switch (one.do) {
    case 'upsert vessel':
      return ['PATCH', `hrb_vessels(${one.vessel})`, { hrb_name: one.name, hrb_imo: one.name }]
    case 'create vessel': {
      const nested = { hrb_port_callid: one.call, ...(one.fault && { hrb_fee: 'none' }) }
      return ['POST', 'hrb_vessels', { hrb_vesselid: one.vessel, hrb_name: one.name, hrb_imo: one.name, hrb_vessel_port_calls: [nested] }]
    }
    case 'create contact':
      return ['POST', 'contacts', { contactid: one.contact, lastname: 'C' }]
    case 'delete vessel':
      return ['DELETE', `hrb_vessels(${one.vessel})`]
    case 'delete contact':
      return ['DELETE', `contacts(${one.contact})`]
    case 'point':
      return ['PUT', `hrb_port_calls(${one.call})/hrb_Vessel/$ref`, { '@odata.id': `hrb_vessels(${one.vessel})` }]
    case 'clear':
      return ['DELETE', `hrb_port_calls(${one.call})/hrb_Vessel/$ref`]
    case 'pair':
      return ['POST', `hrb_vessels(${one.vessel})/hrb_vessel_contact/$ref`, { '@odata.id': `contacts(${one.contact})` }]
    case 'part':
      return ['DELETE', `contacts(${one.contact})/hrb_vessel_contact(${one.vessel})/$ref`]
  }
}

/** @returns whether the write succeeds; otherwise the model is as it was */
function apply(model: Model, one: Step): boolean {
  const taken = (wanted: string, but?: string) => [...model.vessels].some(([id, known]) => known === wanted && id !== but)
  switch (one.do) {
    case 'upsert vessel':
      if (taken(one.name, one.vessel)) return false
      model.vessels.set(one.vessel, one.name)
      return true
    case 'create vessel':
      if (one.fault || model.vessels.has(one.vessel) || model.calls.has(one.call) || taken(one.name)) return false
      model.vessels.set(one.vessel, one.name)
      model.calls.set(one.call, one.vessel)
      return true
    case 'create contact':
      if (model.contacts.has(one.contact)) return false
      model.contacts.add(one.contact)
      return true
    case 'delete vessel':
      for (const [id, at] of model.calls) if (at === one.vessel) model.calls.delete(id)
      dropPairs(model, one.vessel)
      return model.vessels.delete(one.vessel)
    case 'delete contact':
      dropPairs(model, one.contact)
      return model.contacts.delete(one.contact)
    case 'point':
    case 'clear': {
      const target = one.do === 'point' ? one.vessel : null
      if (!model.calls.has(one.call) || (target !== null && !model.vessels.has(target))) return false
      model.calls.set(one.call, target)
      return true
    }
    case 'pair': {
      const pair = `${one.vessel} ${one.contact}`
      if (!model.vessels.has(one.vessel) || !model.contacts.has(one.contact) || model.pairs.has(pair)) return false
      model.pairs.add(pair)
      return true
    }
    case 'part':
      return model.pairs.delete(`${one.vessel} ${one.contact}`)
  }
}

function dropPairs(model: Model, id: string): void {
  for (const pair of model.pairs) if (pair.includes(id)) model.pairs.delete(pair)
}

const sorted = (lines: Iterable<string>) => [...lines].sort()

function expected({ vessels, contacts, calls, pairs }: Model): string[][] {
  return [sorted([...vessels].map((one) => one.join(' '))), sorted(contacts), sorted([...calls].map((one) => one.join(' '))), sorted(pairs)]
}

async function stored({ get }: DataPlane): Promise<string[][]> {
  const read = async (path: string, line: (row: Record<string, unknown>) => string) => sorted((await get(path)).body.value.map(line))
  return [
    await read('hrb_vessels', (row) => `${row.hrb_vesselid} ${row.hrb_name}`),
    await read('contacts', (row) => String(row.contactid)),
    await read('hrb_port_calls', (row) => `${row.hrb_port_callid} ${row._hrb_vessel_value ?? ''}`),
    await read('hrb_vessel_contactset', (row) => `${row.hrb_vesselid} ${row.contactid}`),
  ]
}

/** Every row with its version, so that not even a touch goes unseen. */
function everything({ organization: { database, version } }: DataPlane): string {
  const tables = ['hrb_vessel', 'contact', 'hrb_port_call', 'hrb_vessel_contact', 'deleted']
  return JSON.stringify([version, ...tables.map((table) => database.all(`select * from "${table}" order by 1`))])
}

test('any sequence of writes ends as the model says, and one that fails changes nothing at all', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const plane = dataPlane({ parts: [harbor] })
      const model: Model = { vessels: new Map(), contacts: new Set(), calls: new Map(), pairs: new Set() }
      for (const one of steps) {
        const before = everything(plane)
        const { status } = await plane.send(...request(one))
        assert.is(status === 204, apply(model, one), `${JSON.stringify(one)}: ${status}`)
        if (status >= 400) assert.is(everything(plane), before)
      }
      assert.equal(await stored(plane), expected(model))
      plane.organization.close()
    }),
    { seed: 20260304, numRuns: 25 },
  )
})

test.run()
