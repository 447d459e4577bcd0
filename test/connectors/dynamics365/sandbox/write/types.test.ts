import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harbor } from '../contract/harbor.ts'
import { dataPlane } from '../data-plane.ts'

const test = suite('types on the wire')
const plane = (switches = {}) => dataPlane({ parts: [harbor], switches })
const strings = 'application/json;IEEE754Compatible=true'

test('decimals and big integers come back digit for digit', async () => {
  const { send, get } = plane()
  for (const [column, written, read = written] of [
    ['hrb_tonnage', '18450.5', '18450.5000000000'],
    ['hrb_tonnage', '99999999999.1234567891'],
    ['hrb_tonnage', '0.0000000001'],
    ['hrb_tonnage', '1.00000000005', '1.0000000001'],
    ['hrb_tonnage', '1e3', '1000.0000000000'],
    ['hrb_serial', '9223372036854775807'],
    ['hrb_serial', '-9223372036854775808'],
    ['hrb_serial', '638751518483842799'],
    ['hrb_rate', '1250', '1250.0000'],
  ]) {
    const { headers, text } = await send('POST', 'hrb_vessels', `{"hrb_name":"V","${column}":${written}}`)
    const answer = await get(`${headers.Location ?? text}?$select=${column}`)
    assert.ok(answer.text.includes(`"${column}":${read}`), `${written}: ${answer.text}`)
  }
})

test('a changed decimal leaves nothing of the old one behind', async () => {
  const { send, get } = plane()
  const { headers } = await send('POST', 'hrb_vessels', '{"hrb_name":"V","hrb_tonnage":99999999999.1234567891}')
  await send('PATCH', headers.Location!, { hrb_tonnage: 2.5 })
  assert.match((await get(headers.Location!)).text, '"hrb_tonnage":2.5000000000')
  await send('PATCH', headers.Location!, { hrb_tonnage: null })
  assert.is((await get(headers.Location!)).body.hrb_tonnage, null)
})

test('a decimal is rounded to the digits of its column', async () => {
  const { create, get } = plane()
  const id = await create('hrb_port_calls', { hrb_name: 'P', hrb_fee: 12.345 })
  assert.match((await get(`hrb_port_calls(${id})`)).text, '"hrb_fee":12.3500000000')
})

test('a big integer is found by its exact value', async () => {
  const { send, get } = plane()
  await send('POST', 'hrb_vessels', '{"hrb_name":"V","hrb_serial":9007199254740993}')
  const found = async (number: string) => (await get(`hrb_vessels?$filter=hrb_serial eq ${number}`)).body.value.length
  assert.equal([await found('9007199254740993'), await found('9007199254740992')], [1, 0])
})

test('numbers as texts: only for who announces them, both ways', async () => {
  const { send, get } = plane()
  const row = { hrb_name: 'V', hrb_tonnage: '18450.5', hrb_serial: '9223372036854775807' }
  const refused = await send('POST', 'hrb_vessels', row)
  assert.equal([refused.status, refused.body.error.code], [400, '0x80048d19'])
  assert.match(
    refused.body.error.message,
    "because of conflict between input format string/number and parameter 'IEEE754Compatible' false/true.",
  )
  const { status, headers } = await send('POST', 'hrb_vessels', row, { 'content-type': strings })
  assert.is(status, 204)
  const { body } = await get(headers.Location!, { accept: strings })
  assert.equal([body.hrb_tonnage, body.hrb_serial, body.hrb_crewcount], ['18450.5000000000', '9223372036854775807', null])
  assert.match((await get(headers.Location!)).text, '"hrb_serial":9223372036854775807')
})

