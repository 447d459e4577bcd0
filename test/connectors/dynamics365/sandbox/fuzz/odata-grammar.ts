import fc from 'fast-check'
import type { Schema, Table } from '../../../../../connectors/dynamics365/sandbox/organization/schema.ts'
import { odataOperators } from '../../../../../connectors/dynamics365/sandbox/query/operators.ts'
import { ids } from './plane.ts'
import { hostile, joined, oneOf, sequence } from './text.ts'

const namespace = 'Microsoft.Dynamics.CRM.'

export const literal: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("'Byron'", "'%a_'", "'O''Hara'", "''", '1', '-1.5', '1e3', 'true', 'false', 'null') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('2026-01-01', '2026-01-01T10:00:00Z', '0001-01-01T00:00:00+14:00', '@p', '@none', ...Object.values(ids)),
  },
  { weight: 1, arbitrary: fc.oneof(fc.integer(), fc.double(), fc.bigInt()).map(String) },
  { weight: 1, arbitrary: hostile },
  { weight: 1, arbitrary: hostile.map((text) => `'${text}'`) },
)

const operators = [...Array(5).fill(['eq', 'ne', 'gt', 'ge', 'lt', 'le']).flat(), 'in', 'has', 'add']
const functions = [...odataOperators.keys()].filter((name) => /^[A-Z]/.test(name))

const columnsOf = ({ properties }: Table) => [...properties.keys()]
const pathsOf = ({ properties, navigations }: Table) => [
  ...properties.keys(),
  ...[...navigations.keys()].flatMap((name) => [name, `${name}/name`, `${name}/createdon`]),
]

/** A literal of the type of a column. */
function fitting(table: Table, name: string): fc.Arbitrary<string> {
  switch (table.properties.get(name)?.type) {
    case 'Boolean':
      return fc.constantFrom('true', 'false', 'null')
    case 'Integer':
    case 'BigInt':
    case 'Picklist':
    case 'State':
    case 'Status':
      return fc.oneof(fc.constantFrom('0', '1', '-1', '9223372036854775807', '1e3'), fc.bigInt().map(String))
    case 'Decimal':
    case 'Double':
    case 'Money':
      return fc.oneof(fc.constantFrom('0', '12.5', '-0.00001', '1e308', '99999999999.9999999999'), fc.double({ noNaN: true }).map(String))
    case 'DateTime':
      return fc.constantFrom('2026-01-01', '2026-01-01T10:00:00Z', '9999-12-31T23:59:59.9999999Z', '0001-01-01T00:00:00+14:00', 'null')
    case 'String':
    case 'Memo':
      return fc.oneof(
        fc.constantFrom("'Byron'", "'%a_'", "'O''Hara'", "''", 'null'),
        hostile.map((text) => `'${text.replaceAll("'", "''")}'`),
      )
    default:
      return fc.constantFrom(...Object.values(ids), 'null')
  }
}

