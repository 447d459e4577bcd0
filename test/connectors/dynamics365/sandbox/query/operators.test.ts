import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type OperatorSpec, odataOperators, operators } from '../../../../../connectors/dynamics365/sandbox/query/operators.ts'
import { harbor } from '../contract/harbor.ts'
import { dataPlane } from '../data-plane.ts'

const test = suite('the query functions of Dataverse')

/** A Wednesday, the week of which began on Sunday, November 9. */
const clock = () => new Date('2025-11-12T10:30:00Z')
const call = (name: string, property: string, more = '') =>
  `Microsoft.Dynamics.CRM.${name}(PropertyName='${property}'${more && `,${more}`})`

test('spans of time', async () => {
  const { create, names } = dataPlane({ parts: [harbor], clock })
  const moments = ['2023-05-01T00:00:00Z', '2024-11-13T00:00:00Z', '2025-06-30T23:59:59Z', '2025-07-01T00:00:00Z', '2025-10-31T12:00:00Z']
  moments.push('2025-11-05T00:00:00Z', '2025-11-11T23:59:59Z', '2025-11-12T10:29:00Z', '2025-11-12T12:00:00Z', '2025-11-13T00:00:00Z')
  moments.push('2025-11-19T08:00:00Z', '2025-12-31T00:00:00Z', '2026-02-01T00:00:00Z')
  for (const moment of [...moments, null]) {
    const row = { hrb_name: moment?.slice(0, 16) ?? 'never', hrb_inspected: moment, hrb_built: moment?.slice(0, 10) ?? null }
    await create('hrb_vessels', row)
  }
  const counted = (value: number) => `PropertyValue=${value}`
  const cases: [name: string, more: string, from: string, to: string][] = [
    ['Today', '', '2025-11-12', '2025-11-13'],
    ['Yesterday', '', '2025-11-11', '2025-11-12'],
    ['Tomorrow', '', '2025-11-13', '2025-11-14'],
    ['Last7Days', '', '2025-11-05', '2025-11-12T10:30'],
    ['Next7Days', '', '2025-11-12T10:30', '2025-11-20'],
    ['LastWeek', '', '2025-11-02', '2025-11-09'],
    ['ThisWeek', '', '2025-11-09', '2025-11-16'],
    ['NextWeek', '', '2025-11-16', '2025-11-23'],
    ['LastMonth', '', '2025-10', '2025-11'],
    ['ThisMonth', '', '2025-11', '2025-12'],
    ['NextMonth', '', '2025-12', '2026'],
    ['LastYear', '', '2024', '2025'],
    ['ThisYear', '', '2025', '2026'],
    ['NextYear', '', '2026', '2027'],
    ['LastFiscalPeriod', '', '2025-07', '2025-10'],
    ['ThisFiscalPeriod', '', '2025-10', '2026'],
    ['NextFiscalPeriod', '', '2026', '2026-04'],
    ['LastFiscalYear', '', '2024', '2025'],
    ['ThisFiscalYear', '', '2025', '2026'],
    ['NextFiscalYear', '', '2026', '2027'],
    ['LastXHours', counted(11), '2025-11-11T23:30', '2025-11-12T10:30'],
    ['LastXDays', counted(1), '2025-11-11', '2025-11-12T10:30'],
    ['LastXWeeks', counted(1), '2025-11-05', '2025-11-12T10:30'],
    ['LastXMonths', counted(5), '2025-06-12', '2025-11-12T10:30'],
    ['LastXYears', counted(1), '2024-11-12', '2025-11-12T10:30'],
    ['LastXFiscalPeriods', counted(2), '2025-04', '2025-10'],
    ['LastXFiscalYears', counted(2), '2023', '2025'],
    ['NextXHours', counted(2), '2025-11-12T10:30', '2025-11-12T12:30'],
    ['NextXDays', counted(1), '2025-11-12T10:30', '2025-11-14'],
    ['NextXWeeks', counted(1), '2025-11-12T10:30', '2025-11-20'],
    ['NextXMonths', counted(2), '2025-11-12T10:30', '2026-01-13'],
    ['NextXYears', counted(1), '2025-11-12T10:30', '2026-11-13'],
    ['NextXFiscalPeriods', counted(1), '2026', '2026-04'],
    ['NextXFiscalYears', counted(1), '2026', '2027'],
    ['OlderThanXMinutes', counted(60), '', '2025-11-12T09:30'],
    ['OlderThanXHours', counted(24), '', '2025-11-11T10:30'],
    ['OlderThanXDays', counted(1), '', '2025-11-11'],
    ['OlderThanXWeeks', counted(1), '', '2025-11-05'],
    ['OlderThanXMonths', counted(1), '', '2025-10-12'],
    ['OlderThanXYears', counted(1), '', '2024-11-12'],
    ['InFiscalYear', counted(2025), '2025', '2026'],
    ['InFiscalPeriodAndYear', 'PropertyValue1=3,PropertyValue2=2025', '2025-07', '2025-10'],
    ['InOrAfterFiscalPeriodAndYear', 'PropertyValue1=4,PropertyValue2=2025', '2025-10', '9'],
    ['InOrBeforeFiscalPeriodAndYear', 'PropertyValue1=2,PropertyValue2=2025', '', '2025-07'],
    ['On', "PropertyValue='2025-11-12'", '2025-11-12', '2025-11-13'],
    ['OnOrAfter', 'PropertyValue=2025-11-12', '2025-11-12', '9'],
    ['OnOrBefore', "PropertyValue='2025-11-12'", '', '2025-11-13'],
  ]
  const all = moments.map((moment) => moment.slice(0, 16))
  for (const [name, more, from, to] of cases) {
    const inside = (text: string) => text >= from && text < to
    assert.equal(await names('hrb_vessels', call(name, 'hrb_inspected', more), 'hrb_name'), all.filter(inside), name)
    if (/Hours|Minutes/.test(name)) continue
    // A day is where its midnight is.
    const days = all.filter((one) => inside(`${one.slice(0, 10)}T00:00`) || inside(one.slice(0, 10)))
    assert.equal(await names('hrb_vessels', call(name, 'hrb_built', more), 'hrb_name'), days, `${name} of a day`)
  }
  const second = await names('hrb_vessels', call('InFiscalPeriod', 'hrb_inspected', 'PropertyValue=2'), 'hrb_name')
  assert.equal(second, ['2023-05-01T00:00', '2025-06-30T23:59'])
})

