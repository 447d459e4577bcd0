import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harbor } from '../contract/harbor.ts'
import { type Body, type DataPlane, dataPlane } from '../data-plane.ts'
import {
  aliases,
  type Filter,
  find,
  type Link,
  primaryIds,
  printFilter,
  printLinks,
  type Row,
  type Rows,
  type Tuple,
} from './fetch-model.ts'
import { filterOf, linksOf, plainObject, rowOf } from './fetch-queries.ts'
import { order, type Value } from './plain.ts'

const test = suite('FetchXML against plain JavaScript')

const sets: Record<string, string> = {
  account: 'accounts',
  contact: 'contacts',
  hrb_vessel: 'hrb_vessels',
  hrb_port_call: 'hrb_port_calls',
  hrb_port_call_task: 'hrb_port_call_tasks',
}
const lookups: Record<string, [column: string, navigation: string, target: string]> = {
  hrb_vessel: ['hrb_operator', 'hrb_Operator', 'account'],
  hrb_port_call: ['hrb_vessel', 'hrb_Vessel', 'hrb_vessel'],
  hrb_port_call_task: ['hrb_port_call', 'hrb_Port_Call', 'hrb_port_call'],
}
const sizes = { account: 3, contact: 4, hrb_vessel: 18, hrb_port_call: 24, hrb_port_call_task: 16 }

/** Rows with nulls and with lookups to rows, or to none. */
async function fleet(seed: number): Promise<{ plane: DataPlane; rows: Rows }> {
  const plane = dataPlane({ parts: [harbor] })
  const rows: Rows = {}
  for (const [table, numRuns] of Object.entries(sizes)) {
    rows[table] = []
    for (const [index, values] of fc.sample(rowOf(table), { seed, numRuns }).entries()) {
      const [column, navigation, target] = lookups[table] ?? []
      const to = target === undefined ? undefined : rows[target]![(index * 7) % (rows[target]!.length + 1)]?.id
      const required = table === 'hrb_port_call_task' ? { subject: values.subject ?? '' } : {}
      const row = { ...values, ...required }
      const bind = to === undefined ? {} : { [`${navigation}@odata.bind`]: `/${sets[target!]}(${to})` }
      const id = await plane.create(sets[table]!, { ...row, ...bind })
      rows[table].push({ ...row, id, ...(column !== undefined && { [column]: to ?? null }) })
    }
  }
  for (const [index, vessel] of rows.hrb_vessel!.entries())
    for (const contact of rows.contact!.slice(0, index % 3))
      await plane.send('POST', `hrb_vessels(${vessel.id})/hrb_vessel_contact/$ref`, { '@odata.id': `contacts(${contact.id})` })
  const pairs = plane.organization.database.all('select hrb_vessel_contactid as id, hrb_vesselid, contactid from hrb_vessel_contact')
  rows.hrb_vessel_contact = pairs as Row[]
  return { plane, rows }
}

interface Order {
  column: string
  descending: boolean
}
const orderable = ['hrb_logbook', 'hrb_crewcount', 'hrb_rate', 'hrb_tonnage', 'hrb_built', 'hrb_class', 'hrb_active', 'hrb_operator']
const orders = fc.uniqueArray(fc.record({ column: fc.constantFrom(...orderable), descending: fc.boolean() }, plainObject), {
  maxLength: 2,
  selector: ({ column }) => column,
})

interface Asked {
  filter: Filter | undefined
  links: Link[]
  orders: Order[]
}
const asked: fc.Arbitrary<Asked> = fc.record(
  { filter: fc.option(filterOf('hrb_vessel', 1), { nil: undefined }), links: linksOf('hrb_vessel', 1), orders },
  plainObject,
)

const labels: Record<number, string> = { 100000001: 'Bulk carrier', 100000002: 'Tanker', 100000003: 'Container ship' }

/** What a column sorts by: a choice by its label, a lookup by the name of the row it points at. */
function sortValue(rows: Rows, row: Row, column: string): Value {
  const value = row[column] ?? null
  if (column === 'hrb_class') return value === null ? null : labels[Number(value)]!
  if (column === 'hrb_operator') return rows.account!.find(({ id }) => id === value)?.name ?? null
  return value
}

/** As asked for, and what is equal by it in the order of the ids. */
function sorted(rows: Rows, tuples: readonly Tuple[], { orders }: Pick<Asked, 'orders'>): Tuple[] {
  const keys = (tuple: Tuple): [Value, boolean][] => [
    ...orders.map(({ column, descending }): [Value, boolean] => [sortValue(rows, tuple[0]!, column), descending]),
    ...tuple.map((row): [Value, boolean] => [row?.id ?? null, false]),
  ]
  return [...tuples].sort((one, other) => {
    const second = keys(other)
    for (const [index, [value, descending]] of keys(one).entries()) {
      const found = order(value, second[index]![0])
      if (found !== 0) return descending ? -found : found
    }
    return 0
  })
}

