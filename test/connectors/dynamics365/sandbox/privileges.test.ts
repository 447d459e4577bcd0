import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type PrivilegeRule, setPrivileges } from '../../../../connectors/dynamics365/sandbox/privileges/rules.ts'
import { harbor } from './contract/harbor.ts'
import { type Body, dataPlane, someId } from './data-plane.ts'

const second = '5a8fbc02-62d9-4157-83ae-af42d1096bc5'
const disabled = '7ca1de24-84fb-4379-85c0-c164f32b8de7'
const as = (user: string) => ({ mscrmcallerid: user })
const type = (table: string) => ({ '@odata.type': `Microsoft.Dynamics.CRM.${table}` })

/** The second user works under rules; the first one, who may do everything, acts for them. */
function harborUnder(...rules: PrivilegeRule[]) {
  return dataPlane({ parts: [harbor], privileges: rules })
}

const privileges = suite('privileges')

privileges('without the right to read every form of reading is refused', async () => {
  const { get, create } = harborUnder({ user: second, table: 'hrb_vessel', rights: ['Read'], depth: 'none' })
  const id = await create('hrb_vessels', { hrb_name: 'Petrel' })
  const fetch = encodeURIComponent('<fetch><entity name="hrb_vessel"/></fetch>')
  for (const path of [
    'hrb_vessels',
    'hrb_vessels/$count',
    `hrb_vessels(${id})`,
    `hrb_vessels(${id})/hrb_name`,
    `hrb_vessels?fetchXml=${fetch}`,
  ]) {
    const { status, body } = await get(path, as(second))
    assert.equal([status, body.error.code], [403, '0x80040220'], path)
    assert.match(body.error.message, `Principal user (Id=${second}`)
    assert.match(body.error.message, 'is missing prvReadhrb_Vessel privilege')
    assert.match(body.error.message, "on OTC=10501 for entity 'hrb_vessel'")
  }
  assert.is((await get('hrb_vessels')).body.value.length, 1)
})

privileges('with the right to own rows those of others are not seen', async () => {
  const { get, send, create } = harborUnder({ user: second, table: 'hrb_vessel', depth: 'user' })
  const other = await create('hrb_vessels', { hrb_name: 'Petrel' })
  const own = await create('hrb_vessels', { hrb_name: 'Fulmar', 'ownerid@odata.bind': `/systemusers(${second})` })
  assert.equal(
    (await get('hrb_vessels', as(second))).body.value.map((row: { hrb_name: string }) => row.hrb_name),
    ['Fulmar'],
  )
  assert.match((await get('hrb_vessels/$count', as(second))).text, /1$/)
  const fetch = encodeURIComponent('<fetch><entity name="hrb_vessel"><attribute name="hrb_name"/></entity></fetch>')
  assert.is((await get(`hrb_vessels?fetchXml=${fetch}`, as(second))).body.value.length, 1)
  assert.is((await get(`hrb_vessels(${own})`, as(second))).status, 200)
  assert.is((await get(`hrb_vessels(${other})`, as(second))).status, 403)
  assert.is((await send('PATCH', `hrb_vessels(${other})`, { hrb_name: 'X' }, as(second))).status, 403)
  assert.is((await send('DELETE', `hrb_vessels(${other})`, undefined, as(second))).status, 403)
  assert.is((await send('PATCH', `hrb_vessels(${own})`, { hrb_name: 'X' }, as(second))).status, 204)
})

