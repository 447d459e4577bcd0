import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { deletedSince } from '../../../../../connectors/dynamics365/sandbox/metadata/changes/deleted.ts'
import type { DefinitionHistory } from '../../../../../connectors/dynamics365/sandbox/metadata/changes/history.ts'
import { readQuery } from '../../../../../connectors/dynamics365/sandbox/metadata/changes/query.ts'
import { tablesAsked } from '../../../../../connectors/dynamics365/sandbox/metadata/changes/tables.ts'
import { harbor } from '../contract/harbor.ts'
import { type Body, dataPlane } from '../data-plane.ts'

const test = suite('changes of definitions')
let now = Date.parse('2026-03-01T08:00:00Z')
const plane = dataPlane({ parts: [harbor], clock: () => new Date(now) })

const equals = (property: string, value: string, type = 'System.String') => ({
  ConditionOperator: 'Equals',
  PropertyName: property,
  Value: { Type: type, Value: value },
})
const asked = (query: object, more = '') =>
  plane.get(
    `RetrieveMetadataChanges(Query=@p1${more ? ',ClientVersionStamp=@p2' : ''})?@p1=${encodeURIComponent(JSON.stringify(query))}${more}`,
  )
const only = (...names: string[]) => ({ AllProperties: false, PropertyNames: names })
const vessel = { FilterOperator: 'And', Conditions: [equals('LogicalName', 'hrb_vessel')] }

test('what was not asked for is null, and lists are empty', async () => {
  const { status, body } = await asked({ Criteria: vessel, Properties: only('SchemaName') })
  assert.is(status, 200)
  assert.is(body['@odata.context'].split('#')[1], 'Microsoft.Dynamics.CRM.RetrieveMetadataChangesResponse')
  assert.match(body.ServerVersionStamp, /^\d+!03\/01\/2026 08:00:00$/)
  assert.equal(body.DeletedMetadata, { Count: 0, IsReadOnly: false, Keys: [], Values: [] })
  const [table] = body.EntityMetadata
  assert.is(body.EntityMetadata.length, 1)
  assert.equal([table.LogicalName, table.SchemaName, table.HasChanged, table.EntitySetName], ['hrb_vessel', 'hrb_Vessel', null, null])
  assert.match(table.MetadataId, /^[0-9a-f-]{36}$/)
  for (const list of ['Attributes', 'Keys', 'ManyToOneRelationships', 'OneToManyRelationships', 'ManyToManyRelationships'])
    assert.equal(table[list], [], list)
})

test('columns, keys and relationships have queries of their own', async () => {
  const { body } = await asked({
    Criteria: vessel,
    Properties: only('Attributes', 'Keys', 'ManyToOneRelationships'),
    AttributeQuery: {
      Properties: only('OptionSet'),
      Criteria: { Conditions: [equals('AttributeType', 'Picklist', 'Microsoft.Xrm.Sdk.Metadata.AttributeTypeCode')] },
    },
    KeyQuery: { Properties: only('KeyAttributes') },
    RelationshipQuery: { Properties: only('ReferencedEntity'), Criteria: { Conditions: [equals('ReferencingAttribute', 'hrb_operator')] } },
  })
  const [table] = body.EntityMetadata
  const [choice] = table.Attributes.filter((one: Body) => one.LogicalName === 'hrb_class')
  assert.is(choice['@odata.type'], '#Microsoft.Dynamics.CRM.ComplexPicklistAttributeMetadata')
  assert.is(choice.OptionSet.Options.find((one: Body) => one.Value === 100000001).Label.UserLocalizedLabel.Label, 'Bulk carrier')
  assert.equal([choice.OptionSet['@odata.type'], choice.SchemaName], [undefined, null])
  assert.ok(table.Attributes.every((one: Body) => one['@odata.type'].endsWith('ComplexPicklistAttributeMetadata')))
  assert.ok(
    table.Keys.some((key: Body) => key.LogicalName === 'hrb_imokey' && key.KeyAttributes[0] === 'hrb_imo' && key.SchemaName === null),
  )
  assert.equal(
    table.ManyToOneRelationships.map((one: Body) => [one.ReferencedEntity, one.SchemaName]),
    [['account', null]],
  )
  assert.equal(table.OneToManyRelationships, [])
})