const printOrders = (list: readonly Order[]) =>
  list.map(({ column, descending }) => `<order attribute="${column}" descending="${descending}"/>`).join('')

function print({ filter, links, orders }: Asked, attributes = '', columns = '<attribute name="hrb_vesselid"/>'): string {
  const inside = `${columns}${printOrders(orders)}${printFilter('hrb_vessel', filter)}${printLinks('hrb_vessel', links, 'l')}`
  return `<fetch${attributes}><entity name="hrb_vessel">${inside}</entity></fetch>`
}

async function ask(plane: DataPlane, xml: string, headers?: Record<string, string>): Promise<Body> {
  const { status, body, text } = await plane.get(`hrb_vessels?fetchXml=${encodeURIComponent(xml)}`, headers)
  assert.is(status, 200, `${xml}\n${text}`)
  return body
}

function idsIn(body: Body, links: readonly Link[]): Value[][] {
  const names = aliases(links).map(({ alias, table }) => `${alias}.${primaryIds[table]}`)
  return body.value.map((row: Body) => [row.hrb_vesselid, ...names.map((name) => row[name] ?? null)])
}

const idsOf = (tuples: readonly Tuple[]): Value[][] => tuples.map((tuple) => tuple.map((row) => row?.id ?? null))

test('filters, links within links and orders find the same rows, in the same order', async () => {
  const { plane, rows } = await fleet(1)
  await fc.assert(
    fc.asyncProperty(asked, async (one) => {
      const xml = print(one)
      const expected = sorted(rows, find(rows, 'hrb_vessel', one.filter, one.links), one)
      assert.equal(idsIn(await ask(plane, xml), one.links), idsOf(expected), xml)
    }),
    { seed: 2025, numRuns: 250 },
  )
})

test('pages by cookie are the whole, and top is its beginning', async () => {
  const { plane, rows } = await fleet(2)
  const prefer = 'odata.include-annotations="Microsoft.Dynamics.CRM.fetchxmlpagingcookie,Microsoft.Dynamics.CRM.morerecords"'
  await fc.assert(
    fc.asyncProperty(asked, fc.integer({ min: 2, max: 9 }), async (one, count) => {
      const expected = idsOf(sorted(rows, find(rows, 'hrb_vessel', one.filter, one.links), one))
      assert.equal(idsIn(await ask(plane, print(one, ` top="${count}"`)), one.links), expected.slice(0, count))
      const seen: Value[][] = []
      let cookie = ''
      for (let page = 1; ; page++) {
        const body = await ask(plane, print(one, ` count="${count}" page="${page}"${cookie}`), { prefer })
        seen.push(...idsIn(body, one.links))
        assert.ok(seen.length <= expected.length, print(one))
        if (!body['@Microsoft.Dynamics.CRM.morerecords']) break
        const [, twice = ''] = /pagingcookie="([^"]*)"/.exec(body['@Microsoft.Dynamics.CRM.fetchxmlpagingcookie'])!
        const inner = decodeURIComponent(decodeURIComponent(twice))
        cookie = ` paging-cookie="${inner.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')}"`
      }
      assert.equal(seen, expected, print(one))
    }),
    { seed: 2026, numRuns: 60 },
  )
})

test('distinct rows are those that differ in what is sent', async () => {
  const { plane, rows } = await fleet(3)
  const sent = fc.subarray(['hrb_crewcount', 'hrb_rate', 'hrb_tonnage', 'hrb_built', 'hrb_active'], { minLength: 1 })
  await fc.assert(
    fc.asyncProperty(asked, sent, fc.boolean(), async ({ filter, links }, columns, descending) => {
      const attributes = columns.map((name) => `<attribute name="${name}"/>`).join('')
      const unnamed = `${attributes}${printOrders([{ column: columns[0]!, descending }])}${printFilter('hrb_vessel', filter)}${printLinks('hrb_vessel', links, undefined)}`
      const body = await ask(plane, `<fetch distinct="true"><entity name="hrb_vessel">${unnamed}</entity></fetch>`)
      const tuples = find(rows, 'hrb_vessel', filter, links).map(([row]) => columns.map((name) => row![name] ?? null))
      const unique = new Map(tuples.map((values) => [JSON.stringify(values), values]))
      const found: Value[][] = body.value.map((row: Body) => columns.map((name) => row[name] ?? null))
      assert.equal(found.map((values) => JSON.stringify(values)).sort(), [...unique.keys()].sort(), unnamed)
      const firsts = found.map(([first]) => first ?? null)
      assert.equal(
        firsts,
        [...firsts].sort((one, other) => (descending ? -order(one, other) : order(one, other))),
        unnamed,
      )
    }),
    { seed: 2027, numRuns: 80 },
  )
})

test.run()