privileges(
  'rows behind a lookup that may not be read are not expanded and match no filter; their names are shown unless a switch hides them',
  async () => {
    const { get, create, organization } = harborUnder({ user: second, table: 'account', rights: ['Read'], depth: 'user' })
    const [foreign, own] = [
      await create('accounts', { name: 'Lines' }),
      await create('accounts', { name: 'Own', 'ownerid@odata.bind': `/systemusers(${second})` }),
    ]
    await create('hrb_vessels', { hrb_name: 'Fulmar', 'hrb_Operator@odata.bind': `/accounts(${foreign})` })
    await create('hrb_vessels', { hrb_name: 'Petrel', 'hrb_Operator@odata.bind': `/accounts(${own})` })
    const formatted = 'OData.Community.Display.V1.FormattedValue'
    const read = async (options: string) =>
      (await get(`hrb_vessels?$orderby=hrb_name${options}`, { ...as(second), prefer: `odata.include-annotations="${formatted}"` })).body
    const names = async () =>
      (await read('&$select=hrb_name,_hrb_operator_value')).value.map((row: Body) => row[`_hrb_operator_value@${formatted}`])
    const expanded = (await read('&$select=hrb_name&$expand=hrb_Operator($select=name)')).value
    assert.equal(
      expanded.map((row: Body) => row.hrb_Operator?.name),
      [undefined, 'Own'],
    )
    assert.equal(
      (await read("&$filter=contains(hrb_Operator/name,'n')")).value.map((row: Body) => row.hrb_name),
      ['Petrel'],
    )
    assert.equal(await names(), ['Lines', 'Own'])
    organization.switches.unreadable_lookup_name = 'hide'
    assert.equal(await names(), [undefined, 'Own'])
    setPrivileges(organization, [{ user: second, table: 'account', rights: ['Read'], depth: 'none' }])
    assert.equal(await names(), [undefined, undefined])
    for (const options of ['&$expand=hrb_Operator', "&$filter=hrb_Operator/name eq 'Own'"])
      assert.is((await read(options)).error.code, '0x80040220', options)
  },
)

privileges('changes can be tracked by who may read all rows', async () => {
  const { get, organization } = harborUnder({ user: second, table: 'hrb_vessel', rights: ['Read'], depth: 'user' })
  const tracked = { ...as(second), prefer: 'odata.track-changes' }
  assert.is((await get('hrb_vessels', tracked)).status, 403)
  setPrivileges(organization, [{ user: second, table: 'hrb_vessel', rights: ['Read'], depth: 'organization' }])
  assert.is((await get('hrb_vessels', tracked)).status, 200)
})

privileges('writing many rows at once needs the same rights, and nothing is left of a refused call', async () => {
  const { get, send } = harborUnder({ user: second, table: 'hrb_vessel', rights: ['Create'], depth: 'none' })
  const body = { Targets: [{ ...type('hrb_vessel'), hrb_name: 'A' }] }
  assert.is((await send('POST', 'hrb_vessels/Microsoft.Dynamics.CRM.CreateMultiple', body, as(second))).status, 403)
  assert.is((await send('POST', 'hrb_vessels', { hrb_name: 'A' }, as(second))).status, 403)
  assert.is((await get('hrb_vessels')).body.value.length, 0)
})

privileges('a lookup needs the right to append on one side and to be appended to on the other', async () => {
  const { send, create } = harborUnder({ user: second, table: 'account', rights: ['AppendTo'], depth: 'none' })
  const account = await create('accounts', { name: 'North Sea Lines' })
  const body = { hrb_name: 'A', 'hrb_Operator@odata.bind': `/accounts(${account})` }
  const refused = await send('POST', 'hrb_vessels', body, as(second))
  assert.is(refused.status, 403)
  assert.match(refused.body.error.message, 'prvAppendToAccount')
  assert.is((await send('POST', 'hrb_vessels', { hrb_name: 'A' }, as(second))).status, 204)
})

privileges('acting for another needs a privilege, and both must have the right', async () => {
  const { userId, send, get, create, organization } = harborUnder({ user: 'sandbox.user@sandbox.example', table: 'contact', depth: 'none' })
  assert.is((await get('contacts', as(second))).status, 403)
  setPrivileges(organization, [{ user: userId, table: 'contact', depth: 'organization' }])
  const id = await create('accounts', { name: 'A' })
  await send('PATCH', `accounts(${id})`, { name: 'B' }, { callerobjectid: '6b90cd13-73ea-4268-94bf-b053e21a7cd6' })
  const { body } = await get(`accounts(${id})`)
  assert.equal([body._modifiedby_value, body._modifiedonbehalfby_value], [second, userId])
  setPrivileges(organization, [{ user: userId, privilege: 'prvActOnBehalfOfAnotherUser', held: false }])
  assert.is((await get('accounts', as(second))).status, 403)
  assert.is((await get('accounts')).status, 200)
})