test('operators of dates find the same in FetchXML as their functions do', async () => {
  const { create, names, get } = dataPlane({ parts: [harbor], clock })
  for (let day = -800; day < 800; day += 25) {
    const moment = new Date(clock().getTime() + day * 86_400_000).toISOString()
    await create('hrb_vessels', { hrb_name: moment.slice(0, 10), hrb_inspected: moment })
  }
  const dated = Object.entries<OperatorSpec>(operators).filter(([, { on }]) => String(on) === 'date')
  // As many as the sheet lists.
  assert.is(dated.length, 48)
  for (const [name, { odata, takes, values }] of dated) {
    const given =
      takes === 'day'
        ? ['2025-11-12']
        : ['2', '2025'].slice(values === 1 && name.includes('year') && !name.includes('x-') ? 1 : 0).slice(0, Number(values))
    const parameters = given.map(
      (value, index) => `PropertyValue${given.length === 1 ? '' : index + 1}=${takes === 'day' ? `'${value}'` : value}`,
    )
    const inside = given.map((value) => `<value>${value}</value>`).join('')
    const xml = `<fetch><entity name="hrb_vessel"><order attribute="hrb_name"/><filter><condition attribute="hrb_inspected" operator="${name}">${inside}</condition></filter></entity></fetch>`
    const { body, text } = await get(`hrb_vessels?fetchXml=${encodeURIComponent(xml)}`)
    assert.ok(body.value, text)
    const found = body.value.map((row: { hrb_name: string }) => row.hrb_name)
    assert.equal(found, await names('hrb_vessels', call(odata!, 'hrb_inspected', parameters.join(',')), 'hrb_name'), name)
  }
})

