import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WebApiError } from '../../../../connectors/dynamics365/sandbox/error.ts'
import { parseFetch } from '../../../../connectors/dynamics365/sandbox/fetchxml/fetch.ts'
import { harbor } from './contract/harbor.ts'
import { type Answer, type Body, base, type DataPlane, dataPlane } from './data-plane.ts'

const test = suite('FetchXML on the sandbox')
const paging = { prefer: 'odata.include-annotations="Microsoft.Dynamics.CRM.fetchxmlpagingcookie,Microsoft.Dynamics.CRM.morerecords"' }
const formatted = { prefer: 'odata.include-annotations="OData.Community.Display.V1.FormattedValue"' }

async function fleet(): Promise<DataPlane & { operator: string }> {
  const plane = dataPlane({ parts: [harbor], clock: () => new Date('2026-03-04T09:15:02Z') })
  const operator = await plane.create('accounts', { name: 'North Sea Lines' })
  const vessel = (row: Record<string, unknown>) => plane.create('hrb_vessels', row)
  const bind = { 'hrb_Operator@odata.bind': `/accounts(${operator})` }
  const petrel = await vessel({
    hrb_name: 'Petrel',
    hrb_class: 100000001,
    hrb_tonnage: 18450.5,
    hrb_rate: 1250,
    hrb_crewcount: 10,
    ...bind,
  })
  await vessel({ hrb_name: 'Gannet', hrb_class: 100000002, hrb_tonnage: 2, hrb_rate: 0.5, hrb_crewcount: 11, ...bind })
  await vessel({ hrb_name: 'Auk', hrb_class: 100000003, hrb_crewcount: 12 })
  await vessel({ hrb_name: 'Auk', hrb_built: '2019-06-30' })
  for (const name of ['Oslo', 'Bergen'])
    await plane.create('hrb_port_calls', { hrb_name: name, 'hrb_Vessel@odata.bind': `/hrb_vessels(${petrel})` })
  return Object.assign(plane, { operator })
}

function ask(plane: DataPlane, xml: string, headers?: Record<string, string>, set = 'hrb_vessels'): Promise<Answer> {
  return plane.get(`${set}?fetchXml=${encodeURIComponent(xml)}`, headers)
}

const vessels = (inside: string, attributes = '') => `<fetch ${attributes}><entity name="hrb_vessel">${inside}</entity></fetch>`
const names = ({ status, body, text }: Answer): string[] => {
  assert.is(status, 200, text)
  return body.value.map((row: Body) => row.hrb_name)
}
/** What the query is refused with; anything else is thrown on. */
function refusal({ organization }: DataPlane, xml: string): WebApiError {
  try {
    parseFetch(organization, organization.schema.tables.get('hrb_vessel')!, xml)
  } catch (error) {
    if (error instanceof WebApiError) return error
    throw error
  }
  throw new Error(`Not refused: ${xml.slice(0, 80)}`)
}

const byName = '<attribute name="hrb_name"/><order attribute="hrb_name"/>'

test('result keys are OData names, null columns are left out, link columns are alias.column', async () => {
  const plane = await fleet()
  const link =
    '<link-entity name="account" from="accountid" to="hrb_operator" link-type="outer" alias="op"><attribute name="name"/></link-entity>'
  const { body } = await ask(
    plane,
    vessels(`<attribute name="hrb_operator"/>${byName}${link}<filter><condition attribute="hrb_tonnage" operator="not-null"/></filter>`),
  )
  assert.is(body['@odata.context'], `${base}/$metadata#hrb_vessels(_hrb_operator_value,hrb_name,hrb_vesselid)`)
  const [gannet] = body.value
  assert.equal(Object.keys(gannet), ['@odata.etag', '_hrb_operator_value', 'hrb_name', 'hrb_vesselid', 'op.name'])
  assert.is(gannet['op.name'], 'North Sea Lines')
  const auk = await ask(
    plane,
    vessels('<attribute name="hrb_built"/><filter><condition attribute="hrb_crewcount" operator="eq" value="12"/></filter>'),
  )
  assert.equal(Object.keys(auk.body.value[0]), ['@odata.etag', 'hrb_vesselid'])
})

