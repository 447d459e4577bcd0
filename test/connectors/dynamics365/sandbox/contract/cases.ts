import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** A row that exists before the request; its id is `${name}`. */
export interface Given {
  as: string
  set: string
  row: Record<string, unknown>
}

/** A request and the answer that it must get. Texts may hold `${name}` of a given or saved value and `${BASE}`, the service root. */
export interface Step {
  /** Method and path below the service root, or an absolute address. */
  send: string
  headers?: Record<string, string>
  /** An object is sent as JSON, a text as it is. */
  body?: unknown
  expect: number | string | Expected
  /** Values of the answer that later steps use: name to path in the body, such as `@odata.nextLink`, or `header <name>`. */
  save?: Record<string, string>
}

export interface Expected {
  /** Exact, or `/regular expression/` where the sheet says no more than a range. */
  status: number | string
  /** Exact, `/regular expression/`, or `-` for absent. */
  headers?: Record<string, string>
  /** Members that must be there. */
  body?: unknown
  /** Of an answer that is no JSON. */
  text?: string
}

export interface Case extends Step {
  /** Section of the facts sheet. */
  sheet: string
  name: string
  given?: Given[]
  switch?: Record<string, unknown>
  /** The case once for each of these, with their values. */
  each?: Record<string, unknown>[]
  /** What the user may do, where it is not everything. */
  privileges?: Record<string, unknown>[]
  /** Further requests, one after the other. */
  then?: Step[]
}

/** Sections of the sheet that say nothing that can be seen on the wire of the Web API. */
export const invisible: Record<string, string> = {
  '1.1': 'how hosts are named; the sandbox has one address',
  '1.2': 'labels of regions',
  '1.3': 'the global discovery service, which is another host',
  '1.4': 'addresses on-premises',
  '17.3': 'entitlements of licences',
  '21': 'advice on what to avoid',
  '22': 'ages of the sources',
}

/** Sections that need more than one request and its answer: tests of their own hold them. */
export const seenElsewhere = ['17.1', '17.2', '18.3', '18.4']

/** Sections that the sandbox answers with 501. */
export const notImitated = ['14.4', '14.5']

/** The cases of every file, by file. */
export function readCases(): { file: string; cases: Case[] }[] {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => ({ file, cases: (parse(readFileSync(join(import.meta.dirname, file), 'utf8')) as Case[]).flatMap(spread) }))
}

/** A text that is one placeholder becomes the value itself, so that numbers stay numbers. */
export function filled(value: unknown, values: Record<string, unknown>): unknown {
  if (typeof value === 'string') {
    const whole = /^\$\{(\w+)\}$/.exec(value)?.[1]
    if (whole !== undefined && Object.hasOwn(values, whole)) return values[whole]
    return value.replaceAll(/\$\{(\w+)\}/g, (found, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : found))
  }
  if (Array.isArray(value)) return value.map((one) => filled(one, values))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [filled(name, values), filled(one, values)]))
}

function spread({ each, ...one }: Case): Case[] {
  if (!each) return [one]
  return each.map((values) => {
    const made = filled(one, values) as Case
    return { ...made, name: made.name === one.name ? `${made.name}: ${Object.values(values)[0]}` : made.name }
  })
}

/** How many cases each section has. */
export function table(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { sheet } of readCases().flatMap(({ cases }) => cases)) counts.set(sheet, (counts.get(sheet) ?? 0) + 1)
  return new Map([...counts].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })))
}

if (import.meta.main) {
  for (const [sheet, count] of table()) console.log(`${sheet.padEnd(6)} ${count}`)
  console.log(`all    ${[...table().values()].reduce((sum, count) => sum + count, 0)}`)
}
