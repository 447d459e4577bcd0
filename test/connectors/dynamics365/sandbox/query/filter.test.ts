import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { resolveFilter } from '../../../../../connectors/dynamics365/sandbox/odata/condition.ts'
import { parseFilter } from '../../../../../connectors/dynamics365/sandbox/odata/filter.ts'
import { Scope } from '../../../../../connectors/dynamics365/sandbox/odata/scope.ts'
import { queryContext } from '../../../../../connectors/dynamics365/sandbox/query/context.ts'
import { toSql } from '../../../../../connectors/dynamics365/sandbox/query/sql.ts'
import { harbor } from '../contract/harbor.ts'
import { type DataPlane, dataPlane } from '../data-plane.ts'

const test = suite('filters')

async function fleet(): Promise<DataPlane & { ids: Record<string, string> }> {
  const plane = dataPlane({ parts: [harbor] })
  const ids: Record<string, string> = {}
  ids.Lines = await plane.create('accounts', { name: 'Lines', numberofemployees: 3 })
  for (const [name, operator] of [
    ['Petrel', ids.Lines],
    ['Gull', ids.Lines],
    ['Tern', undefined],
  ] as const)
    ids[name] = await plane.create('hrb_vessels', {
      hrb_name: name,
      hrb_crewcount: name.length,
      ...(operator && { 'hrb_Operator@odata.bind': `/accounts(${operator})` }),
    })
  const calls = [
    ['Oslo', 'Petrel', 5],
    ['Bergen', 'Petrel', 9],
    ['Oslo', 'Gull', null],
  ] as const
  for (const [port, vessel, fee] of calls) {
    const row = { hrb_name: port, hrb_fee: fee, 'hrb_Vessel@odata.bind': `/hrb_vessels(${ids[vessel]})` }
    ids[`${port} ${vessel}`] = await plane.create('hrb_port_calls', row)
  }
  await plane.create('hrb_port_call_tasks', { subject: 'Pilot', 'hrb_Port_Call@odata.bind': `/hrb_port_calls(${ids['Bergen Petrel']})` })
  ids.Ada = await plane.create('contacts', { firstname: 'Ada', lastname: 'Byron' })
  await plane.send('POST', `hrb_vessels(${ids.Gull})/hrb_vessel_contact/$ref`, { '@odata.id': `contacts(${ids.Ada})` })
  return { ...plane, ids }
}

test('any and all, within each other, through many-to-many, and beside paths', async () => {
  const { names } = await fleet()
  const cases: [string, string[]][] = [
    ['hrb_vessel_port_calls/any()', ['Gull', 'Petrel']],
    ['not hrb_vessel_port_calls/any()', ['Tern']],
    ["hrb_vessel_port_calls/any(p:p/hrb_name eq 'oslo')", ['Gull', 'Petrel']],
    ['hrb_vessel_port_calls/any(p:p/hrb_fee gt 6)', ['Petrel']],
    ['hrb_vessel_port_calls/all(p:p/hrb_fee gt 4)', ['Petrel', 'Tern']],
    ['hrb_vessel_port_calls/all(p:p/hrb_fee gt 6)', ['Tern']],
    ["hrb_vessel_port_calls/any(p:p/hrb_port_call_tasks/any(t:t/subject eq 'Pilot' and p/hrb_name eq 'Bergen'))", ['Petrel']],
    ["hrb_vessel_port_calls/any(p:p/hrb_Vessel/hrb_Operator/name eq 'Lines' and p/hrb_fee eq null)", ['Gull']],
    ["hrb_vessel_port_calls/any(p:p/hrb_name eq 'Oslo' and hrb_name eq 'Gull')", ['Gull']],
    ["hrb_vessel_contact/any(c:c/lastname eq 'Byron')", ['Gull']],
    ['hrb_vessel_port_calls/any(p:Microsoft.Dynamics.CRM.In(PropertyName=\'p/hrb_fee\',PropertyValues=["9"]))', ['Petrel']],
    ['hrb_Operator/numberofemployees eq 3', ['Gull', 'Petrel']],
    ['hrb_Operator/name eq null', ['Tern']],
    ['not (hrb_Operator/numberofemployees gt 5)', ['Gull', 'Petrel']],
    ['1 eq 1', ['Gull', 'Petrel', 'Tern']],
    ["'a' eq 'A' and 2 gt 1", ['Gull', 'Petrel', 'Tern']],
    ['null ne null', []],
    ['not (null gt 1)', []],
  ]
  for (const [filter, expected] of cases) assert.equal(await names('hrb_vessels', filter, 'hrb_name'), expected, filter)
  assert.equal(await names('contacts', "hrb_vessel_contact/any(v:v/hrb_name eq 'Gull')", 'lastname'), ['Byron'])
})

