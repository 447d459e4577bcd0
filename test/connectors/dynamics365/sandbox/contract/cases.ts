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
  /** A list is a header that is sent several times. */
  headers?: Record<string, string | string[]>
  /** An object is sent as JSON, a text as it is, the lines of a `multipart/mixed` text with CRLF. */
  body?: unknown
  expect: number | string | Expected
  /** Values of the answer that later steps use: name to path in the body, such as `@odata.nextLink` or `Ids/0`, or `header <name>`, or `<path> <option>` for the last option of a link. */
  save?: Record<string, string>
  /** Moves the clock to this moment, until the case ends. */
  at?: string
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
  /** Values that are too long to be written: a text, and how often it stands. */
  repeat?: Record<string, [text: string, times: number]>
  switch?: Record<string, unknown>
  /** The case once for each of these, with their values. */
  each?: Record<string, unknown>[]
  /** What the user may do, where it is not everything. */
  privileges?: Record<string, unknown>[]
  /** Further requests, one after the other. */
  then?: Step[]
}

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
    return { ...made, name: made.name === one.name ? `${made.name}: ${shown(values)}` : made.name }
  })
}

/** The first two values tell apart what else has the same name. */
function shown(values: Record<string, unknown>): string {
  const texts = Object.values(values).filter((value) => typeof value !== 'object')
  return texts.slice(0, 2).join(', ')
}
