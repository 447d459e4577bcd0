import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { generate } from '../../../../../connectors/dynamics365/sandbox/seed/generate.ts'
import { type Body, dataPlane } from '../data-plane.ts'

const test = suite('definitions of the sandbox')
const plane = dataPlane()
const get = async (path: string): Promise<Body> => {
  const { status, body, text } = await plane.get(path)
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`)
  return body
}
const account = "EntityDefinitions(LogicalName='account')"

test('the seed is what the generator makes of its sources', () => {
  const file = new URL('../../../../../connectors/dynamics365/sandbox/seed/organization.json', import.meta.url)
  assert.is(readFileSync(file, 'utf8'), generate())
})

test('the seed hangs together', async () => {
  for (const table of plane.organization.schema.tables.values()) {
    assert.ok(table.columns.has(table.primaryId), table.logicalName)
    assert.ok(table.columns.has(table.primaryName), table.logicalName)
    for (const key of table.keys) for (const name of key.columns) assert.ok(table.columns.has(name), name)
    for (const lookup of table.lookups) {
      assert.ok(table.columns.has(lookup.column), `${table.logicalName}.${lookup.column}`)
      assert.ok(lookup.target === 'owner' || plane.organization.schema.tables.has(lookup.target), lookup.target)
    }
    assert.is((await plane.get(`${table.entitySetName}?$top=1`)).status, 200)
  }
})

test('tables are listed, selected and filtered', async () => {
  const all = (await get('EntityDefinitions?$select=LogicalName,EntitySetName')).value
  const tables = all.map((one: Body) => one.LogicalName)
  for (const name of ['account', 'contact', 'incident', 'lead', 'opportunity', 'systemuser', 'task', 'team'])
    assert.ok(tables.includes(name), name)
  assert.equal(Object.keys(all[0]).sort(), ['EntitySetName', 'LogicalName', 'MetadataId'])
  const names = async (filter: string) =>
    (await get(`EntityDefinitions?$select=LogicalName&$filter=${encodeURIComponent(filter)}`)).value.map((one: Body) => one.LogicalName)
  assert.equal(await names('ChangeTrackingEnabled eq true'), ['account', 'contact'])
  assert.equal(await names("IsActivity eq true or LogicalName eq 'lead'"), [
    'lead',
    'task',
    'email',
    'opportunityclose',
    'incidentresolution',
  ])
  assert.ok((await names("OwnershipType eq Microsoft.Dynamics.CRM.OwnershipTypes'OrganizationOwned'")).includes('transactioncurrency'))
})

test('one table is found by name and by id', async () => {
  const byName = await get(account)
  assert.equal(
    [byName.ObjectTypeCode, byName.PrimaryIdAttribute, byName.SchemaName, byName.MetadataId],
    [1, 'accountid', 'Account', '70816501-edb9-4740-a16c-6a5efbc05d84'],
  )
  assert.is((await get(`EntityDefinitions(${byName.MetadataId})`)).LogicalName, 'account')
  assert.is((await plane.get("EntityDefinitions(LogicalName='nothing')")).status, 404)
  assert.is((await plane.get(`${account}?$select=Nothing`)).status, 400)
})

test('what a client needs of a table comes in one request', async () => {
  const body = await get(
    `${account}?$select=LogicalName&$expand=Attributes($select=LogicalName,AttributeType),Keys($select=LogicalName,KeyAttributes),ManyToOneRelationships($select=ReferencingAttribute,ReferencingEntityNavigationPropertyName,ReferencedEntity)`,
  )
  const column = (name: string) => body.Attributes.find((one: Body) => one.LogicalName === name)
  assert.equal(
    [column('name').AttributeType, column('revenue').AttributeType, column('industrycode').AttributeType],
    ['String', 'Money', 'Picklist'],
  )
  assert.is(column('primarycontactid')['@odata.type'], '#Microsoft.Dynamics.CRM.LookupAttributeMetadata')
  assert.is(column('ownerid').AttributeType, 'Owner')
  const lookups = (await get(`${account}/Attributes/Microsoft.Dynamics.CRM.LookupAttributeMetadata?$select=LogicalName,Targets`)).value
  const targets = (name: string) => lookups.find((one: Body) => one.LogicalName === name).Targets
  assert.equal([targets('primarycontactid'), targets('ownerid')], [['contact'], ['systemuser', 'team']])
  assert.equal(
    body.Keys.map((key: Body) => key.KeyAttributes),
    [['accountnumber']],
  )
  const parent = body.ManyToOneRelationships.find((one: Body) => one.ReferencingAttribute === 'parentaccountid')
  assert.equal([parent.ReferencingEntityNavigationPropertyName, parent.ReferencedEntity], ['parentaccountid', 'account'])
})

test('an activity lists the lookups of its own definition', async () => {
  const { value } = await get("EntityDefinitions(LogicalName='task')/ManyToOneRelationships")
  const regarding = value.filter((one: Body) => one.ReferencingAttribute === 'regardingobjectid')
  assert.equal(
    regarding.map((one: Body) => [one.ReferencedEntity, one.ReferencingEntityNavigationPropertyName]),
    ['account', 'contact', 'incident', 'lead', 'opportunity'].map((table) => [table, `regardingobjectid_${table}_task`]),
  )
})

test('columns and relationships have addresses of their own', async () => {
  const writable = (
    await get(
      `${account}/Attributes?$select=LogicalName&$filter=IsValidForCreate eq false and AttributeType eq Microsoft.Dynamics.CRM.AttributeTypeCode'Lookup'`,
    )
  ).value
  assert.ok(writable.some((one: Body) => one.LogicalName === 'createdby'))
  assert.not(writable.some((one: Body) => one.LogicalName === 'primarycontactid'))
  assert.is((await get(`${account}/Attributes(LogicalName='name')`)).MaxLength, 160)
  const { value } = await get(`${account}/OneToManyRelationships`)
  assert.ok(
    value.some(
      (one: Body) => one.ReferencedEntityNavigationPropertyName === 'contact_customer_accounts' && one.ReferencingEntity === 'contact',
    ),
  )
  assert.is((await plane.get(`${account}/Attributes(LogicalName='nothing')`)).status, 404)
  assert.is((await plane.get(`${account}/Attributes?$top=1`)).status, 400)
})

test('choices come with a cast, of one column or of all', async () => {
  const cast = 'Microsoft.Dynamics.CRM.PicklistAttributeMetadata'
  const one = await get(
    `${account}/Attributes(LogicalName='accountcategorycode')/${cast}?$select=LogicalName&$expand=OptionSet($select=Options),GlobalOptionSet($select=Options)`,
  )
  assert.equal(
    one.OptionSet.Options.map((option: Body) => [option.Value, option.Label.UserLocalizedLabel.Label]),
    [
      [1, 'Preferred Customer'],
      [2, 'Standard'],
    ],
  )
  assert.is(one.GlobalOptionSet, null)
  const all = (await get(`${account}/Attributes/${cast}?$select=LogicalName&$expand=OptionSet`)).value
  assert.ok(all.length > 10 && all.every((column: Body) => Array.isArray(column.OptionSet.Options)))
  const status = await get(
    `EntityDefinitions(LogicalName='opportunity')/Attributes(LogicalName='statuscode')/Microsoft.Dynamics.CRM.StatusAttributeMetadata?$expand=OptionSet`,
  )
  assert.equal(status.OptionSet.Options[2].State, 1)
  assert.is((await plane.get(`${account}/Attributes(LogicalName='name')/${cast}`)).status, 404)
})

test.run()