/** A `$filter` on rows of a table; `start` stands before each column, where it is the condition of a lambda. */
export function filter(schema: Schema, table: Table, start = '', depth = 0): fc.Arbitrary<string> {
  const column = oneOf(pathsOf(table)).map((name) => start + name)
  const compare = fc.oneof(
    {
      weight: 4,
      arbitrary: oneOf(columnsOf(table)).chain((name) => sequence(start + name, ' ', oneOf(operators), ' ', fitting(table, name))),
    },
    { weight: 1, arbitrary: sequence(column, ' ', oneOf(operators), ' ', literal) },
  )
  const text = sequence(oneOf(['contains', 'startswith', 'endswith', 'tolower', 'length']), '(', column, ',', literal, ')')
  const list = sequence(
    '[',
    joined(
      literal.map((one) => one.replaceAll("'", '"')),
      ',',
      3,
      0,
    ),
    ']',
  )
  const value = fc.oneof(literal, list, sequence("'", oneOf(columnsOf(table)), "'"))
  const parameter = sequence(oneOf(['PropertyName', 'PropertyValue', 'PropertyValues', 'PropertyValue1', 'PropertyValue2']), '=', value)
  const property = sequence("PropertyName='", oneOf(columnsOf(table)), "',")
  const called = sequence(namespace, oneOf(functions), '(', fc.oneof(property, fc.constant('')), joined(parameter, ',', 2, 0), ')')
  const simple = fc.oneof({ weight: 4, arbitrary: compare }, { weight: 1, arbitrary: text }, { weight: 3, arbitrary: called })
  if (depth === 3) return simple
  const inner = fc.oneof(simple, filterLater(schema, table, start, depth + 1))
  const collections = [...table.collections.values()]
  const lambda =
    collections.length === 0
      ? simple
      : fc
          .constantFrom(...collections)
          .chain(({ name, table: target }) =>
            sequence(
              start,
              name,
              '/',
              oneOf(['any', 'all']),
              '(o',
              ':',
              filterLater(schema, schema.tables.get(target)!, 'o/', depth + 1),
              ')',
            ),
          )
  return fc.oneof(
    { weight: 4, arbitrary: simple },
    { weight: 2, arbitrary: sequence(inner, ' and ', inner) },
    { weight: 2, arbitrary: sequence('(', inner, ' or ', inner, ')') },
    { weight: 1, arbitrary: sequence('not ', inner) },
    { weight: 2, arbitrary: lambda },
  )
}

/** Made when it is needed, or there would be no end of it. */
function filterLater(...[schema, table, start, depth]: Parameters<typeof filter>): fc.Arbitrary<string> {
  return fc.constant(undefined).chain(() => filter(schema, table, start, depth))
}

export const select = (table: Table) => joined(oneOf(['*', ...columnsOf(table)]), ',', 4)

export const orderBy = (table: Table) => joined(sequence(oneOf(pathsOf(table)), oneOf(['', ' asc', ' desc', ' up'])), ',', 3)

/** An `$expand`, up to three deep. */
export function expand(schema: Schema, table: Table, depth = 0): fc.Arbitrary<string> {
  const targets = [
    ...[...table.navigations.values()].map(({ navigation, target }) => [navigation, target === 'owner' ? 'systemuser' : target] as const),
    ...[...table.collections.values()].map((one) => [one.name, one.table] as const),
  ]
  if (targets.length === 0) return hostile
  const one = fc.constantFrom(...targets).chain(([name, target]) => {
    const other = schema.tables.get(target)!
    const options = [
      sequence('$select=', select(other)),
      sequence('$filter=', filterLater(schema, other, '', 2)),
      sequence('$orderby=', orderBy(other)),
      sequence('$top=', literal),
      sequence(oneOf(['$count', '$levels', '$skip']), '=', literal),
      ...(depth < 3 ? [fc.constant(undefined).chain(() => sequence('$expand=', expand(schema, other, depth + 1)))] : []),
    ]
    return fc.oneof(
      { weight: 2, arbitrary: fc.constant(name) },
      { weight: 4, arbitrary: sequence(name, '(', joined(fc.oneof(...options), ';', 3), ')') },
      { weight: 1, arbitrary: sequence(name, oneOf(['/$ref', '/$count', '/name', '()'])) },
    )
  })
  return joined(one, ',', 3)
}

export function apply(schema: Schema, table: Table): fc.Arbitrary<string> {
  const column = oneOf(pathsOf(table))
  const measure = fc.oneof(
    sequence(column, ' with ', oneOf(['sum', 'average', 'min', 'max', 'countdistinct']), ' as ', oneOf(['total', 'a', 'name'])),
    sequence('$count as ', oneOf(['rows', 'total', '"'])),
  )
  const aggregate = sequence('aggregate(', joined(measure, ',', 3), ')')
  const grouped = sequence('groupby((', joined(column, ',', 3), ')', fc.oneof(sequence(',', aggregate), fc.constant('')), ')')
  const step = fc.oneof(aggregate, grouped, sequence(oneOf(['compute', 'topcount', 'concat']), '(', literal, ')'))
  return fc.oneof(step, sequence('filter(', filter(schema, table), ')/', step), joined(step, '/', 3))
}
