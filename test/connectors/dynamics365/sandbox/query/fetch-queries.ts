import fc from 'fast-check'
import type { Filter, Link, Path } from './fetch-model.ts'
import type { Comparison } from './plain.ts'

/** Random rows of the harbor, and random queries about them. */
export const plainObject = { noNullPrototype: true } as const

type Kind = 'text' | 'number' | 'whole' | 'choice' | 'choices' | 'boolean' | 'day'

const text = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'z', 'ä', '%', '_', "'"), maxLength: 3 })
const wholeNumbers = ['0', '1', '2', '3']
/** As they are written; each is also a number of JavaScript. */
const written: Record<Exclude<Kind, 'text'>, readonly string[]> = {
  number: ['0.0001', '0.1', '0.3', '1', '99999.9999'],
  whole: wholeNumbers,
  choice: ['100000001', '100000002', '100000003'],
  choices: ['1', '2', '9'],
  boolean: ['true', 'false'],
  day: ['2024-02-29', '2025-01-01', '1999-12-31', '2025-04-01', '2025-03-01'],
}

export const columns: Record<string, Record<string, Kind>> = {
  hrb_vessel: {
    hrb_logbook: 'text',
    hrb_crewcount: 'whole',
    hrb_serial: 'whole',
    hrb_rate: 'number',
    hrb_tonnage: 'number',
    hrb_built: 'day',
    hrb_class: 'choice',
    hrb_cargo: 'choices',
    hrb_active: 'boolean',
  },
  hrb_port_call: { hrb_name: 'text', hrb_fee: 'whole' },
  hrb_port_call_task: { subject: 'text' },
  account: { name: 'text', numberofemployees: 'whole' },
  contact: { lastname: 'text' },
  hrb_vessel_contact: {},
}

export const paths: Record<string, Path[]> = {
  hrb_vessel: [
    { table: 'hrb_port_call', from: 'hrb_vessel', to: 'id' },
    { table: 'account', from: 'id', to: 'hrb_operator' },
    { table: 'hrb_vessel_contact', from: 'hrb_vesselid', to: 'id' },
  ],
  hrb_port_call: [
    { table: 'hrb_port_call_task', from: 'hrb_port_call', to: 'id' },
    { table: 'hrb_vessel', from: 'id', to: 'hrb_vessel' },
  ],
  hrb_port_call_task: [{ table: 'hrb_port_call', from: 'id', to: 'hrb_port_call' }],
  account: [{ table: 'hrb_vessel', from: 'hrb_operator', to: 'id' }],
  contact: [{ table: 'hrb_vessel_contact', from: 'contactid', to: 'id' }],
  hrb_vessel_contact: [
    { table: 'contact', from: 'id', to: 'contactid' },
    { table: 'hrb_vessel', from: 'id', to: 'hrb_vesselid' },
  ],
}

const ordered = ['eq', 'ne', 'neq', 'gt', 'ge', 'lt', 'le', 'null', 'not-null', 'in', 'not-in', 'between', 'not-between']
const patterns = ['like', 'not-like', 'begins-with', 'not-begin-with', 'ends-with', 'not-end-with']
const operators: Record<Kind, readonly string[]> = {
  text: [...ordered.filter((name) => !name.endsWith('between')), ...patterns],
  number: ordered,
  whole: ordered,
  choice: ordered,
  choices: ['eq', 'ne', 'null', 'not-null', 'contain-values', 'not-contain-values', 'in', 'not-in'],
  boolean: ['eq', 'ne', 'null', 'not-null'],
  day: [...ordered, 'on', 'on-or-after', 'on-or-before'],
}

const counts: Record<string, { minLength: number; maxLength: number }> = Object.fromEntries([
  ...['null', 'not-null'].map((name) => [name, { minLength: 0, maxLength: 0 }]),
  ...['between', 'not-between'].map((name) => [name, { minLength: 2, maxLength: 2 }]),
  ...['in', 'not-in', 'contain-values', 'not-contain-values'].map((name) => [name, { minLength: 1, maxLength: 3 }]),
])