test('the fiscal year begins where the organization says, and months keep their last day', async () => {
  const { create, names } = dataPlane({
    parts: [harbor],
    clock: () => new Date('2025-03-31T00:00:00Z'),
    switches: { fiscal_year_month: 4 },
  })
  for (const day of ['2024-03-31', '2024-04-01', '2025-02-28', '2025-03-30', '2025-04-01'])
    await create('hrb_vessels', { hrb_name: day, hrb_built: day })
  const found = (name: string, more = '') => names('hrb_vessels', call(name, 'hrb_built', more), 'hrb_name')
  assert.equal(await found('ThisFiscalYear'), ['2024-04-01', '2025-02-28', '2025-03-30'])
  assert.equal(await found('InFiscalPeriodAndYear', 'PropertyValue1=4,PropertyValue2=2024'), ['2025-02-28', '2025-03-30'])
  assert.equal(await found('InFiscalPeriod', 'PropertyValue=1'), ['2024-04-01', '2025-04-01'])
  assert.equal(await found('LastXMonths', 'PropertyValue=1'), ['2025-02-28', '2025-03-30'])
})

test('lists, bounds and selections', async () => {
  const { create, names } = dataPlane({ parts: [harbor] })
  await create('hrb_vessels', { hrb_name: 'A', hrb_crewcount: 5, hrb_cargo: '1,9', hrb_rate: 10.5, hrb_imo: "O'Neil" })
  await create('hrb_vessels', { hrb_name: 'B', hrb_crewcount: 20, hrb_cargo: '2', hrb_active: false })
  await create('hrb_vessels', { hrb_name: 'C' })
  const cases: [string, string[]][] = [
    [call('In', 'hrb_crewcount', "PropertyValues=['5','7']"), ['A']],
    [call('In', 'hrb_imo', `PropertyValues=["o'neil"]`), ['A']],
    [call('In', 'hrb_name', 'PropertyValues=[]'), []],
    [call('NotIn', 'hrb_crewcount', "PropertyValues=['5']"), ['B']],
    [call('In', 'hrb_active', "PropertyValues=['false']"), ['B']],
    [call('Between', 'hrb_rate', "PropertyValues=['10.5','11']"), ['A']],
    [call('NotBetween', 'hrb_crewcount', "PropertyValues=['4','6']"), ['B']],
    [call('ContainValues', 'hrb_cargo', "PropertyValues=['2','9']"), ['A', 'B']],
    [call('DoesNotContainValues', 'hrb_cargo', "PropertyValues=['9']"), ['B']],
    [call('In', 'hrb_cargo', "PropertyValues=['2']"), ['B']],
    ["hrb_cargo eq '9,1'", ['A']],
    ["hrb_cargo eq '1'", []],
    ["hrb_cargo ne '2'", ['A', 'C']],
    ['hrb_cargo eq null', ['C']],
  ]
  for (const [filter, expected] of cases) assert.equal(await names('hrb_vessels', filter, 'hrb_name'), expected, filter)
})