test('aliases stand for values, lists and columns, also in the order', async () => {
  const { get } = await fleet()
  const query = (text: string) => get(`hrb_vessels?$select=hrb_name&${text}`)
  const found = async (text: string) => (await query(text)).body.value.map((row: { hrb_name: string }) => row.hrb_name)
  assert.equal(await found("$filter=@p eq @v&@p=hrb_name&@v='Gull'"), ['Gull'])
  assert.equal(await found('$filter=hrb_vessel_port_calls/any(p:p/hrb_fee gt @fee)&@fee=6'), ['Petrel'])
  assert.equal(await found('$filter=hrb_name ne @unknown&$orderby=@p desc,hrb_name&@p=hrb_crewcount'), ['Petrel', 'Gull', 'Tern'])
})

test('what cannot be asked is refused', async () => {
  const { get } = await fleet()
  const refused: [string, RegExp][] = [
    ['hrb_Operator/contact_customer_accounts/any(c:c/lastname eq null)', /reached through a lookup/],
    ['hrb_vessel_port_calls/any(p:p/hrb_name eq hrb_name)', /same row/],
    ['hrb_vessel_port_calls/any(p:p eq null)', /'p'/],
    ['hrb_vessel_port_calls/all()', /Syntax error/],
    ["hrb_vessel_port_calls/any(p:p/hrb_port_call_tasks/any(p:p/subject eq 'x'))", /already been declared/],
    ["hrb_vessel_port_calls/hrb_name eq 'x'", /any or all/],
    ['hrb_name eq hrb_crewcount', /incompatible types/],
    ["1 eq '1'", /incompatible types/],
    ['hrb_built eq 2025-13-41', /date/],
    ["hrb_built eq 'x'", /incompatible types/],
    ["contains(hrb_crewcount,'x')", /No function signature/],
    ["hrb_name eq 'it's'", /unterminated literal|Syntax error/],
    [`Microsoft.Dynamics.CRM.In(PropertyName='hrb_name',PropertyValues=['it's','b'])`, /Invalid JSON|unterminated/],
    ['hrb_name eq', /Syntax error/],
  ]
  for (const [filter, message] of refused) {
    const { status, body } = await get(`hrb_vessels?$filter=${encodeURIComponent(filter)}`)
    assert.equal([status, body.error.code], [400, '0x80060888'], filter)
    assert.match(body.error.message, message, filter)
  }
})

test('wildcards in texts', async () => {
  const { create, names } = dataPlane({ parts: [harbor] })
  const stored = ['50%', 'a-b', 'Äb', 'b😀c', 'x]y']
  for (const name of stored) await create('hrb_vessels', { hrb_name: name })
  const cases: [string, string[]][] = [
    ["startswith(hrb_name,'[a-c]')", ['a-b', 'b😀c']],
    ["startswith(hrb_name,'[^a-c]')", ['50%', 'x]y', 'Äb']],
    ["contains(hrb_name,'[%]')", ['50%']],
    ["endswith(hrb_name,'ÄB')", ['Äb']],
    ["startswith(hrb_name,'B_[c]')", ['b😀c']],
    ["contains(hrb_name,'[z-a]')", []],
    ["contains(hrb_name,']')", ['x]y']],
    ["contains(hrb_name,'[')", []],
  ]
  for (const [filter, expected] of cases)
    assert.equal((await names('hrb_vessels', filter, 'hrb_name')).sort(), [...expected].sort(), filter)
})