test('conditions, nested filters, valueof, entityname', async () => {
  const plane = await fleet()
  const filtered = async (filter: string) => names(await ask(plane, vessels(`${byName}${filter}`)))
  assert.equal(await filtered('<filter><condition attribute="hrb_name" operator="begins-with" value="g"/></filter>'), ['Gannet'])
  const either =
    '<filter type="or"><condition attribute="hrb_class" operator="in"><value>100000001</value><value>100000002</value></condition><filter><condition attribute="hrb_built" operator="on" value="2019-06-30"/></filter></filter>'
  assert.equal(await filtered(either), ['Auk', 'Gannet', 'Petrel'])
  assert.equal(await filtered('<filter><condition attribute="hrb_tonnage" operator="gt" valueof="exchangerate"/></filter>'), [
    'Gannet',
    'Petrel',
  ])
  const link = '<link-entity name="account" from="accountid" to="hrb_operator" link-type="outer" alias="op"/>'
  assert.equal(await filtered(`${link}<filter><condition entityname="op" attribute="accountid" operator="null"/></filter>`), ['Auk', 'Auk'])
})

test('link types', async () => {
  const plane = await fleet()
  const link = (type: string, inside = '') =>
    `<link-entity name="hrb_port_call" from="hrb_vessel" to="hrb_vesselid" link-type="${type}">${inside}</link-entity>`
  const linked = async (inside: string) => names(await ask(plane, vessels(`${byName}${inside}`)))
  assert.equal(await linked(link('inner')), ['Petrel', 'Petrel'])
  assert.equal(await linked(link('outer')), ['Auk', 'Auk', 'Gannet', 'Petrel', 'Petrel'])
  for (const type of ['exists', 'in', 'matchfirstrowusingcrossapply']) assert.equal(await linked(link(type)), ['Petrel'], type)
  const oslo = '<filter><condition attribute="hrb_name" operator="eq" value="Oslo"/></filter>'
  const rome = '<filter><condition attribute="hrb_name" operator="eq" value="Rome"/></filter>'
  assert.equal(await linked(`<filter>${link('any', oslo)}</filter>`), ['Petrel'])
  assert.equal(await linked(`<filter>${link('not any', oslo)}</filter>`), ['Auk', 'Auk', 'Gannet'])
  assert.equal(await linked(`<filter>${link('all', rome)}</filter>`), ['Petrel'])
  assert.equal(await linked(`<filter>${link('all', oslo)}</filter>`), [])
  assert.equal(await linked(`<filter>${link('not all', oslo)}</filter>`), ['Petrel'])
})

test('all and not all by their names, where the organization reads them so', async () => {
  const plane = await fleet()
  plane.organization.switches.fetchxml_all = 'named'
  const found = async (type: string, port: string) => {
    const filter = `<filter><condition attribute="hrb_name" operator="like" value="${port}"/></filter>`
    const link = `<link-entity name="hrb_port_call" from="hrb_vessel" to="hrb_vesselid" link-type="${type}">${filter}</link-entity>`
    return names(await ask(plane, vessels(`${byName}<filter>${link}</filter>`)))
  }
  assert.equal(await found('all', '%'), ['Auk', 'Auk', 'Gannet', 'Petrel'])
  assert.equal(await found('all', 'Oslo'), ['Auk', 'Auk', 'Gannet'])
  assert.equal(await found('not all', '%'), [])
  assert.equal(await found('not all', 'Oslo'), ['Petrel'])
})

test('a value that an operator does not need is passed over', async () => {
  const plane = await fleet()
  const condition = '<filter><condition attribute="hrb_built" operator="not-null" value=""/></filter>'
  assert.equal(names(await ask(plane, vessels(`${byName}${condition}`))), ['Auk'])
})

