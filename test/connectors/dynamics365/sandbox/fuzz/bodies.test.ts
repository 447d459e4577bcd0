import fc from 'fast-check'
import { suite } from 'uvu'
import { operations } from '../../../../../connectors/dynamics365/sandbox/operations/index.ts'
import type { OperationType } from '../../../../../connectors/dynamics365/sandbox/operations/operation.ts'
import { fuzz } from './fuzz.ts'
import { row, value } from './json-grammar.ts'
import { fuzzPlane, type Input, ids } from './plane.ts'
import { damaged, joined, sequence } from './text.ts'

const test = suite('fuzzing: JSON bodies')
const plane = await fuzzPlane()
const { schema } = plane.organization
const namespace = 'Microsoft.Dynamics.CRM.'

const table = fc
  .constantFrom(
    'account',
    'account',
    'contact',
    'hrb_vessel',
    'hrb_vessel',
    'hrb_port_call',
    'hrb_log',
    'annotation',
    'email',
    'task',
    'systemuser',
    'sdkmessageprocessingstep',
    'serviceendpoint',
  )
  .filter((name) => schema.tables.has(name))
  .map((name) => schema.tables.get(name)!)

const writes = table.chain((one) => {
  const body = row(schema, one)
  const set = one.entitySetName
  const item = body.map((text) => `{"@odata.type":"${namespace}${one.logicalName}"${text === '{}' ? '' : ','}${text.slice(1)}`)
  const bulk = sequence('{"Targets":[', joined(item, ',', 3, 0), ']}')
  const id = fc.constantFrom(...Object.values(ids))
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ method: fc.constant('POST'), path: fc.constant(set), body }) },
    { weight: 4, arbitrary: fc.record({ method: fc.constant('PATCH'), path: sequence(set, '(', id, ')'), body }) },
    {
      weight: 2,
      arbitrary: fc.record({
        method: fc.constant('POST'),
        path: fc.constantFrom('Create', 'Update', 'Upsert', 'Delete').map((verb) => `${set}/${namespace}${verb}Multiple`),
        body: bulk,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        method: fc.constant('PUT'),
        path: sequence(set, '(', id, ')/', fc.constantFrom(...one.properties.keys())),
        body: sequence('{"value":', value, '}'),
      }),
    },
  )
})

const reference = fc.record({
  method: fc.constantFrom('PUT', 'POST'),
  path: fc.constantFrom(`hrb_vessels(${ids.hrb_vessel})/hrb_vessel_contact/$ref`, `contacts(${ids.contact})/parentcustomerid_account/$ref`),
  body: sequence('{"@odata.id":', value, '}'),
})

function parameter(type: OperationType): fc.Arbitrary<string> {
  const element = /^Collection\((.*)\)$/.exec(type)?.[1]
  if (element !== undefined) return fc.oneof(sequence('[', joined(parameter(element as OperationType), ',', 3, 0), ']'), value)
  return type.startsWith('mscrm.')
    ? fc.oneof(
        table.chain((one) => row(schema, one)),
        value,
      )
    : value
}

const actions = operations.filter(({ kind }) => kind === 'action')
const action = fc.constantFrom(...actions).chain(({ name, binding, parameters }) => {
  const members = parameters.map((one) => sequence(`"${one.name}":`, parameter(one.type)))
  const body =
    members.length === 0
      ? value
      : fc.oneof(
          sequence('{', ...members.flatMap((one, index) => (index === 0 ? [one] : [',', one])), '}'),
          sequence('{', joined(fc.oneof(...members), ','), '}'),
        )
  const place = binding
    ? table.map(({ entitySetName }) =>
        binding.to === 'set' ? `${entitySetName}/${namespace}` : `${entitySetName}(${ids.account})/${namespace}`,
      )
    : fc.constant('')
  return fc.record({ method: fc.constant('POST'), path: sequence(place, name), body })
})

const headers = fc.constantFrom<Record<string, string>>(
  {},
  { prefer: 'return=representation' },
  { 'if-match': '*' },
  { 'content-type': 'application/json;IEEE754Compatible=true' },
)
const input: fc.Arbitrary<Input> = fc
  .tuple(fc.oneof({ weight: 5, arbitrary: writes }, { weight: 1, arbitrary: reference }, { weight: 3, arbitrary: action }), headers)
  .chain(([request, sent]) => damaged(fc.constant(request.body)).map((body) => ({ ...request, body, headers: sent })))

test('every body is taken as a whole or refused as a whole', () =>
  fuzz(
    input,
    async (one) => {
      // Of rows of an elastic table the good ones stay.
      const keeps = () => /hrb_logs\/.*Multiple/.test(one.path)
      return (await plane.check(one, keeps)).status
    },
    3,
  ))

test.run()
