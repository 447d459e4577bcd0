import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  decimalKey,
  decimalText,
  decimalUnits,
  floorUnits,
  pointed,
  toUnits,
} from '../../../../../connectors/dynamics365/sandbox/organization/values/units.ts'
import { harbor } from '../contract/harbor.ts'
import { type Body, type DataPlane, dataPlane } from '../data-plane.ts'

const test = suite('numbers are compared, sorted and added digit for digit')

const widest = 10n ** 21n
const units = fc.bigInt({ min: -widest, max: widest })

test('a stored decimal sorts as the number does, and gives it back', () => {
  fc.assert(
    fc.property(units, units, (one, other) => {
      assert.is(decimalUnits(decimalKey(one)), one)
      assert.is(decimalText(decimalKey(one)), pointed(String(one), 10))
      assert.is(decimalKey(one) < decimalKey(other), one < other)
    }),
    { seed: 11, numRuns: 500 },
  )
  for (const one of [-widest, -1n, 0n, 1n, widest]) assert.is(decimalUnits(decimalKey(one)), one)
})

test('numbers as units', () => {
  const cases: [text: string, digits: number, rounded: bigint, floor: bigint, exact: boolean][] = [
    ['1.25', 1, 13n, 12n, false],
    ['-1.25', 1, -13n, -13n, false],
    ['1.24', 2, 124n, 124n, true],
    ['1.5e2', 0, 150n, 150n, true],
    ['25E-1', 0, 3n, 2n, false],
    ['-1e-400', 10, 0n, -1n, false],
    ['0e99999', 4, 0n, 0n, true],
    ['1e99999', 4, 10n ** 60n, 10n ** 60n, true],
    ['000.0500', 1, 1n, 0n, false],
    ['0.04', 0, 0n, 0n, false],
  ]
  for (const [text, digits, rounded, floor, exact] of cases) {
    assert.is(toUnits(text, digits), rounded, text)
    assert.equal(floorUnits(text, digits), { units: floor, exact }, text)
  }
  assert.is(toUnits('1,5', 2), undefined)
})

/** Values that differ in digits which a double does not have, and literals between them. */
const columns = {
  hrb_tonnage: {
    digits: 10,
    stored: [
      '0.0000000000',
      '0.0000000001',
      '99999999998.9999999999',
      '99999999999.0000000001',
      '99999999999.0000000002',
      '100000000000.0000000000',
    ],
    literals: ['99999999999', '99999999999.00000000015', '-0.00000000001', '1e11', '1e400', '-1e400', '0.0000000001'],
  },
  hrb_rate: {
    digits: 4,
    stored: ['0.0000', '0.0001', '999999.9999', '1000000.0000'],
    literals: ['0.00005', '999999.99989999999999999999', '999999.9999', '1e30', '1000000'],
  },
  hrb_serial: {
    digits: 0,
    stored: ['-9223372036854775808', '0', '9007199254740992', '9007199254740993', '9223372036854775807'],
    literals: ['9007199254740992.5', '9007199254740993', '9223372036854775808', '-9223372036854775808.1', '0.0'],
  },
}
type Name = keyof typeof columns
const names = Object.keys(columns) as Name[]
const inUnits = (text: string) => toUnits(text, 30)!

async function fleet(): Promise<DataPlane> {
  const plane = dataPlane({ parts: [harbor] })
  const most = Math.max(...names.map((name) => columns[name].stored.length))
  for (let index = 0; index < most + 1; index++) {
    const values = names.map((name) => `"${name}":${columns[name].stored[index] ?? 'null'}`)
    const { status, text } = await plane.send('POST', 'hrb_vessels', `{"hrb_name":"${index}",${values.join(',')}}`)
    assert.is(status, 204, text)
  }
  return plane
}

const indexes = (body: Body): number[] => body.value.map((row: Body) => Number(row.hrb_name))

test('every comparison with a literal is exact, in both query languages', async () => {
  const plane = await fleet()
  const holds = {
    eq: (one: bigint, other: bigint) => one === other,
    gt: (one: bigint, other: bigint) => one > other,
    ge: (one: bigint, other: bigint) => one >= other,
    lt: (one: bigint, other: bigint) => one < other,
    le: (one: bigint, other: bigint) => one <= other,
  }
  for (const name of names) {
    const { stored, literals } = columns[name]
    for (const literal of [...stored, ...literals]) {
      for (const [operator, test] of Object.entries(holds)) {
        const expected = stored.flatMap((one, index) => (test(inUnits(one), inUnits(literal)) ? [index] : []))
        const asked = `${name} ${operator} ${literal}`
        const { body, text } = await plane.get(`hrb_vessels?$select=hrb_name&$orderby=hrb_name&$filter=${asked.replaceAll('+', '%2B')}`)
        assert.ok(body.value, text)
        assert.equal(indexes(body), expected, asked)
        if (/e/.test(literal)) continue
        const condition = `<condition attribute="${name}" operator="${operator}" value="${literal}"/>`
        const xml = `<fetch><entity name="hrb_vessel"><attribute name="hrb_name"/><order attribute="hrb_name"/><filter>${condition}</filter></entity></fetch>`
        assert.equal(indexes((await plane.get(`hrb_vessels?fetchXml=${encodeURIComponent(xml)}`)).body), expected, condition)
      }
      const is = stored.flatMap((one, index) => (inUnits(one) === inUnits(literal) ? [index] : []))
      const listed = `Microsoft.Dynamics.CRM.In(PropertyName='${name}',PropertyValues=['${literal}'])`
      const between = `Microsoft.Dynamics.CRM.Between(PropertyName='${name}',PropertyValues=['${literal}','${literal}'])`
      for (const filter of [listed, between])
        assert.equal(indexes((await plane.get(`hrb_vessels?$select=hrb_name&$orderby=hrb_name&$filter=${filter}`)).body), is, filter)
    }
  }
})

