import fc from 'fast-check'
import * as odataQuery from 'odata-query'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Expression, type Operand, parseFilter } from '../../../../../connectors/dynamics365/sandbox/odata/filter.ts'
import { harbor } from '../contract/harbor.ts'
import { type Body, type DataPlane, dataPlane } from '../data-plane.ts'
import { type Comparison, compared, fits, folded, joined, negated, type Truth, type Value } from './plain.ts'

/** The package is CommonJS, and says in its types that it is not. */
const buildQuery = odataQuery.default as unknown as typeof odataQuery.default.default

const test = suite('filters against plain JavaScript')

type Row = Record<string, Value>

const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
const text = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'z', 'ä', 'Ä', '%', '_', "'", '😀'), maxLength: 4 })
const whole = fc.integer({ min: 0, max: 4 })
const money = fc.constantFrom(0.0001, 0.1, 0.3, 99999.9999, 1)
const decimal = fc.constantFrom(0.1, 2.5, 1000000.25, 0.0000000001)
const day = fc.constantFrom('2024-02-29', '2025-01-01', '1999-12-31')
const option = fc.constantFrom(100000001, 100000002, 100000003)
const values = {
  hrb_callsign: text,
  hrb_imo: text,
  hrb_crewcount: whole,
  hrb_rate: money,
  hrb_tonnage: decimal,
  hrb_built: day,
  hrb_class: option,
}
const literalTypes = { hrb_callsign: 'string', hrb_imo: 'string', hrb_built: 'date' } as const
type Name = keyof typeof values
const names = Object.keys(values) as Name[]
const texts: Name[] = ['hrb_callsign', 'hrb_imo']

const rows = fc.sample(fc.record(Object.fromEntries(names.map((name) => [name, nullable(values[name] as fc.Arbitrary<Value>)]))), {
  seed: 7,
  numRuns: 40,
}) as Row[]

const plainObject = { noNullPrototype: true } as const
const operator = fc.constantFrom<Comparison[]>('eq', 'ne', 'gt', 'ge', 'lt', 'le')
const property = (name: string) => ({ kind: 'property' as const, path: [name] })

function valueOperand(name: Name): fc.Arbitrary<Operand> {
  const type = name in literalTypes ? literalTypes[name as keyof typeof literalTypes] : 'number'
  const plain = (values[name] as fc.Arbitrary<Value>).map(
    (value) => ({ kind: 'value', literal: { type, value: digits(value) } }) as Operand,
  )
  return fc.oneof(
    { weight: 6, arbitrary: plain },
    { weight: 1, arbitrary: fc.constant<Operand>({ kind: 'value', literal: { type: 'null' } }) },
  )
}

function digits(value: Value): string {
  return typeof value === 'number' && value < 0.001 && value > 0 ? value.toFixed(10) : String(value)
}

const comparisons: fc.Arbitrary<Expression> = fc
  .constantFrom(...names)
  .chain((name) =>
    fc.record(
      { kind: fc.constant('compare' as const), operator, left: fc.constant(property(name)), right: valueOperand(name) },
      plainObject,
    ),
  )
const columns: fc.Arbitrary<Expression> = operator.map((one) => {
  const [left, right] = [property('hrb_callsign'), property('hrb_imo')]
  return { kind: 'compare' as const, operator: one, left, right }
})
const like: fc.Arbitrary<Expression> = fc.record(
  {
    kind: fc.constant('text' as const),
    name: fc.constantFrom('contains' as const, 'startswith' as const, 'endswith' as const),
    property: fc.constantFrom(...texts).map(property),
    value: text.map((value) => ({ kind: 'value' as const, literal: { type: 'string' as const, value } })),
  },
  plainObject,
)
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    comparisons,
    columns,
    like,
    fc.record({ kind: fc.constant('not' as const), operand: tie('expression') }, plainObject),
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), left: tie('expression'), right: tie('expression') }, plainObject),
  ),
}))

function print(one: Expression): string {
  switch (one.kind) {
    case 'and':
    case 'or':
      return `(${print(one.left)} ${one.kind} ${print(one.right)})`
    case 'not':
      return `not (${print(one.operand)})`
    case 'compare':
      return `${written(one.left)} ${one.operator} ${written(one.right)}`
    case 'text':
      return `${one.name}(${written(one.property)},${written(one.value)})`
    default:
      throw new Error(one.kind)
  }
}

function written(operand: Operand): string {
  if (operand.kind === 'property') return operand.path.join('/')
  if (operand.kind !== 'value') throw new Error(operand.kind)
  const { literal } = operand
  if (literal.type === 'null') return 'null'
  return literal.type === 'string' ? `'${literal.value.replaceAll("'", "''")}'` : String(literal.value)
}