export function writtenValue(kind: Kind): fc.Arbitrary<string> {
  return kind === 'text' ? text : fc.constantFrom(...written[kind])
}

function test(table: string): fc.Arbitrary<Filter> {
  const known = Object.entries(columns[table]!)
  return fc.constantFrom(...known).chain(([column, kind]) =>
    fc.constantFrom(...operators[kind]).chain((operator) =>
      fc.record(
        {
          kind: fc.constant('test' as const),
          column: fc.constant(column),
          operator: fc.constant(operator),
          values: fc.array(writtenValue(kind), counts[operator] ?? { minLength: 1, maxLength: 1 }),
        },
        plainObject,
      ),
    ),
  )
}

const compared: fc.Arbitrary<Filter> = fc
  .constantFrom<Comparison[]>('eq', 'ne', 'gt', 'ge', 'lt', 'le')
  .map((operator) => ({ kind: 'columns', operator, column: 'hrb_crewcount', other: 'hrb_serial' }))

/** @param depth how many links deep the filter may ask */
export function filterOf(table: string, depth: number): fc.Arbitrary<Filter> {
  const leaves: fc.Arbitrary<Filter>[] = Object.keys(columns[table]!).length > 0 ? [test(table), test(table)] : []
  if (table === 'hrb_vessel') leaves.push(compared)
  if (depth > 0 || leaves.length === 0)
    leaves.push(
      fc.record(
        {
          kind: fc.constant('rows' as const),
          type: fc.constantFrom('any' as const, 'not any' as const, 'all' as const, 'not all' as const),
          link: linkOf(table, depth - 1, ['filter']),
        },
        plainObject,
      ),
    )
  const leaf = fc.oneof(...leaves)
  const group = (parts: fc.Arbitrary<Filter>) =>
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), parts: fc.array(parts, { minLength: 1, maxLength: 3 }) }, plainObject)
  return fc.oneof(leaf, group(fc.oneof(leaf, group(leaf))))
}

const joins: Link['type'][] = ['inner', 'outer', 'natural', 'matchfirstrowusingcrossapply']

export function linksOf(table: string, depth: number, types: readonly Link['type'][] = [...joins, 'exists', 'in']): fc.Arbitrary<Link[]> {
  if (depth < 0) return fc.constant([])
  return fc.array(linkOf(table, depth, types), { maxLength: 2 })
}

function linkOf(table: string, depth: number, types: readonly Link['type'][]): fc.Arbitrary<Link> {
  return fc.constantFrom(...paths[table]!).chain((path) =>
    fc
      .record(
        {
          path: fc.constant(path),
          type: fc.constantFrom(...types),
          filter: fc.option(Object.keys(columns[path.table]!).length > 0 ? filterOf(path.table, depth) : fc.constant(undefined), {
            nil: undefined,
          }),
          links: linksOf(path.table, depth - 1),
        },
        plainObject,
      )
      .map(({ filter, ...rest }) => ({ ...rest, ...(filter && { filter }) })),
  )
}

/** Values of a row as a body of a request has them. */
export function rowOf(table: string): fc.Arbitrary<Record<string, string | number | boolean | null>> {
  const values = Object.entries(columns[table]!).map(([column, kind]) => [column, fc.option(bodyValue(kind), { nil: null })])
  return fc.record(Object.fromEntries(values))
}

function bodyValue(kind: Kind): fc.Arbitrary<string | number | boolean> {
  if (kind === 'choices') return fc.subarray([...written.choices], { minLength: 1 }).map((options) => options.join(','))
  if (kind === 'boolean') return fc.boolean()
  return kind === 'text' || kind === 'day' ? writtenValue(kind) : writtenValue(kind).map(Number)
}
