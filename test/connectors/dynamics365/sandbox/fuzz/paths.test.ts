import fc from 'fast-check'
import { suite } from 'uvu'
import { operations } from '../../../../../connectors/dynamics365/sandbox/operations/index.ts'
import { fuzz } from './fuzz.ts'
import { fuzzPlane, type Input, ids } from './plane.ts'
import { asAddress, damaged, hostile, joined, oneOf, sequence } from './text.ts'

const test = suite('fuzzing: paths')
const plane = await fuzzPlane()
const { schema } = plane.organization
const tables = [...schema.tables.values()]

const sets = oneOf([...schema.entitySets.keys(), 'accounts', 'contacts', 'hrb_vessels', 'hrb_logs', 'hrb_port_calls'])
const names = [...schema.tables.values()].flatMap(({ properties, navigations, collections }) => [
  ...[...properties.keys(), ...navigations.keys(), ...collections.keys()],
])
const namespace = 'Microsoft.Dynamics.CRM.'

const literal = fc.oneof(
  fc.constantFrom(...Object.values(ids), 'null', 'true', '1', "'A1'", "'9074729'", '@p', "{'@odata.id':'accounts(1)'}", '["account"]'),
  hostile,
  hostile.map((text) => `'${text}'`),
)
const keyColumns = oneOf([
  'accountnumber',
  'hrb_imo',
  'hrb_callsign',
  '_hrb_operator_value',
  'hrb_logid',
  'partitionid',
  'accountid',
  'LogicalName',
])
const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...Object.values(ids)) },
  { weight: 3, arbitrary: joined(sequence(keyColumns, '=', literal), ',', 3) },
  { weight: 1, arbitrary: literal },
)
const call = fc.constantFrom(...operations).chain(({ name, parameters }) => {
  const parameter = sequence(oneOf(['X', ...parameters.map((one) => one.name)]), '=', literal)
  return sequence(fc.constantFrom('', namespace), name, fc.constantFrom('(', '(', ''), joined(parameter, ',', 3, 0), ')')
})
const segment = fc.oneof(
  { weight: 4, arbitrary: oneOf(names) },
  { weight: 2, arbitrary: sequence(oneOf(names), '(', key, ')') },
  { weight: 3, arbitrary: fc.constantFrom('$count', '$ref', '$value', '', `${namespace}account`, `${namespace}PicklistAttributeMetadata`) },
  { weight: 2, arbitrary: call },
  { weight: 1, arbitrary: hostile },
)
/** A path that leads somewhere: a row of a table, and what that table has. */
const known = fc.constantFrom(...tables).chain(({ entitySetName, properties, navigations, collections }) => {
  const names = [...properties.keys(), ...navigations.keys(), ...collections.keys()]
  return sequence(
    entitySetName,
    '(',
    key,
    ')/',
    fc.constantFrom(...names),
    fc.constantFrom('', '/$ref', '/$value', '/$count', `(${ids.contact})/$ref`),
  )
})
/** From a row that there is, along what hangs on it. */
const fromRow = fc.constantFrom('account' as const, 'contact' as const, 'hrb_vessel' as const).chain((name) => {
  const { entitySetName, properties, navigations, collections } = schema.tables.get(name)!
  const names = [...properties.keys(), ...navigations.keys(), ...collections.keys()]
  const more = fc.constantFrom('', '', '/$ref', '/$value', '/$count', '/createdby', '/owninguser/fullname', `(${ids.contact})/$ref`)
  return sequence(`${entitySetName}(${ids[name]})/`, fc.constantFrom(...names), more)
})
const first = fc.oneof(
  { weight: 3, arbitrary: sets },
  { weight: 4, arbitrary: sequence(sets, '(', key, ')') },
  { weight: 2, arbitrary: call },
  {
    weight: 1,
    arbitrary: oneOf([
      '',
      '$metadata',
      '$batch',
      'EntityDefinitions',
      `EntityDefinitions(LogicalName='account')`,
      'RelationshipDefinitions',
    ]),
  },
)
const path = fc.oneof(
  known,
  fromRow,
  fc.tuple(first, fc.array(segment, { maxLength: 3 })).map(([start, rest]) => [start, ...rest].join('/')),
)
const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: sequence('?', oneOf(['$select', '$id', '@p', '$top', 'size', 'partitionId', 'sessiontoken', 'tag']), '=', literal),
  },
)
const root = fc.oneof(
  { weight: 9, arbitrary: fc.constant('/api/data/v9.2/') },
  { weight: 1, arbitrary: damaged(fc.constant('/api/data/v9.2/')) },
)
const body = fc.constantFrom('', '{}', '{"value":1}', '{"name":"changed"}', `{"@odata.id":"contacts(${ids.contact})"}`, '[]')

const input: fc.Arbitrary<Input> = fc
  .tuple(
    fc.constantFrom('GET', 'GET', 'GET', 'GET', 'GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'),
    root,
    damaged(path),
    query,
    body,
  )
  .map(([method, start, text, options, content]) => ({ method, root: asAddress(start), path: asAddress(text + options), body: content }))

/** Bulk calls on elastic tables keep the rows that were good. */
const keeps = ({ path }: Input) => /hrb_logs\b.*Multiple/.test(path)

test('every path is answered, and a refused one changes nothing', () =>
  fuzz(
    input,
    async (one) => {
      return (await plane.check(one, () => keeps(one))).status
    },
    3,
  ))

test.run()
