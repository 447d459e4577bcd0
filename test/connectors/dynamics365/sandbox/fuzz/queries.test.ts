import fc from 'fast-check'
import { suite } from 'uvu'
import { fuzz } from './fuzz.ts'
import { apply, expand, filter, literal, orderBy, select } from './odata-grammar.ts'
import { fuzzPlane, type Input, ids } from './plane.ts'
import { asAddress, damaged, oneOf, sequence } from './text.ts'

const test = suite('fuzzing: query options')
const plane = await fuzzPlane()
const { schema } = plane.organization

/** Tokens that were really given out, to be damaged. */
const link = async (path: string, headers: Record<string, string>, annotation: string) =>
  new URL((await plane.get(path, headers)).body[annotation]).search.slice(1)
const next = await link('accounts?$orderby=name', { prefer: 'odata.maxpagesize=2' }, '@odata.nextLink')
const expanded = await link('accounts?$expand=contact_customer_accounts($top=1)', { prefer: 'odata.maxpagesize=2' }, '@odata.nextLink')
const delta = await link('accounts?$select=name', { prefer: 'odata.track-changes' }, '@odata.deltaLink')

const tables = ['account', 'account', 'contact', 'hrb_vessel', 'hrb_vessel', 'hrb_log', 'hrb_port_call', 'annotation', 'systemuser']

/** An option, its value percent-encoded as most clients do it, or not at all. */
const option = (name: string, value: fc.Arbitrary<string>) =>
  fc
    .tuple(damaged(value), fc.nat({ max: 9 }))
    .map(([text, chance]) => `${name}=${chance === 0 ? text : encodeURIComponent(text.toWellFormed())}`)

const options = fc.constantFrom(...tables).chain((name) => {
  const table = schema.tables.get(name)!
  const parts = [
    ...Array.from({ length: 3 }, () => option('$filter', filter(schema, table))),
    option('$select', select(table)),
    option('$orderby', orderBy(table)),
    option('$expand', expand(schema, table)),
    option('$apply', apply(schema, table)),
    option('$count', fc.constantFrom('true', 'false')),
    option('@p', literal),
    sequence(
      oneOf([
        '$skip',
        '$search',
        '$format',
        '$compute',
        '$levels',
        '$index',
        'tag',
        'partitionId',
        'x',
        'fetchXml',
        'savedQuery',
        'userQuery',
      ]),
      '=',
      literal,
    ),
  ]
  const set = table.entitySetName
  const place = fc.constantFrom(set, set, set, set, set, `${set}/$count`, `${set}(${ids[name as keyof typeof ids] ?? ids.hrb_vessel})`)
  return fc.tuple(place, fc.array(fc.oneof(...parts), { minLength: 1, maxLength: 3 })).map(([path, all]) => `${path}?${all.join('&')}`)
})
const tokens = sequence('accounts?', damaged(fc.constantFrom(next, expanded, delta)))
const headers = fc.constantFrom<Record<string, string>>(
  {},
  { prefer: 'odata.maxpagesize=2' },
  { prefer: 'odata.track-changes,odata.include-annotations="*"' },
)

const input: fc.Arbitrary<Input> = fc
  .tuple(fc.oneof({ weight: 6, arbitrary: options }, { weight: 1, arbitrary: tokens }), headers)
  .map(([path, sent]) => ({ method: 'GET', path: asAddress(path), headers: sent }))

test('every query is answered', () =>
  fuzz(
    input,
    async (one) => {
      return (await plane.check(one)).status
    },
    3,
  ))

test.run()
