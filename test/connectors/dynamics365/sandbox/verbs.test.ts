import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harbor } from './contract/harbor.ts'
import { base, dataPlane, someId } from './data-plane.ts'

const verbs = suite('actions with a name of their own')
const type = (table: string) => ({ '@odata.type': `Microsoft.Dynamics.CRM.${table}` })

verbs('version, organization, counts', async () => {
  const { get, create } = dataPlane({ parts: [harbor] })
  const version = await get('RetrieveVersion()')
  assert.equal(version.body, { '@odata.context': `${base}/$metadata#Microsoft.Dynamics.CRM.RetrieveVersionResponse`, Version: '9.2.0.1' })
  const { body } = await get("RetrieveCurrentOrganization(AccessType=Microsoft.Dynamics.CRM.EndpointAccessType'Default')")
  assert.is(body['@odata.context'], `${base}/$metadata#Microsoft.Dynamics.CRM.RetrieveCurrentOrganizationResponse`)
  assert.is(body.Detail.OrganizationId, (await get('WhoAmI')).body.OrganizationId)
  assert.is((await get("RetrieveCurrentOrganization(AccessType=Microsoft.Dynamics.CRM.EndpointAccessType'Nowhere')")).status, 400)

  await create('accounts', { name: 'A' })
  await create('hrb_vessels', { hrb_name: 'V' })
  for (const value of ['["account","hrb_vessel","contact"]', `'["account","hrb_vessel","contact"]'`]) {
    const counted = await get(`RetrieveTotalRecordCount(EntityNames=@p1)?@p1=${encodeURIComponent(value)}`)
    assert.equal(counted.body, {
      '@odata.context': `${base}/$metadata#Microsoft.Dynamics.CRM.RetrieveTotalRecordCountResponse`,
      EntityRecordCountCollection: { Count: 3, IsReadOnly: false, Keys: ['account', 'hrb_vessel', 'contact'], Values: [1, 1, 0] },
    })
  }
})

verbs('publishing answers 204', async () => {
  const { send } = dataPlane()
  assert.is((await send('POST', 'PublishAllXml')).status, 204)
  assert.is((await send('POST', 'PublishXml', { ParameterXml: '<importexportxml/>' })).status, 204)
})

verbs('merging deactivates the subordinate and takes over its children', async () => {
  const { send, get, create } = dataPlane()
  const [target, subordinate] = [await create('accounts', { name: 'Target' }), await create('accounts', { name: 'Other' })]
  const contact = await create('contacts', { lastname: 'Child', 'parentcustomerid_account@odata.bind': `/accounts(${subordinate})` })
  const merged = await send('POST', 'Merge', {
    Target: { accountid: target, ...type('account') },
    Subordinate: { accountid: subordinate, ...type('account') },
    UpdateContent: { accountnumber: 'A-17', ...type('account') },
    PerformParentingChecks: false,
  })
  assert.is(merged.status, 204, merged.text)
  assert.is((await get(`accounts(${target})`)).body.accountnumber, 'A-17')
  const gone = (await get(`accounts(${subordinate})`)).body
  assert.equal([gone.statecode, gone._masterid_value, gone.merged], [1, target, true])
  assert.is((await get(`contacts(${contact})`)).body._parentcustomerid_value, target)

  const missing = await send('POST', 'Merge', { Target: type('account'), Subordinate: type('account'), PerformParentingChecks: false })
  assert.is(missing.status, 400)
  assert.is(missing.body.error.message, 'EdmEntityObject passed should have the key property value set.')
  const untyped = { Target: { accountid: target }, Subordinate: { accountid: subordinate }, PerformParentingChecks: false }
  assert.is((await send('POST', 'Merge', untyped)).status, 400)
})