test('hierarchies, and who asks', async () => {
  const { create, names, userId, organization, send } = dataPlane({ parts: [harbor] })
  const ids: string[] = []
  for (const name of ['Top', 'Middle', 'Leaf', 'Other']) {
    const parent = name === 'Middle' || name === 'Leaf' ? { 'parentaccountid@odata.bind': `/accounts(${ids.at(-1)})` } : {}
    ids.push(await create('accounts', { name, ...parent }))
  }
  const middle = `PropertyValue='${ids[1]}'`
  const others = await create('systemusers', {
    firstname: 'Below',
    lastname: 'User',
    'businessunitid@odata.bind': `/businessunits(${organization.schema.ids.businessUnitId})`,
    'parentsystemuserid@odata.bind': `/systemusers(${userId})`,
  })
  const team = await create('teams', {
    name: 'Crew',
    'businessunitid@odata.bind': `/businessunits(${organization.schema.ids.businessUnitId})`,
  })
  await send('POST', `teams(${team})/teammembership_association/$ref`, { '@odata.id': `systemusers(${userId})` })
  await send('PATCH', `accounts(${ids[2]})`, { 'ownerid@odata.bind': `/systemusers(${others})` })
  await send('PATCH', `accounts(${ids[3]})`, { 'ownerid@odata.bind': `/teams(${team})` })
  const cases: [string, string[]][] = [
    [call('Under', 'accountid', middle), ['Leaf']],
    [call('UnderOrEqual', 'accountid', middle), ['Leaf', 'Middle']],
    [call('NotUnder', 'accountid', middle), ['Middle', 'Other', 'Top']],
    [call('Above', 'accountid', middle), ['Top']],
    [call('AboveOrEqual', 'accountid', middle), ['Middle', 'Top']],
    [call('EqualUserId', '_ownerid_value'), ['Middle', 'Top']],
    [call('NotEqualUserId', '_ownerid_value'), ['Leaf', 'Other']],
    [call('EqualUserTeams', '_ownerid_value'), ['Other']],
    [call('EqualUserOrUserTeams', '_ownerid_value'), ['Middle', 'Other', 'Top']],
    [call('EqualUserOrUserHierarchy', '_ownerid_value'), ['Leaf', 'Middle', 'Top']],
    [call('EqualUserOrUserHierarchyAndTeams', '_ownerid_value'), ['Leaf', 'Middle', 'Other', 'Top']],
    [call('EqualBusinessId', '_owningbusinessunit_value'), ['Leaf', 'Middle', 'Other', 'Top']],
    [call('NotEqualBusinessId', '_owningbusinessunit_value'), []],
    [call('EqualUserLanguage', 'numberofemployees'), []],
  ]
  for (const [filter, expected] of cases) assert.equal(await names('accounts', filter), expected, filter)
})

test('a function that cannot be asked is refused', async () => {
  const { get } = dataPlane({ parts: [harbor] })
  const refused = [
    call('LastXHours', 'hrb_built', 'PropertyValue=3'),
    call('Today', 'hrb_name'),
    call('LastXDays', 'hrb_inspected'),
    call('LastXDays', 'hrb_inspected', 'PropertyValue=0'),
    call('Today', 'hrb_inspected', 'PropertyValue=1'),
    call('InFiscalPeriod', 'hrb_inspected', 'PropertyValue=5'),
    call('Between', 'hrb_crewcount', "PropertyValues=['1']"),
    call('Under', 'hrb_vesselid', "PropertyValue='0f0e7a10-0000-4000-8000-000000000001'"),
    call('ContainValues', 'hrb_class', "PropertyValues=['1']"),
    call('ContainValues', 'hrb_cargo', "PropertyValues=['x']"),
    call('Nothing', 'hrb_name'),
    call('eq', 'hrb_name', "PropertyValue='x'"),
    `not ${call('Today', 'hrb_inspected')}`,
  ]
  for (const filter of refused) assert.is((await get(`hrb_vessels?$filter=${encodeURIComponent(filter)}`)).status, 400, filter)
  // The days of a number that no calendar has are cut at its ends.
  for (const value of [2147483647, 1000000])
    for (const name of ['LastXYears', 'NextXMonths', 'OlderThanXWeeks', 'NextXHours'])
      assert.is((await get(`hrb_vessels?$filter=${call(name, 'hrb_inspected', `PropertyValue=${value}`)}`)).status, 200, name)
  // Six comparisons, three text functions, and the functions that the sheet lists.
  assert.is(odataOperators.size, 6 + 3 + 68)
})

test.run()