test('numbers beyond the bounds of their column, and other values that do not fit', async () => {
  const { send } = plane()
  for (const [row, code] of [
    [{ hrb_crewcount: 501 }, '0x80044330'],
    [{ hrb_crewcount: -1 }, '0x80044330'],
    [{ hrb_speed: 60.5 }, '0x80044330'],
    [{ hrb_rate: 1_000_000.01 }, '0x80044330'],
    [{ hrb_tonnage: 100_000_000_001 }, '0x80044330'],
    [{ hrb_imo: 'x'.repeat(21) }, '0x80044331'],
    [{ hrb_logbook: 'x'.repeat(2001) }, '0x80044331'],
    [{ hrb_class: 7 }, '0x8004431A'],
    [{ hrb_serial: 1.5 }, '0x80048d19'],
    [{ hrb_vesselid: '{0f0e7a10-0000-4000-8000-000000000001}' }, '0x80048d19'],
  ] as const) {
    const { status, body } = await send('POST', 'hrb_vessels', { hrb_name: 'V', ...row })
    assert.equal([status, body.error.code], [400, code], JSON.stringify(row))
  }
})

test('several choices are a comma list', async () => {
  const { create, send, get } = plane()
  const id = await create('hrb_vessels', { hrb_name: 'V', hrb_cargo: '1, 9' })
  const cargo = async () => (await get(`hrb_vessels(${id})`)).body.hrb_cargo
  assert.is(await cargo(), '1,9')
  await send('PATCH', `hrb_vessels(${id})`, { hrb_cargo: null })
  assert.is(await cargo(), null)
  const code = async (hrb_cargo: string) => (await send('PATCH', `hrb_vessels(${id})`, { hrb_cargo })).body.error.code
  assert.is(await code('1,3'), '0x8004431A')
  assert.is(await code(Array.from({ length: 151 }, (_, at) => at).join(',')), '0x80050222')
})

test('dates and moments', async () => {
  const { send, get } = plane()
  const read = async (column: string, value: string) => {
    const { status, headers, body } = await send('POST', 'hrb_vessels', { hrb_name: 'V', [column]: value })
    return status === 204 ? (await get(headers.Location!)).body[column] : body.error.code
  }
  assert.is(await read('hrb_built', '2019-06-30'), '2019-06-30')
  assert.is(await read('hrb_built', '2019-02-30'), '0x80048d19')
  assert.is(await read('hrb_built', '1752-12-31'), '0x80040239')
  assert.is(await read('hrb_built', '2019-06-30T00:00:00Z'), '0x80048d19')
  assert.is(await read('hrb_inspected', '2025-03-04T10:15:02+01:00'), '2025-03-04T09:15:02Z')
  assert.is(await read('hrb_inspected', '2025-03-04T09:15:02'), '2025-03-04T09:15:02Z')
  assert.is(await read('hrb_inspected', '2025-03-04T09:15:02Z+01:00'), '0x80048d19')
  assert.is(await read('hrb_inspected', '1752-12-31T23:59:59Z'), '0x80040239')
  assert.is(await read('hrb_sailing', '2025-03-04T09:15:02Z'), '2025-03-04T09:15:02Z')
})

test('fractions of a second and read-only columns, by switch', async () => {
  for (const [switches, moment] of [
    [{}, '2025-03-04T09:15:02Z'],
    [{ sub_second_digits: 'keep' }, '2025-03-04T09:15:02.789Z'],
  ] as const) {
    const { create, get } = plane(switches)
    const id = await create('hrb_vessels', { hrb_name: 'V', hrb_inspected: '2025-03-04T09:15:02.789Z', createdon: '2001-01-01T00:00:00Z' })
    assert.is((await get(`hrb_vessels(${id})`)).body.hrb_inspected, moment)
  }
  const strict = await plane({ read_only_column: 'refuse' }).send('POST', 'hrb_vessels', { createdon: '2001-01-01T00:00:00Z' })
  assert.equal([strict.status, strict.body.error.code], [400, '0x80048d19'])
})

test('a row brought over keeps its age', async () => {
  const { create, get } = dataPlane({ parts: [harbor], clock: () => new Date('2026-03-04T09:15:02Z') })
  const id = await create('hrb_vessels', { hrb_name: 'V', overriddencreatedon: '2001-01-01T00:00:00Z' })
  const { body } = await get(`hrb_vessels(${id})`)
  assert.equal([body.createdon, body.overriddencreatedon], ['2001-01-01T00:00:00Z', '2026-03-04T09:15:02Z'])
})

test.run()