verbs('a case is closed with an activity, once', async () => {
  const { send, get, create } = dataPlane()
  const account = await create('accounts', { name: 'A' })
  const id = await create('incidents', { title: 'Leak', 'customerid_account@odata.bind': `/accounts(${account})` })
  const body = { IncidentResolution: { subject: 'Sealed', 'incidentid@odata.bind': `/incidents(${id})` }, Status: 5 }
  const closed = await send('POST', 'CloseIncident', body)
  assert.is(closed.status, 204, closed.text)
  const row = (await get(`incidents(${id})?$select=statecode,statuscode`)).body
  assert.equal([row.statecode, row.statuscode], [1, 5])
  const [activity] = (await get(`incidentresolutions?$select=subject,statecode,_incidentid_value`)).body.value
  assert.equal([activity.subject, activity.statecode, activity._incidentid_value], ['Sealed', 1, id])
  assert.is((await send('POST', 'CloseIncident', body)).status, 400)
  assert.is((await get('incidentresolutions')).body.value.length, 1)
})

verbs('an opportunity is won or lost', async () => {
  const { send, get, create } = dataPlane()
  const id = await create('opportunities', { name: 'Hull' })
  const bind = { 'opportunityid@odata.bind': `/opportunities(${id})` }
  const won = await send('POST', 'WinOpportunity', { OpportunityClose: { subject: 'Won', actualrevenue: 12.5, ...bind }, Status: -1 })
  assert.is(won.status, 204, won.text)
  const row = (await get(`opportunities(${id})?$select=statecode,statuscode,actualvalue`)).body
  assert.equal([row.statecode, row.statuscode, row.actualvalue], [1, 3, 12.5])
  const other = await create('opportunities', { name: 'Keel' })
  const lost = { OpportunityClose: { subject: 'Lost', 'opportunityid@odata.bind': `/opportunities(${other})` }, Status: 5 }
  assert.is((await send('POST', 'LoseOpportunity', lost)).status, 204)
  const keel = (await get(`opportunities(${other})?$select=statecode,statuscode`)).body
  assert.equal([keel.statecode, keel.statuscode], [2, 5])
})

verbs('a qualified lead becomes what was asked for', async () => {
  const { send, get, create } = dataPlane()
  const id = await create('leads', { subject: 'Tugs', firstname: 'Ada', lastname: 'Berg', companyname: 'North Sea Lines' })
  const body = { CreateAccount: true, CreateContact: true, CreateOpportunity: true, Status: 3 }
  const { status, body: result, text } = await send('POST', `leads(${id})/Microsoft.Dynamics.CRM.QualifyLead`, body)
  assert.is(status, 200, text)
  const [account, contact, opportunity] = result.value
  assert.is(account['@odata.type'], '#Microsoft.Dynamics.CRM.account')
  assert.is((await get(`accounts(${account.accountid})`)).body.name, 'North Sea Lines')
  assert.is((await get(`contacts(${contact.contactid})`)).body._parentcustomerid_value, account.accountid)
  const made = (await get(`opportunities(${opportunity.opportunityid})`)).body
  assert.equal([made.name, made._customerid_value, made._originatingleadid_value], ['Tugs', account.accountid, id])
  assert.is((await get(`leads(${id})`)).body.statecode, 1)
  assert.is((await send('POST', `leads(${id})/Microsoft.Dynamics.CRM.QualifyLead`, body)).status, 400)
})

verbs('an e-mail is marked as sent', async () => {
  const { send, get, create } = dataPlane()
  const id = await create('emails', { subject: 'Berth' })
  const sent = await send('POST', `emails(${id})/Microsoft.Dynamics.CRM.SendEmail`, { IssueSend: true })
  assert.is(sent.status, 200, sent.text)
  assert.is(sent.body.Subject, 'Berth')
  assert.is((await get(`emails(${id})`)).body.statuscode, 3)
  assert.is((await send('POST', `emails(${someId()})/Microsoft.Dynamics.CRM.SendEmail`, { IssueSend: true })).status, 404)
})

verbs.run()