privileges('who is disabled or is no user of the organization is refused', async () => {
  const { get, organization } = harborUnder()
  const refused = await get('accounts', as(disabled))
  assert.equal([refused.status, refused.body.error.code], [403, '0x8004A112'])
  organization.database.run('delete from systemuser where systemuserid = ?', organization.schema.ids.userId)
  const missing = await get('accounts')
  assert.equal([missing.status, missing.body.error.code], [403, '0x80072560'])
  assert.is(missing.body.error.message, 'The user is not a member of the organization.')
})

privileges('headers that bypass logic need their privilege; the others change nothing', async () => {
  const { userId, send, organization } = harborUnder()
  const create = async (headers: Record<string, string>) => (await send('POST', 'accounts', { name: 'A' }, headers)).status
  const bypass = { 'mscrm.bypassbusinesslogicexecution': 'CustomSync,CustomAsync' }
  assert.is(await create(bypass), 204)
  assert.is(await create({ 'mscrm.bypassbusinesslogicexecution': 'Everything' }), 400)
  assert.is(await create({ 'mscrm.bypassbusinesslogicexecutionstepids': [1, 2, 3, 4].map(someId).join() }), 400)
  assert.is(await create({ 'mscrm.solutionuniquename': 'Harbor', 'mscrm.mergelabels': 'true', consistency: 'Strong' }), 204)
  setPrivileges(organization, [{ user: userId, privilege: 'prvBypassCustomBusinessLogic', held: false }])
  assert.is(await create(bypass), 403)
  assert.is(await create({ 'mscrm.suppresscallbackregistrationexpanderjob': 'true' }), 403)
  assert.is(await create({ 'mscrm.bypasscustompluginexecution': 'true' }), 204)
})

privileges('a custom API may need a privilege of its own', async () => {
  const { send } = harborUnder({ user: second, privilege: 'prvHarborMaster', held: false })
  assert.is((await send('POST', 'hrb_Quietly', {}, as(second))).status, 403)
  assert.is((await send('POST', 'hrb_Quietly', {})).status, 204)
})

privileges('rules about what there is not are refused', () => {
  const { organization } = harborUnder()
  for (const rule of [
    { user: 'nobody', table: 'account', depth: 'none' },
    { user: second, table: 'nothing', depth: 'none' },
    { user: second, table: 'account', depth: 'deep' },
    { user: second, table: 'account', rights: ['Fly'], depth: 'none' },
    { user: second, privilege: 'prvFly', held: false },
  ])
    assert.throws(() => setPrivileges(organization, [rule as PrivilegeRule]), /There is no|can be/)
})

privileges('a shared row is seen until the sharing ends', async () => {
  const { get, send, create } = harborUnder({ user: second, table: 'hrb_vessel', depth: 'user' })
  const id = await create('hrb_vessels', { hrb_name: 'Petrel' })
  const Target = { hrb_vesselid: id, ...type('hrb_vessel') }
  const principal = { ownerid: second, ...type('systemuser') }
  const access = async () => {
    const target = encodeURIComponent(`{'@odata.id':'hrb_vessels(${id})'}`)
    return (await get(`systemusers(${second})/Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target=@t)?@t=${target}`)).body.AccessRights
  }
  assert.not.match(await access(), 'ReadAccess')
  const grant = { Target, PrincipalAccess: { Principal: principal, AccessMask: 'ReadAccess' } }
  assert.is((await send('POST', 'GrantAccess', grant)).status, 204)
  assert.match(await access(), 'ReadAccess')
  assert.is((await get(`hrb_vessels(${id})`, as(second))).status, 200)
  assert.is((await send('PATCH', `hrb_vessels(${id})`, { hrb_name: 'X' }, as(second))).status, 403)
  const modify = { Target, PrincipalAccess: { Principal: principal, AccessMask: 'ReadAccess,WriteAccess' } }
  assert.is((await send('POST', 'ModifyAccess', modify)).status, 204)
  assert.is((await send('PATCH', `hrb_vessels(${id})`, { hrb_name: 'X' }, as(second))).status, 204)
  assert.is((await send('POST', 'RevokeAccess', { Target, Revokee: principal })).status, 204)
  assert.is((await get(`hrb_vessels(${id})`, as(second))).status, 403)
})

