import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { pointed, toUnits } from '../../../../../connectors/dynamics365/sandbox/organization/values/units.ts'
import { harbor } from '../contract/harbor.ts'
import { type Body, type DataPlane, dataPlane } from '../data-plane.ts'
import { type Filter, holds, printFilter, type Row } from './fetch-model.ts'
import { filterOf, plainObject, rowOf } from './fetch-queries.ts'
import type { Value } from './plain.ts'

const test = suite('totals against plain JavaScript')

async function fleet(seed: number): Promise<{ plane: DataPlane; rows: Row[] }> {
  const plane = dataPlane({ parts: [harbor], switches: { fiscal_year_month: 4 } })
  const rows: Row[] = []
  for (const values of fc.sample(rowOf('hrb_vessel'), { seed, numRuns: 40 }))
    rows.push({ ...values, id: await plane.create('hrb_vessels', values) })
  return { plane, rows }
}

/** A column and the digits behind the point that its totals have, and its values. */
const digits = { hrb_crewcount: [0, 0], hrb_serial: [0, 0], hrb_rate: [9, 4], hrb_tonnage: [10, 10] } as const
type Name = keyof typeof digits
const methods = ['sum', 'average', 'min', 'max'] as const
interface Measure {
  column: Name
  method: (typeof methods)[number]
}
const measures = fc.uniqueArray(
  fc.record({ column: fc.constantFrom(...(Object.keys(digits) as Name[])), method: fc.constantFrom(...methods) }, plainObject),
  { minLength: 1, maxLength: 4, selector: ({ column, method }) => `${column} ${method}` },
)
const nameOf = ({ column, method }: Measure) => `${column}_${method}`
const filters = fc.option(filterOf('hrb_vessel', 0), { nil: undefined })

/** In units of the digits that the total has; an average is cut. */
function total(rows: readonly Row[], { column, method }: Measure): number | undefined {
  const [places] = digits[column]
  const values = rows.flatMap((row) => (row[column] === null ? [] : [toUnits(String(row[column]), places)!]))
  const sum = values.reduce((one, other) => one + other, 0n)
  if (method === 'sum') return Number(pointed(String(sum), places))
  if (values.length === 0) return undefined
  const [first, last] = [...values]
    .sort((one, other) => (one < other ? -1 : 1))
    .filter((_, index) => index === 0 || index === values.length - 1)
  const found = { average: sum / BigInt(values.length), min: first!, max: last ?? first! }[method]
  return Number(pointed(String(found), places))
}

/** By the values of these columns. */
function grouped(rows: readonly Row[], key: (row: Row) => Value[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const name = JSON.stringify(key(row))
    groups.set(name, [...(groups.get(name) ?? []), row])
  }
  return groups
}

const kept = (rows: readonly Row[], filter: Filter | undefined) => rows.filter((row) => !filter || holds({}, row, filter) === true)
const sortedTexts = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort()

function expectedRows(groups: ReadonlyMap<string, readonly Row[]>, list: readonly Measure[]): unknown[] {
  return [...groups].map(([key, rows]) => {
    const values = JSON.parse(key) as Value[]
    return [...values, rows.length, ...list.map((measure) => total(rows, measure) ?? null)]
  })
}

const foundRows = (body: Body, names: readonly string[], list: readonly Measure[]): unknown[] =>
  body.value.map((row: Body) => [...names.map((name) => row[name] ?? null), row.n, ...list.map((measure) => row[nameOf(measure)] ?? null)])

const groupColumns = fc.subarray(['hrb_class', 'hrb_active', 'hrb_crewcount', 'hrb_rate', 'hrb_tonnage'], { maxLength: 2 })