test('conditions', async () => {
  const names = async (...conditions: object[]) => {
    const { status, body } = await asked({ Criteria: { FilterOperator: 'And', Conditions: conditions }, Properties: only('LogicalName') })
    return status === 200 ? body.EntityMetadata.map((one: Body) => one.LogicalName) : status
  }
  const some = {
    ConditionOperator: 'In',
    PropertyName: 'LogicalName',
    Value: { Type: 'System.String[]', Value: "['hrb_vessel','hrb_log']" },
  }
  assert.equal(await names(some), ['hrb_vessel', 'hrb_log'])
  assert.equal(await names(some, equals('IsCustomizable', 'True', 'System.Boolean')), ['hrb_vessel', 'hrb_log'])
  assert.equal(
    await names({ ...some, ConditionOperator: 'NotIn' }, equals('IsCustomEntity', 'true', 'System.Boolean')).then((all) =>
      all.includes('hrb_vessel'),
    ),
    false,
  )
  assert.equal(await names(some, equals('TableType', 'Elastic')), ['hrb_log'])
  assert.equal(
    await names(
      { ...equals('ObjectTypeCode', '2', 'System.Int32'), ConditionOperator: 'LessThan' },
      equals('IsIntersect', 'false', 'System.Boolean'),
    ),
    ['account'],
  )
  // Either of two, one of them nested.
  const either = { FilterOperator: 'Or', Conditions: [equals('LogicalName', 'lead')], Filters: [vessel] }
  const { body } = await asked({ Criteria: either, Properties: only() })
  assert.equal(body.EntityMetadata.map((one: Body) => one.LogicalName).sort(), ['hrb_vessel', 'lead'])
  // The type must be the one of .NET; labels and lists cannot be compared.
  assert.is(await names(equals('OwnershipType', 'UserOwned')), 400)
  assert.is(await names(equals('IsIntersect', 'false')), 400)
  assert.is(await names(equals('DisplayName', 'Vessel')), 400)
  assert.is(await names({ ...some, ConditionOperator: 'Equals' }), 400)
  assert.is(await names(equals('IsVisibleInMobile', 'True', 'System.Boolean')), 501)
})

test('languages of labels', async () => {
  const label = async (languages: number[]) =>
    (
      await asked({
        Criteria: vessel,
        Properties: only('DisplayName'),
        LabelQuery: { FilterLanguages: languages, MissingLabelBehavior: 0 },
      })
    ).body.EntityMetadata[0].DisplayName
  assert.is((await label([1033, 1031])).UserLocalizedLabel.LanguageCode, 1033)
  assert.equal(await label([1031]), { LocalizedLabels: [], UserLocalizedLabel: null })
})

test('languages of labels in what is read', async () => {
  const read = async (languages: string) =>
    await plane.get(`EntityDefinitions(LogicalName='hrb_vessel')?$select=DisplayName&LabelLanguages=${languages}`)
  assert.is((await read('1031,1033')).body.DisplayName.LocalizedLabels.length, 1)
  assert.equal((await read('1031')).body.DisplayName, { LocalizedLabels: [], UserLocalizedLabel: null })
  assert.is((await read('English')).status, 400)
})

test('a stamp is good for 90 days, and the organization can say otherwise', async () => {
  const query = { Criteria: vessel, Properties: only('Attributes') }
  const stamp = encodeURIComponent(`'${(await asked(query)).body.ServerVersionStamp}'`)
  const status = async () => (await asked(query, `&@p2=${stamp}`)).status
  const { body } = await asked(query, `&@p2=${stamp}`)
  assert.equal(body.EntityMetadata, [])
  now += 90 * 86_400_000
  assert.is(await status(), 200)
  now += 1000
  assert.is(await status(), 400)
  assert.is((await asked(query, `&@p2=${stamp}`)).body.error.code, '0x80044352')
  const [{ organizationid }] = (await plane.get('organizations?$select=organizationid')).body.value
  await plane.send('PATCH', `organizations(${organizationid})`, { expiresubscriptionsindays: 100 })
  assert.is(await status(), 200)
  assert.is((await asked(query, `&@p2='${'soon'}'`)).status, 400)
})

