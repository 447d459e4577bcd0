import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harbor } from './contract/harbor.ts'
import { type Body, base, dataPlane } from './data-plane.ts'

const test = suite('rows that are made from other rows')
const plane = dataPlane({ parts: [harbor] })

const from = (source: string, target: string, type = 'ValidForCreate', more = '') =>
  plane.get(
    `InitializeFrom(EntityMoniker=@p1,TargetEntityName=@p2,TargetFieldType=@p3${more && ',SkipParentalRelationshipMapping=true'})?@p1={'@odata.id':'${source}'}&@p2='${target}'&@p3=Microsoft.Dynamics.CRM.TargetFieldType'${type}'`,
  )

test('a contact from an account, ready to be posted', async () => {
  const account = await plane.create('accounts', { name: 'North Sea Lines', telephone1: '555', address1_city: 'Bergen', fax: '556' })
  const { status, body } = await from(`accounts(${account})`, 'contact')
  assert.is(status, 200)
  assert.is(body['parentcustomerid_account@odata.bind'], `accounts(${account})`)
  assert.match(body['transactioncurrencyid@odata.bind'] ?? 'transactioncurrencies(', /^transactioncurrencies\(/)
  const { 'parentcustomerid_account@odata.bind': _, 'transactioncurrencyid@odata.bind': __, ...rest } = body
  assert.equal(rest, {
    '@odata.context': `${base}/$metadata#contacts/$entity`,
    '@odata.type': '#Microsoft.Dynamics.CRM.contact',
    telephone1: '555',
    address1_city: 'Bergen',
  })
  const contact = await plane.create('contacts', { ...body, lastname: 'Berg' })
  const { body: read } = await plane.get(`contacts(${contact})?$select=lastname,address1_city,_parentcustomerid_value`)
  assert.equal([read.lastname, read.address1_city, read._parentcustomerid_value], ['Berg', 'Bergen', account])
})

test('without the parent', async () => {
  const account = await plane.create('accounts', { name: 'A', telephone1: '1' })
  const { body } = await from(`accounts(${account})`, 'contact', 'ValidForCreate', 'x')
  assert.equal([body.telephone1, 'parentcustomerid_account@odata.bind' in body], ['1', false])
})

test('a relationship of a publisher takes the parent, and a map can be added to', async () => {
  const account = await plane.create('accounts', { name: 'Owner of ships', description: 'Ships' })
  const first = (await from(`accounts(${account})`, 'hrb_vessel')).body
  assert.is(first['hrb_Operator@odata.bind'], `accounts(${account})`)
  assert.is(first.hrb_name, undefined)
  const { body } = await plane.get(
    "entitymaps?$select=entitymapid,targetentityname&$filter=sourceentityname eq 'account' and targetentityname eq 'hrb_vessel'&$expand=entity_map_attribute_maps($select=sourceattributename,targetattributename)",
  )
  assert.equal(
    body.value[0].entity_map_attribute_maps.map((one: Body) => [one.sourceattributename, one.targetattributename]),
    [['accountid', 'hrb_operator']],
  )
  await plane.create('attributemaps', {
    'entitymapid@odata.bind': `/entitymaps(${body.value[0].entitymapid})`,
    sourceattributename: 'name',
    targetattributename: 'hrb_name',
  })
  assert.is((await from(`accounts(${account})`, 'hrb_vessel')).body.hrb_name, 'Owner of ships')
})

test('what a lead leaves behind goes by maps as well', async () => {
  const { body } = await plane.get(
    "entitymaps?$select=entitymapid&$filter=sourceentityname eq 'lead' and targetentityname eq 'opportunity'",
  )
  await plane.create('attributemaps', {
    'entitymapid@odata.bind': `/entitymaps(${body.value[0].entitymapid})`,
    sourceattributename: 'companyname',
    targetattributename: 'currentsituation',
  })
  const lead = await plane.create('leads', { subject: 'Two tugs', lastname: 'Lund', companyname: 'Lund Towage' })
  const { status, body: made } = await plane.send('POST', `leads(${lead})/Microsoft.Dynamics.CRM.QualifyLead`, {
    CreateAccount: false,
    CreateContact: false,
    CreateOpportunity: true,
    Status: 3,
  })
  assert.is(status, 200)
  const { body: opportunity } = await plane.get(
    `opportunities(${made.value[0].opportunityid})?$select=name,currentsituation,_originatingleadid_value`,
  )
  assert.equal([opportunity.name, opportunity.currentsituation, opportunity._originatingleadid_value], ['Two tugs', 'Lund Towage', lead])
})

test('tables without a map, rows and tables that there are not', async () => {
  const account = await plane.create('accounts', { name: 'A' })
  assert.is((await from(`accounts(${account})`, 'competitor')).status, 501)
  assert.is((await from(`accounts(${account})`, 'nothing')).status, 400)
  assert.is((await from('accounts(0f0e7a10-0000-4000-8000-00000000dead)', 'contact')).status, 404)
})

test.run()
