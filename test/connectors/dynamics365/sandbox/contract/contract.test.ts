import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { setPrivileges } from '../../../../../connectors/dynamics365/sandbox/privileges/rules.ts'
import { defaultSwitches, setSwitches } from '../../../../../connectors/dynamics365/sandbox/switches.ts'
import { type Answer, base, type DataPlane, dataPlane } from '../data-plane.ts'
import { type Case, type Expected, filled, readCases, type Step } from './cases.ts'
import { harbor } from './harbor.ts'
import { assertMatches } from './matches.ts'
import { invisible, sections, seenElsewhere, table } from './table.ts'

type Values = Record<string, unknown>

/** Where the clock stands, unless a case moves it. */
const at = '2025-03-04T09:15:02Z'

for (const { file, cases } of readCases()) {
  const contract = suite(`contract, ${file}`)
  const clock = { at }
  let plane: DataPlane
  contract.before(() => {
    plane = dataPlane({ parts: [harbor], clock: () => new Date(clock.at) })
  })
  for (const one of cases) contract(`${one.sheet} ${one.name}`, () => run(plane, clock, one))
  contract.after(() => plane.organization.close())
  contract.run()
}

const counts = suite('contract, sections')
counts('every section that can be seen on the wire has a case', () => {
  const known = table()
  const elsewhere = new Set([...Object.keys(seenElsewhere), ...Object.keys(invisible)])
  const without = sections.filter((section) => !known.has(section) && !elsewhere.has(section))
  assert.equal(without, [])
})
counts('every case names a section of the sheet', () => {
  const unknown = [...table().keys()].filter((section) => !sections.includes(section))
  assert.equal(unknown, [])
})
counts('there are at least four hundred', () => {
  const all = [...table().values()].reduce((sum, count) => sum + count, 0)
  assert.ok(all >= 400, String(all))
})
counts.run()

async function run(
  plane: DataPlane,
  clock: { at: string },
  { given = [], repeat = {}, switch: set, privileges, then = [], ...first }: Case,
): Promise<void> {
  const values: Values = { BASE: base }
  for (const [name, [text, times]] of Object.entries(repeat)) values[name] = text.repeat(times)
  for (const { as, set: entitySet, row } of given)
    values[as] = await plane.create(entitySet, filled(row, values) as Record<string, unknown>)
  setSwitches(plane.organization.switches, set ?? {})
  if (privileges) setPrivileges(plane.organization, privileges as never)
  try {
    for (const step of [first, ...then]) {
      clock.at = step.at ?? clock.at
      await take(plane, step, values)
    }
  } finally {
    clock.at = at
    Object.assign(plane.organization.switches, defaultSwitches())
    if (privileges) setPrivileges(plane.organization, privileges.map((one) => ({ ...one, held: true, depth: 'organization' })) as never)
  }
}

async function take(plane: DataPlane, step: Step, values: Values): Promise<void> {
  const { send, headers = {}, body, expect, save = {} } = filled(step, values) as Step
  const [, method = '', path = ''] = /^(\w+) ?(.*)$/s.exec(send) ?? []
  const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const answer = await plane.send(method, encoded(path), inLines(body, sent['content-type']), sent)
  const expected: Expected = typeof expect === 'object' ? expect : { status: expect }
  assertMatches(answer.status, expected.status, `status of ${send} ${answer.text.slice(0, 600)}`)
  for (const [name, value] of Object.entries(expected.headers ?? {})) assertMatches(answer.headers[name], value, name)
  if (expected.body !== undefined) assertMatches(answer.body, expected.body, 'body')
  if (expected.text !== undefined) assertMatches(answer.text, expected.text, 'text')
  for (const [name, from] of Object.entries(save)) {
    values[name] = saved(answer, from)
  }
}

function saved({ body, headers }: Answer, from: string): string {
  const [path = '', part] = from.split(' ')
  if (path === 'header') return String(headers[part!])
  const value = String(within(body, path))
  return part === undefined ? value : value.slice(value.indexOf(`${part}=`) + part.length + 1)
}

function within(body: unknown, path: string): unknown {
  return path.split('/').reduce((inner, name) => (inner as Values)[name], body)
}

/** Batches are written with the line endings of the file, and sent with those of MIME. */
function inLines(body: unknown, type: string | string[] = ''): unknown {
  return typeof body === 'string' && type.includes('multipart/mixed') ? body.replaceAll(/\r?\n/g, '\r\n') : body
}

/** Paths are written as people read them; what is encoded already stays. */
function encoded(path: string): string {
  return path.replaceAll(/[ "<>^`{|}]|[^\x20-\x7e]/g, encodeURIComponent)
}