const table = plane.organization.schema.tables.get('hrb_vessel')!
const column = table.columns.get('hrb_name')!

function told(changed: Record<string, number>, unchanged: 'keys' | 'values' = 'keys', among: object = { Criteria: vessel }): Body {
  const history: DefinitionHistory = { changedWith: (id) => changed[id] ?? 0, deleted: [] }
  const query = readQuery(
    {
      ...among,
      Properties: only('SchemaName', 'Attributes'),
      AttributeQuery: { Properties: only('MaxLength', 'SchemaName', 'OptionSet') },
    },
    'all',
  )
  return tablesAsked(plane.organization, { query, history, since: 10, unchanged })
}

test('a changed column, in a table that did not change', () => {
  const [one, ...more] = told({ [column.metadataId]: 11 })
  assert.equal([more.length, one.LogicalName, one.HasChanged, one.SchemaName], [0, 'hrb_vessel', false, null])
  assert.equal(
    one.Attributes.map((a: Body) => [a.LogicalName, a.HasChanged, a.SchemaName]),
    [['hrb_name', true, 'hrb_Name']],
  )
  assert.is(told({ [column.metadataId]: 11 }, 'values')[0].SchemaName, 'hrb_Vessel')
  assert.equal(told({ [column.metadataId]: 10 }), [])
})

test('a changed table, whose columns did not change', () => {
  const [one] = told({ [table.metadataId]: 12 })
  assert.equal([one.HasChanged, one.SchemaName, one.Attributes], [true, 'hrb_Vessel', []])
})

test('a changed choice', async () => {
  const { body } = await plane.get(
    "EntityDefinitions(LogicalName='hrb_vessel')/Attributes(LogicalName='hrb_class')/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$expand=OptionSet",
  )
  const [one] = told({ [body.OptionSet.MetadataId]: 11 })
  const [choice] = one.Attributes
  assert.equal([one.HasChanged, choice.LogicalName, choice.HasChanged, choice.OptionSet.HasChanged], [false, 'hrb_class', false, true])
  assert.equal([choice.OptionSet.Options.length > 1, choice.OptionSet.Options[0].HasChanged], [true, null])
})

test('nothing changed in any table', () => assert.equal(told({}, 'keys', {}), []))

test('deleted definitions, by kind', () => {
  const history: DefinitionHistory = {
    changedWith: () => 0,
    deleted: [
      { metadataId: 'a', kind: 'Attribute', version: 10 },
      { metadataId: 'b', kind: 'Attribute', version: 11 },
      { metadataId: 'c', kind: 'Default', version: 12 },
      { metadataId: 'd', kind: 'OptionSet', version: 12 },
    ],
  }
  const told = (since: number | undefined, kinds: unknown) => {
    const { Count, Keys, Values } = deletedSince(history, since, kinds) as Body
    assert.is(Count, Keys.length)
    return Object.fromEntries(Keys.map((key: string, index: number) => [key, Values[index].Items]))
  }
  assert.equal(told(10, 'Attribute'), { Attribute: ['b'] })
  assert.equal(told(9, 'Attribute,Default'), { Attribute: ['a', 'b'], Default: ['c'] })
  assert.equal(told(10, 'All'), { Attribute: ['b'], Default: ['c'], OptionSet: ['d'] })
  assert.equal(told(10, 16), { OptionSet: ['d'] })
  assert.equal(told(10, 'Relationship'), {})
  assert.equal(told(10, undefined), {})
  assert.equal(told(undefined, 'All'), {})
})

test.run()
