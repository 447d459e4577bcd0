import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { setPrivileges } from '../../../../../connectors/dynamics365/sandbox/privileges/rules.ts'
import { defaultSwitches, setSwitches } from '../../../../../connectors/dynamics365/sandbox/switches.ts'
import { base, type DataPlane, dataPlane } from '../data-plane.ts'
import { type Case, type Expected, filled, invisible, notImitated, readCases, type Step, seenElsewhere, table } from './cases.ts'
import { harbor } from './harbor.ts'
import { assertMatches } from './matches.ts'

type Values = Record<string, unknown>

const at = '2025-03-04T09:15:02Z'

for (const { file, cases } of readCases()) {
  const contract = suite(`contract, ${file}`)
  let plane: DataPlane
  contract.before(() => {
    plane = dataPlane({ parts: [harbor], clock: () => new Date(at) })
  })
  for (const one of cases) contract(`${one.sheet} ${one.name}`, () => run(plane, one))
  contract.after(() => plane.organization.close())
  contract.run()
}

const counts = suite('contract, sections')
counts('every section that can be seen on the wire has a case', () => {
  const sections =
    `1.5 1.6 2.1 2.2 2.3 2.4 2.5 3 4.1 4.2 4.3 4.4 4.5 4.6 4.7 4.8 4.9 5 6 6.1 6.2 6.3 6.4 6.5 6.6 6.7 6.8 7.1 7.2 7.3 7.4 7.5
    8.1 8.2 8.3 8.4 9.1 9.2 10 11.1 11.2 11.3 11.4 12.1 12.2 12.3 12.4 12.5 12.6 13.1 13.2 13.3 13.4 13.5 14.1 14.2 14.3 14.4 14.5 15.1 15.2 16
    17.1 17.2 17.4 18.1 18.2 18.3 18.4 18.5 19 20.1 20.2 20.3`.split(/\s+/)
  const elsewhere = new Set([...seenElsewhere, ...notImitated, ...Object.keys(invisible)])
  const known = table()
  const without = sections.filter((section) => !known.has(section) && !elsewhere.has(section))
  assert.equal(without, [])
})
counts('there are at least four hundred', () => {
  const all = [...table().values()].reduce((sum, count) => sum + count, 0)
  assert.ok(all >= 400, String(all))
})
counts.run()

async function run(plane: DataPlane, { given = [], switch: set, privileges, then = [], ...first }: Case): Promise<void> {
  const values: Values = { BASE: base }
  for (const { as, set: entitySet, row } of given)
    values[as] = await plane.create(entitySet, filled(row, values) as Record<string, unknown>)
  setSwitches(plane.organization.switches, set ?? {})
  if (privileges) setPrivileges(plane.organization, privileges as never)
  try {
    for (const step of [first, ...then]) await take(plane, step, values)
  } finally {
    Object.assign(plane.organization.switches, defaultSwitches())
    if (privileges) setPrivileges(plane.organization, privileges.map((one) => ({ ...one, depth: 'organization' })) as never)
  }
}

async function take(plane: DataPlane, step: Step, values: Values): Promise<void> {
  const { send, headers = {}, body, expect, save = {} } = filled(step, values) as Step
  const [, method = '', path = ''] = /^(\w+) ?(.*)$/s.exec(send) ?? []
  const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const answer = await plane.send(method, encoded(path), body, sent)
  const expected: Expected = typeof expect === 'object' ? expect : { status: expect }
  assertMatches(answer.status, expected.status, `status of ${send} ${answer.text.slice(0, 600)}`)
  for (const [name, value] of Object.entries(expected.headers ?? {})) assertMatches(answer.headers[name], value, name)
  if (expected.body !== undefined) assertMatches(answer.body, expected.body, 'body')
  if (expected.text !== undefined) assertMatches(answer.text, expected.text, 'text')
  for (const [name, from] of Object.entries(save)) {
    const header = /^header (.*)$/.exec(from)?.[1]
    values[name] = String(header === undefined ? answer.body[from] : answer.headers[header])
  }
}

/** Paths are written as people read them; what is encoded already stays. */
function encoded(path: string): string {
  return path.replaceAll(/[ "<>^`{|}]|[^\x20-\x7e]/g, encodeURIComponent)
}