test('pages follow each other in the order of all digits, by skip token and by cookie', async () => {
  const plane = await fleet()
  for (const name of names)
    for (const descending of [false, true]) {
      const { stored } = columns[name]
      const filled = stored.map((_, index) => index)
      const expected = descending ? filled.reverse() : filled
      const seen: number[] = []
      let address: string | undefined = `hrb_vessels?$select=hrb_name&$filter=${name} ne null&$orderby=${name}${descending ? ' desc' : ''}`
      while (address !== undefined) {
        const { body }: { body: Body } = await plane.get(address, { prefer: 'odata.maxpagesize=1' })
        seen.push(...indexes(body))
        address = body['@odata.nextLink']
      }
      assert.equal(seen, expected, name)
      assert.equal(await byCookie(plane, name, descending), expected, name)
    }
})

async function byCookie(plane: DataPlane, name: string, descending: boolean): Promise<number[]> {
  const prefer = 'odata.include-annotations="Microsoft.Dynamics.CRM.fetchxmlpagingcookie,Microsoft.Dynamics.CRM.morerecords"'
  const seen: number[] = []
  let cookie = ''
  for (let page = 1; ; page++) {
    const filter = `<filter><condition attribute="${name}" operator="not-null"/></filter><order attribute="${name}" descending="${descending}"/>`
    const xml = `<fetch count="1" page="${page}"${cookie}><entity name="hrb_vessel"><attribute name="hrb_name"/>${filter}</entity></fetch>`
    const { body } = await plane.get(`hrb_vessels?fetchXml=${encodeURIComponent(xml)}`, { prefer })
    seen.push(...indexes(body))
    if (!body['@Microsoft.Dynamics.CRM.morerecords']) return seen
    const twice = /pagingcookie="([^"]*)"/.exec(body['@Microsoft.Dynamics.CRM.fetchxmlpagingcookie'])![1]!
    const inner = decodeURIComponent(decodeURIComponent(twice))
    cookie = ` paging-cookie="${inner.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')}"`
  }
}

test('totals have every digit, and sort by them', async () => {
  const plane = await fleet()
  const { text } = await plane.get(
    'hrb_vessels?$apply=aggregate(hrb_tonnage with sum as s,hrb_tonnage with average as a,hrb_tonnage with max as m,hrb_rate with sum as rs,hrb_rate with average as ra,hrb_serial with sum as bs,hrb_serial with average as ba)',
  )
  // 0.0000000001 + 99999999998.9999999999 + 99999999999.0000000001 + 99999999999.0000000002 + 100000000000
  assert.match(text, '"s":399999999997.0000000003,')
  assert.match(text, '"a":66666666666.1666666667,')
  assert.match(text, '"m":100000000000.0000000000,')
  assert.match(text, '"rs":2000000.000000000,')
  assert.match(text, '"ra":500000.000000000,')
  assert.match(text, '"bs":18014398509481984,')
  assert.match(text, /"ba":3602879701896396\}/)
  const sum = '<attribute name="hrb_tonnage" aggregate="sum" alias="s"/><order alias="s" descending="true"/>'
  const xml = `<fetch aggregate="true"><entity name="hrb_vessel"><attribute name="hrb_name" groupby="true" alias="name"/>${sum}</entity></fetch>`
  const { body } = await plane.get(`hrb_vessels?fetchXml=${encodeURIComponent(xml)}`)
  assert.equal(
    body.value.map((row: Body) => row.name),
    ['5', '4', '3', '2', '1', '0', '6'],
  )
})

test('money and decimals are not of one type', async () => {
  const { get } = dataPlane({ parts: [harbor] })
  const { status, body } = await get('hrb_vessels?$filter=hrb_rate gt hrb_tonnage')
  assert.equal([status, body.error.code], [400, '0x80060888'])
  assert.is((await get('hrb_vessels?$filter=hrb_tonnage gt exchangerate')).status, 200)
})

test.run()