test('hostile filters are refused or answered, and soon', async () => {
  const { get, create } = dataPlane({ parts: [harbor] })
  await create('hrb_vessels', { hrb_name: 'a'.repeat(100), hrb_logbook: 'a'.repeat(2000) })
  const long = 19_000
  for (const part of ['not ', '(', 'not (', 'hrb_vessel_port_calls/any(a:', '[', "hrb_name eq 'x' and (", '-', '@', "'"]) {
    const filter = part.repeat(Math.ceil(long / part.length)).replaceAll(' ', '+')
    assert.is((await get(`hrb_vessels?$filter=${filter}`)).status, 400, part)
  }
  const nested = (depth: number) => `${'not ('.repeat(depth)}hrb_crewcount eq 1${')'.repeat(depth)}`
  assert.is((await get(`hrb_vessels?$filter=${nested(45)}`)).status, 200)
  const chain = Array.from({ length: 500 }, (_, index) => `hrb_crewcount eq ${index}`).join(' or ')
  assert.is((await get(`hrb_vessels?$filter=${chain}`)).status, 200)
  const tooMany = await get(`hrb_vessels?$filter=${chain} or hrb_crewcount eq 500`)
  assert.equal([tooMany.status, tooMany.body.error.message], [400, 'Number of conditions in query exceeded maximum limit.'])
  const began = performance.now()
  const slow = encodeURIComponent(`contains(hrb_logbook,'${'%a'.repeat(500)}b') or contains(hrb_logbook,'${'%_'.repeat(500)}[b]')`)
  assert.is((await get(`hrb_vessels?$filter=${slow}`)).status, 200)
  assert.ok(performance.now() - began < 3000)
  for (const filter of ['hrb_serial eq 99999999999999999999999', 'hrb_rate gt 1e400', 'hrb_tonnage lt -1e-400', 'hrb_crewcount eq 1.5'])
    assert.is((await get(`hrb_vessels?$filter=${filter}`)).status, 200, filter)
})

test('whatever is written, the answer is 200, 400 or 501', async () => {
  const { get } = dataPlane({ parts: [harbor] })
  const word = fc.constantFrom(
    ...[
      'hrb_name',
      'hrb_crewcount',
      'hrb_built',
      'hrb_Operator',
      'hrb_vessel_port_calls',
      'hrb_cargo',
      'any',
      'all',
      'p',
      'and',
      'or',
      'not',
    ],
    ...[
      'eq',
      'ne',
      'gt',
      'null',
      'true',
      "'x'",
      "''''",
      '5',
      '-1.5',
      '2025-01-01',
      '2025-01-01T00:00:00Z',
      '@a',
      '(',
      ')',
      '(',
      ')',
      '/',
      ':',
      ',',
    ],
    ...[
      'contains',
      'Microsoft.Dynamics.CRM.In',
      'Microsoft.Dynamics.CRM.Today',
      'PropertyName',
      '=',
      '[',
      ']',
      '"',
      "'",
      '$it',
      '0f0e7a10-0000-4000-8000-000000000001',
    ],
  )
  const text = fc.oneof(
    fc.array(word, { maxLength: 14 }).map((words) => words.join(' ')),
    fc.string({ unit: 'binary', maxLength: 40 }),
  )
  await fc.assert(
    fc.asyncProperty(text, async (filter) => {
      const { status, text: answer } = await get(`hrb_vessels?$filter=${encodeURIComponent(filter)}`)
      assert.ok([200, 400, 501].includes(status), `${status} ${answer}`)
    }),
    { seed: 20251112, numRuns: 250 },
  )
})

test('the filters that poll use an index', () => {
  const { organization, userId } = dataPlane({ parts: [harbor] })
  const table = organization.schema.tables.get('hrb_vessel')!
  const plan = (filter: string) => {
    const scope = new Scope(organization.schema, table)
    const condition = resolveFilter(scope, parseFilter(filter, new Map()))
    const { from, where, values } = toSql(scope.rows(condition), queryContext(organization, { userId }))
    return String(organization.database.all(`explain query plan select * from ${from} where ${where}`, ...values)[0]?.detail)
  }
  assert.match(plan('modifiedon ge 2025-01-01T00:00:00Z'), 'USING INDEX hrb_vessel modifiedon')
  assert.match(plan('versionnumber gt 5'), 'USING INDEX hrb_vessel version')
  assert.match(plan("Microsoft.Dynamics.CRM.LastXHours(PropertyName='modifiedon',PropertyValue=2)"), 'USING INDEX hrb_vessel modifiedon')
  assert.match(plan(`_hrb_operator_value eq ${userId}`), 'USING INDEX hrb_vessel hrb_operator')
  assert.match(plan("hrb_imo eq '9074729'"), 'USING INDEX hrb_vessel key hrb_imokey')
})

test.run()