function holds(one: Expression, row: Row): Truth {
  switch (one.kind) {
    case 'and':
    case 'or':
      return joined(one.kind, [holds(one.left, row), holds(one.right, row)])
    case 'not':
      return negated(holds(one.operand, row))
    case 'compare':
      return compared(one.operator, plain(one.left, row), plain(one.right, row), one.right.kind === 'value')
    case 'text': {
      const wanted = String((one.value.literal as { value: string }).value)
      const [before, after] = [one.name === 'startswith' ? '' : '%', one.name === 'endswith' ? '' : '%']
      return fits(row[one.property.path[0]!] ?? null, `${before}${wanted}${after}`)
    }
    default:
      throw new Error(one.kind)
  }
}

function plain(operand: Operand, row: Row): Value {
  if (operand.kind === 'property') return row[operand.path[0]!] ?? null
  if (operand.kind !== 'value' || operand.literal.type === 'null') return null
  return operand.literal.type === 'number' ? Number(operand.literal.value) : operand.literal.value
}

async function harborWithRows(): Promise<{ plane: DataPlane; found(filter: string): Promise<number[]> }> {
  const plane = dataPlane({ parts: [harbor] })
  // Alternate keys are unique, so the columns of keys are made so by their case-blind value.
  const taken = new Set<Value>()
  for (const [index, row] of rows.entries()) {
    if (taken.has(folded(row.hrb_imo!))) row.hrb_imo = null
    taken.add(folded(row.hrb_imo!))
    await plane.create('hrb_vessels', { ...row, hrb_name: String(index) })
  }
  const found = async (filter: string) => {
    const { status, body, text: answer } = await plane.get(`hrb_vessels?$select=hrb_name&$filter=${encodeURIComponent(filter)}`)
    assert.is(status, 200, `${filter}\n${answer}`)
    return body.value.map((row: Body) => Number(row.hrb_name)).sort((a: number, b: number) => a - b)
  }
  return { plane, found }
}

test('any condition finds the rows for which it is true, and reads as it was written', async () => {
  const { found } = await harborWithRows()
  await fc.assert(
    fc.asyncProperty(expression, async (one) => {
      const filter = print(one)
      assert.equal(parseFilter(filter, new Map()), one, filter)
      const expected = rows.flatMap((row, index) => (holds(one, row) === true ? [index] : []))
      assert.equal(await found(filter), expected, filter)
    }),
    { seed: 1234, numRuns: 300 },
  )
})

test('filters that odata-query builds', async () => {
  const { plane, found } = await harborWithRows()
  const where = (condition: (row: Row) => boolean) => rows.flatMap((row, index) => (condition(row) ? [index] : []))
  const cases: [filter: object, condition: (row: Row) => boolean][] = [
    [{ hrb_crewcount: 3 }, (row) => row.hrb_crewcount === 3],
    [{ hrb_crewcount: { gt: 1, le: 3 } }, ({ hrb_crewcount: count }) => count !== null && Number(count) > 1 && Number(count) <= 3],
    [{ hrb_callsign: "'" }, (row) => row.hrb_callsign === "'"],
    [{ hrb_callsign: null }, (row) => row.hrb_callsign === null],
    [{ not: { hrb_callsign: null } }, (row) => row.hrb_callsign !== null],
    [{ hrb_callsign: { contains: 'ä' } }, (row) => /ä/i.test(row.hrb_callsign === null ? '' : String(row.hrb_callsign))],
    [
      { or: [{ hrb_class: 100000001 }, { hrb_rate: { lt: 0.2 } }] },
      (row) => row.hrb_class === 100000001 || (row.hrb_rate !== null && Number(row.hrb_rate) < 0.2),
    ],
    [{ and: [{ hrb_class: { ne: 100000001 } }, { hrb_active: true }] }, (row) => row.hrb_class !== 100000001],
    [{ hrb_built: { ge: { type: 'raw', value: '2024-02-29' } } }, (row) => row.hrb_built !== null && String(row.hrb_built) >= '2024-02-29'],
    [{ createdon: { gt: new Date(0) } }, () => true],
    [{ hrb_vesselid: { type: 'guid', value: '0f0e7a10-0000-4000-8000-000000000001' } }, () => false],
    [{ hrb_Operator: { name: 'X' } }, () => false],
    [{ hrb_vessel_port_calls: { any: { hrb_name: 'Oslo' } } }, () => false],
    [{ hrb_vessel_port_calls: { all: { hrb_name: 'Oslo' } } }, () => true],
  ]
  for (const [filter, condition] of cases) {
    const built = new URLSearchParams(buildQuery({ filter }).slice(1)).get('$filter')!
    assert.equal(await found(built), where(condition), built)
  }
  // `in` came with OData 4.01, which Dataverse does not know.
  const refused = await plane.get(`hrb_vessels${buildQuery({ filter: { hrb_crewcount: { in: [1, 4] } } })}`)
  assert.is(refused.status, 400)
})

test.run()