test('fiscal groups begin where the fiscal year of the organization does', async () => {
  const plane = dataPlane({ parts: [harbor], switches: { fiscal_year_month: 4 } })
  for (const day of ['2025-03-31', '2025-04-01', '2025-12-31', '2026-01-01', '2026-03-31'])
    await plane.create('hrb_vessels', { hrb_name: day, hrb_built: day })
  const grouped = async (part: string) => {
    const group = `<attribute name="hrb_built" groupby="true" dategrouping="${part}" alias="part"/>`
    const count = '<attribute name="hrb_vesselid" aggregate="count" alias="n"/>'
    return (await ask(plane, vessels(group + count, 'aggregate="true"'), formatted)).body.value.map((row: Body) => [
      row.part,
      row['part@OData.Community.Display.V1.FormattedValue'],
      row.n,
    ])
  }
  assert.equal(await grouped('fiscal-year'), [
    [2024, 'FY2024', 1],
    [2025, 'FY2025', 4],
  ])
  assert.equal(await grouped('fiscal-period'), [
    [20244, 'Quarter 4 FY2024', 1],
    [20251, 'Quarter 1 FY2025', 1],
    [20253, 'Quarter 3 FY2025', 1],
    [20254, 'Quarter 4 FY2025', 2],
  ])
})

test('choices sort by label; distinct rows have no id', async () => {
  const plane = await fleet()
  const { body } = await ask(plane, vessels('<attribute name="hrb_class"/><order attribute="hrb_class" descending="true"/>', 'top="3"'))
  assert.equal(
    body.value.map((row: Body) => row.hrb_class),
    [100000002, 100000003, 100000001],
  )
  const distinct = await ask(plane, vessels(byName, 'distinct="true"'))
  assert.equal(distinct.body.value, [{ hrb_name: 'Auk' }, { hrb_name: 'Gannet' }, { hrb_name: 'Petrel' }])
})

test('the cookie is encoded twice, and paging by it visits every row once, with ties and nulls', async () => {
  const plane = await fleet()
  for (const order of ['hrb_name', 'hrb_class', 'hrb_tonnage', 'hrb_rate', 'hrb_operator', 'hrb_built'])
    for (const descending of ['false', 'true']) {
      const seen: string[] = []
      let attributes = 'count="1" page="1"'
      for (let page = 1; ; page++) {
        const { body, text } = await ask(plane, vessels(`<order attribute="${order}" descending="${descending}"/>`, attributes), paging)
        assert.ok(body.value, text)
        seen.push(...body.value.map((row: Body) => row.hrb_vesselid))
        if (!body['@Microsoft.Dynamics.CRM.morerecords']) break
        const annotation = body['@Microsoft.Dynamics.CRM.fetchxmlpagingcookie']
        const [, number, twice] =
          /^<cookie pagenumber="(\d+)" pagingcookie="(%253ccookie%2520page%253d[^"]*)" istracking="False" \/>$/.exec(annotation)!
        assert.is(Number(number), page + 1)
        const cookie = decodeURIComponent(decodeURIComponent(twice!))
        const escaped = cookie.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
        attributes = `count="1" page="${page + 1}" paging-cookie="${escaped}"`
      }
      assert.is(seen.length, 4, order)
      assert.is(new Set(seen).size, 4, order)
    }
})

test('simple paging; ordered by a link column there is no cookie', async () => {
  const plane = await fleet()
  assert.equal(names(await ask(plane, vessels(byName, 'count="2" page="2"'))), ['Gannet', 'Petrel'])
  const link = '<link-entity name="account" from="accountid" to="hrb_operator" alias="op"><order attribute="name"/></link-entity>'
  const { body } = await ask(plane, vessels(link, 'count="1"'), paging)
  assert.is(body['@Microsoft.Dynamics.CRM.morerecords'], true)
  assert.not.ok('@Microsoft.Dynamics.CRM.fetchxmlpagingcookie' in body)
  const counted = await ask(plane, vessels(byName, 'count="1" returntotalrecordcount="true"'))
  assert.is(counted.body['@odata.count'], 4)
})