privileges.run()

const bulk = suite('bulk deletion')
const job = (...QuerySet: object[]) => ({
  QuerySet: QuerySet.map((one) => ({ ...type('QueryExpression'), ColumnSet: { AllColumns: true }, Distinct: false, ...one })),
  JobName: 'purge old vessels',
  SendEmailNotification: false,
  ToRecipients: [],
  CCRecipients: [],
  RecurrencePattern: '',
  StartDateTime: '2025-03-04T09:00:00Z',
  Options: { CanRecoverDeletedRecords: false, RunJobForSandbox: false },
})
const jobPath = (id: string) => `asyncoperations(${id})?$select=name,statecode,statuscode,message,friendlymessage,errorcode,completedon`

bulk('deletes what the query finds and leaves a completed job', async () => {
  const { send, get, create, names } = harborUnder()
  for (const [hrb_name, hrb_tonnage] of [
    ['Petrel', 10],
    ['Fulmar', 20],
    ['Gannet', 30],
  ] as const)
    await create('hrb_vessels', { hrb_name, hrb_tonnage })
  const Conditions = [
    { AttributeName: 'hrb_tonnage', Operator: 'GreaterEqual', Values: [{ Value: '20', Type: 'System.Decimal' }] },
    {
      AttributeName: 'hrb_name',
      Operator: 'In',
      Values: [
        { Value: 'Petrel', Type: 'System.String' },
        { Value: 'Gannet', Type: 'System.String' },
      ],
    },
  ]
  const answer = await send('POST', 'BulkDelete', job({ EntityName: 'hrb_vessel', Criteria: { FilterOperator: 'And', Conditions } }))
  assert.is(answer.status, 200, answer.text)
  assert.match(answer.body['@odata.context'], '$metadata#Microsoft.Dynamics.CRM.BulkDeleteResponse')
  assert.equal(await names('hrb_vessels', 'statecode eq 0', 'hrb_name'), ['Fulmar', 'Petrel'])
  const { body } = await get(jobPath(answer.body.JobId))
  assert.equal([body.name, body.statecode, body.statuscode], ['purge old vessels', 3, 30])
  const [operation] = (await get(`bulkdeleteoperations?$filter=_asyncoperationid_value eq ${answer.body.JobId}`)).body.value
  assert.equal([operation.successcount, operation.failurecount], [1, 0])
})

bulk('a row that cannot be deleted is told, and the others go', async () => {
  const { send, get, create } = harborUnder({ user: second, table: 'hrb_vessel', rights: ['Delete'], depth: 'user' })
  const other = await create('hrb_vessels', { hrb_name: 'Petrel' })
  await create('hrb_vessels', { hrb_name: 'Fulmar', 'ownerid@odata.bind': `/systemusers(${second})` })
  const { body } = await send('POST', 'BulkDelete', job({ EntityName: 'hrb_vessel' }), as(second))
  assert.equal(
    (await get('hrb_vessels')).body.value.map((row: { hrb_name: string }) => row.hrb_name),
    ['Petrel'],
  )
  const [failure] = (await get(`bulkdeletefailures?$filter=_asyncoperationid_value eq ${body.JobId}`)).body.value
  assert.is(failure.regardingobjectrowid, other)
  assert.is(failure.errornumber, -2147220960)
})

bulk('needs its privilege, and what is not imitated is said', async () => {
  const { send, create, get } = harborUnder({ user: second, privilege: 'prvBulkDelete', held: false })
  await create('hrb_vessels', { hrb_name: 'Petrel' })
  const all = job({ EntityName: 'hrb_vessel' })
  assert.is((await send('POST', 'BulkDelete', all, as(second))).status, 403)
  assert.is((await send('POST', 'BulkDelete', { ...all, RecurrencePattern: 'FREQ=DAILY' })).status, 501)
  assert.is((await send('POST', 'BulkDelete', { ...all, StartDateTime: '2999-01-01T00:00:00Z' })).status, 501)
  assert.is((await send('POST', 'BulkDelete', job({ EntityName: 'nothing' }))).status, 400)
  assert.is((await get('hrb_vessels')).body.value.length, 1)
})

bulk.run()