test('$apply: filters, groups and every method', async () => {
  const { plane, rows } = await fleet(1)
  const conditions: Record<string, (row: Row) => boolean> = {
    'hrb_crewcount gt 1': ({ hrb_crewcount: crew }) => crew !== null && Number(crew) > 1,
    'hrb_rate le 0.3': ({ hrb_rate: rate }) => rate !== null && Number(rate) <= 0.3,
    'hrb_active eq true': ({ hrb_active: active }) => active === true,
    'hrb_class ne 100000001': ({ hrb_class: one }) => one !== 100000001,
    'hrb_tonnage eq 5': () => false,
  }
  await fc.assert(
    fc.asyncProperty(fc.subarray(Object.keys(conditions), { maxLength: 2 }), groupColumns, measures, async (chosen, names, list) => {
      const aggregate = `aggregate($count as n,${list.map((one) => `${one.column} with ${one.method} as ${nameOf(one)}`).join(',')})`
      const last = names.length === 0 ? aggregate : `groupby((${names.join(',')}),${aggregate})`
      const apply = [...chosen.map((one) => `filter(${one})`), last].join('/')
      const { status, body, text } = await plane.get(`hrb_vessels?$apply=${encodeURIComponent(apply)}`)
      assert.is(status, 200, `${apply} ${text}`)
      const groups = grouped(
        rows.filter((row) => chosen.every((one) => conditions[one]!(row))),
        (row) => names.map((name) => row[name] ?? null),
      )
      if (names.length === 0 && groups.size === 0) groups.set('[]', [])
      assert.equal(sortedTexts(foundRows(body, names, list)), sortedTexts(expectedRows(groups, list)), apply)
    }),
    { seed: 77, numRuns: 120 },
  )
})

/** Parts of a day, in a fiscal year that begins in April. */
const parts: Record<string, (year: number, month: number, day: number) => number> = {
  day: (_, __, day) => day,
  month: (_, month) => month,
  quarter: (_, month) => Math.ceil(month / 3),
  year: (year) => year,
  'fiscal-year': (year, month) => (month < 4 ? year - 1 : year),
  'fiscal-period': (year, month) => (month < 4 ? (year - 1) * 10 + 4 : year * 10 + Math.ceil(month / 3) - 1),
  week(year, month, day) {
    const first = new Date(Date.UTC(year, 0, 1))
    const days = (Date.UTC(year, month - 1, day) - first.getTime()) / 86_400_000
    return Math.floor((days + first.getUTCDay()) / 7) + 1
  },
}

test('FetchXML: filters, groups by columns and parts of dates, and every aggregate', async () => {
  const { plane, rows } = await fleet(2)
  const part = fc.option(fc.constantFrom(...Object.keys(parts)), { nil: undefined })
  await fc.assert(
    fc.asyncProperty(filters, groupColumns, part, measures, async (filter, columns, dated, list) => {
      const names = [...columns, ...(dated === undefined ? [] : ['part'])]
      const aggregates = { sum: 'sum', average: 'avg', min: 'min', max: 'max' }
      const attributes = [
        ...columns.map((name) => `<attribute name="${name}" alias="${name}" groupby="true"/>`),
        ...(dated === undefined ? [] : [`<attribute name="hrb_built" alias="part" groupby="true" dategrouping="${dated}"/>`]),
        '<attribute name="hrb_vesselid" alias="n" aggregate="count"/>',
        ...list.map((one) => `<attribute name="${one.column}" alias="${nameOf(one)}" aggregate="${aggregates[one.method]}"/>`),
      ].join('')
      const xml = `<fetch aggregate="true"><entity name="hrb_vessel">${attributes}${printFilter('hrb_vessel', filter)}</entity></fetch>`
      const { status, body, text } = await plane.get(`hrb_vessels?fetchXml=${encodeURIComponent(xml)}`)
      assert.is(status, 200, `${xml} ${text}`)
      const partOf = ({ hrb_built: built }: Row): Value => {
        const [year, month, day] = String(built).split('-').map(Number) as [number, number, number]
        return built == null ? null : parts[dated!]!(year, month, day)
      }
      const groups = grouped(kept(rows, filter), (row) => [
        ...columns.map((name) => row[name] ?? null),
        ...(dated === undefined ? [] : [partOf(row)]),
      ])
      if (names.length === 0 && groups.size === 0) groups.set('[]', [])
      assert.equal(sortedTexts(foundRows(body, names, list)), sortedTexts(expectedRows(groups, list)), xml)
    }),
    { seed: 78, numRuns: 150 },
  )
})

test.run()