test('totals: groups, null groups left out, exact money, formatted values', async () => {
  const plane = await fleet()
  const inside =
    '<attribute name="hrb_operator" groupby="true" alias="op"/><attribute name="hrb_vesselid" aggregate="count" alias="n"/><attribute name="hrb_rate" aggregate="sum" alias="rate"/><attribute name="hrb_tonnage" aggregate="sum" alias="tons"/><attribute name="hrb_crewcount" aggregate="avg" alias="crew"/><order alias="n"/>'
  const { text, body } = await ask(plane, vessels(inside, 'aggregate="true"'), formatted)
  assert.is(body['@odata.context'], `${base}/$metadata#hrb_vessels`)
  assert.is(body.value.length, 2)
  assert.not.ok('op' in body.value[0])
  const known = body.value[1]
  assert.equal([known.op, known.n, known.rate, known.tons, known.crew], [plane.operator, 2, 1250.5, 18452.5, 10])
  assert.is(known['op@OData.Community.Display.V1.FormattedValue'], 'North Sea Lines')
  assert.is(known['rate@OData.Community.Display.V1.FormattedValue'], '$1,250.50')
  assert.ok(text.includes('"rate":1250.500000000,'))
  assert.ok(text.includes('"tons":18452.5000000000,'))
  const dated = await ask(
    plane,
    vessels(
      '<attribute name="createdon" groupby="true" dategrouping="quarter" alias="q"/><attribute name="hrb_name" aggregate="countcolumn" distinct="true" alias="n"/>',
      'aggregate="true"',
    ),
  )
  assert.equal(dated.body.value, [{ q: 1, n: 3 }])
  assert.is((await ask(plane, vessels(inside, 'aggregate="true" aggregatelimit="3"'))).body.error.code, '0x8004E023')
})

test('refusals carry the documented codes', async () => {
  const plane = await fleet()
  const code = async (xml: string, set?: string) => {
    const { status, body } = await ask(plane, xml, {}, set)
    return `${status} ${body.error?.code}`
  }
  const condition = (text: string) => vessels(`<filter>${text}</filter>`)
  const link = '<link-entity name="account" from="accountid" to="hrb_operator"/>'
  assert.is(await code(vessels('<attribute name="nope"/>')), '400 0x80041103')
  assert.is(await code('<fetch><entity name="nope"/></fetch>'), '400 0x80041102')
  assert.is(await code(vessels(''), 'accounts'), '400 0x80041128')
  assert.is(await code(vessels(link.replace('/>', ' link-type="odd"/>'))), '400 0x80041117')
  assert.is(await code(condition('<condition attribute="hrb_name" operator="odd"/>')), '400 0x80041120')
  assert.is(await code(vessels(`${link.replace('/>', ' alias="a"/>')}${link.replace('/>', ' alias="a"/>')}`)), '400 0x80041130')
  assert.is(await code(vessels('', 'paging-cookie="rubbish"')), '400 0x8004112A')
  assert.is(await code(vessels(link.repeat(16))), '400 0x8004430D')
  // Longer than an address may be.
  const many = condition('<condition attribute="hrb_name" operator="null"/>'.repeat(501))
  assert.is(refusal(plane, many).code, '0x8004430C')
  assert.is(await code(vessels('', 'top="1" page="1"')), '400 0x8004111c')
  assert.is(
    await code(`<fetch><entity name="hrb_log">${link.replace('hrb_operator', 'hrb_logid')}</entity></fetch>`, 'hrb_logs'),
    '400 0x80048d0b',
  )
})

test('hostile XML is a 400 with a code', () => {
  const plane = dataPlane({ parts: [harbor] })
  const bomb = '<!DOCTYPE f [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><fetch><entity name="hrb_vessel"/></fetch>'
  const deep = `${'<filter>'.repeat(5_000)}${'</filter>'.repeat(5_000)}`
  const texts = [
    ...['', 'x', '<fetch', '<fetch/>', '<fetch></entity>', bomb, vessels(deep), vessels('', 'odd="1"'), vessels('', 'count="-1"')],
    vessels(`<filter>${'<condition attribute="hrb_name" operator="null"/>'.repeat(10_000)}</filter>`),
    vessels(`<attribute name="${'a'.repeat(100_000)}"/>`),
    vessels(`<filter><condition attribute="hrb_crewcount" operator="eq" value="${'9'.repeat(100_000)}"/></filter>`),
    vessels('<attribute name="hrb_name" alias="a&quot;b"/>'),
    vessels('&undefined;'),
  ]
  for (const text of texts) {
    const { status, code } = refusal(plane, text)
    assert.is(status, 400, text.slice(0, 80))
    assert.match(code, /^0x[0-9a-f]{8}$/i)
  }
})

test.run()
