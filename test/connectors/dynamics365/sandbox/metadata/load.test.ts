import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { columnPart } from '../../../../../connectors/dynamics365/sandbox/metadata/load/column.ts'
import { readMetadata } from '../../../../../connectors/dynamics365/sandbox/metadata/load/read-metadata.ts'
import { edmType } from '../../../../../connectors/dynamics365/sandbox/organization/edm-type.ts'
import type { SeedPart } from '../../../../../connectors/dynamics365/sandbox/organization/seed.ts'
import { harbor } from '../contract/harbor.ts'
import { type Body, type DataPlane, dataPlane } from '../data-plane.ts'

const test = suite('loading metadata')
const source = new URL('../../../../../connectors/dynamics365/sandbox/seed/source/', import.meta.url)
const recorded = (name: string) => readMetadata(readFileSync(new URL(name, source), 'utf8'), name)
const csdl = recorded('crm-small-v8.2.xml')
const definitions = recorded('entity-definitions-v9.json')
const namespace = 'Microsoft.Dynamics.CRM'

/** What a part says of tables, as $metadata can tell it. */
function told({ tableParts = [], manyToMany = [] }: SeedPart) {
  return {
    tables: tableParts
      .map(({ logicalName, entitySetName, primaryId, activity, elastic, columns, lookups = [], keys = [] }) => ({
        ...{ logicalName, entitySetName, primaryId, activity, elastic },
        columns: columns.map((column) => `${column.name} ${edmType(column)} ${column.readOnly} ${column.writeOnly}`).sort(),
        lookups: lookups
          .map(
            ({ column, navigation, target, collection, inherited }) =>
              `${column} ${navigation} ${target} ${inherited ? undefined : collection}`,
          )
          .sort(),
        keys: keys.map((key) => key.columns.join()).sort(),
      }))
      .sort((a, b) => (a.logicalName < b.logicalName ? -1 : 1)),
    pairs: manyToMany
      .map(({ schemaName, intersect, intersectEntitySet, sides }) =>
        [schemaName, intersect, intersectEntitySet, ...sides.map((side) => `${side.table}.${side.column}`).sort()].join(' '),
      )
      .sort(),
  }
}

/** The tables that a data plane has, as a part. */
function held({ organization: { schema } }: DataPlane): SeedPart {
  const tables = [...schema.tables.values()].filter(({ intersect }) => !intersect)
  return {
    tableParts: tables.map((table) => ({
      ...table,
      keys: table.keys.filter(({ columns }) => !columns.includes('partitionid')),
      columns: [...table.columns.values()],
    })),
    manyToMany: [...schema.manyToMany],
  }
}

for (const [name, parts] of [
  ['the tables of the contract', [harbor]],
  ['a recorded CSDL', [csdl]],
  ['recorded definitions', [definitions]],
] as const)
  test(`$metadata of ${name} parses back to the same tables`, async () => {
    const plane = dataPlane({ parts })
    const { text } = await plane.get('$metadata')
    const part = readMetadata(text, '$metadata')
    assert.equal(part.notes, [])
    // CSDL calls a relationship by its collections, and lists a lookup without a name of its own for the server's columns.
    const [expected, actual] = [told(held(plane)), told(part)]
    for (const table of expected.tables)
      assert.equal(
        actual.tables.find((one) => one.logicalName === table.logicalName),
        table,
      )
    assert.is(actual.tables.length, expected.tables.length)
    assert.equal(actual.pairs, expected.pairs)
  })

test('a date without behavior is a moment of which only the day is shown', () => {
  const kindOf = (more: object) => {
    const [column] = columnPart(
      { LogicalName: 'hrb_due', AttributeType: 'DateTime', ...more },
      { logicalName: 'hrb_x', primaryId: 'hrb_xid' },
      [],
    )
    return [edmType(column!), column!.format]
  }
  assert.equal(kindOf({ Format: 'DateOnly' }), ['Edm.DateTimeOffset', 'DateOnly'])
  assert.equal(kindOf({ Format: 'DateOnly', DateTimeBehavior: { Value: 'UserLocal' } }), ['Edm.DateTimeOffset', 'DateOnly'])
  assert.equal(kindOf({ Format: 'DateOnly', DateTimeBehavior: { Value: 'DateOnly' } }), ['Edm.Date', undefined])
  assert.equal(kindOf({ Format: 'DateAndTime' }), ['Edm.DateTimeOffset', undefined])
})

test('the recorded tables are extended, and keep what only the sandbox knows', async () => {
  const plane = dataPlane({ parts: [csdl, definitions] })
  const account = plane.organization.schema.tables.get('account')!
  assert.is(account.columns.get('statecode')!.type, 'State')
  assert.ok(account.columns.get('industrycode')!.choices)
  assert.is(account.primaryName, 'name')
  assert.is(account.columns.get('name')!.schemaName, 'Name')
  assert.is((await plane.get('connections')).status, 200)
  const id = await plane.create('accounts', { name: 'A' })
  await plane.create('tasks', { subject: 'T', 'regardingobjectid_account_task@odata.bind': `/accounts(${id})` })
  assert.equal(await plane.names('tasks', `_regardingobjectid_value eq ${id}`, 'subject'), ['T'])
})

test('references to tables that are not there are dropped and told of', () => {
  const { notes } = dataPlane({ parts: [csdl] }).organization.schema
  assert.equal(notes, ['activityparty.activityid_activitypointer is left out, since there is no table activitypointer.'])
})

const lists = ['Attributes', 'Keys', 'ManyToOneRelationships', 'OneToManyRelationships', 'ManyToManyRelationships']
const choiceTypes = ['Picklist', 'MultiSelectPicklist', 'State', 'Status', 'Boolean']

/** Definitions with everything that can be expanded; options need a request for each type. */
async function everything(plane: DataPlane): Promise<Body[]> {
  const { body, status, text } = await plane.get(`EntityDefinitions?$expand=${lists.join(',')}`)
  assert.is(status, 200, text)
  for (const table of body.value.filter((one: Body) => one.LogicalName.startsWith('hrb_')))
    for (const type of choiceTypes) {
      const expand = type === 'Boolean' ? 'OptionSet' : 'OptionSet,GlobalOptionSet'
      const path = `EntityDefinitions(LogicalName='${table.LogicalName}')/Attributes/${namespace}.${type}AttributeMetadata`
      for (const column of (await plane.get(`${path}?$expand=${expand}`)).body.value)
        Object.assign(
          table.Attributes.find((one: Body) => one.LogicalName === column.LogicalName),
          column,
        )
    }
  return body.value
}

test('EntityDefinitions load back to the same definitions', async () => {
  const original = await everything(dataPlane({ parts: [harbor] }))
  const part = readMetadata(JSON.stringify({ value: original }), 'definitions.json')
  assert.equal(part.notes, [])
  const loaded = await everything(dataPlane({ parts: [part] }))
  assert.equal(loaded.map((one) => one.LogicalName).sort(), original.map((one) => one.LogicalName).sort())
  for (const table of original)
    assert.equal(comparable(loaded.find((one) => one.LogicalName === table.LogicalName)), comparable(table), table.LogicalName)
})

/** Lists have no order of their own. */
function comparable(table: Body): Body {
  const sorted = lists.map((name) => [name, table[name].toSorted((a: Body, b: Body) => (a.MetadataId < b.MetadataId ? -1 : 1))])
  return { ...table, ...Object.fromEntries(sorted) }
}

test('rows of loaded tables can be written and read', async () => {
  const original = await everything(dataPlane({ parts: [harbor] }))
  const plane = dataPlane({ parts: [readMetadata(JSON.stringify({ EntityDefinitions: original }), 'definitions.json')] })
  const vessel = { hrb_name: 'Aurora', hrb_class: 100000001, hrb_cargo: '1,9' }
  const id = await plane.create('hrb_vessels', vessel)
  await plane.create('hrb_port_calls', { hrb_name: 'Oslo', 'hrb_Vessel@odata.bind': `/hrb_vessels(${id})` })
  const { body } = await plane.get(
    `hrb_vessels(${id})?$select=hrb_name,hrb_class,hrb_cargo&$expand=hrb_vessel_port_calls($select=hrb_name)`,
  )
  assert.equal([body.hrb_name, body.hrb_class, body.hrb_cargo], ['Aurora', 100000001, '1,9'])
  assert.is(body.hrb_vessel_port_calls[0].hrb_name, 'Oslo')
  assert.is((await plane.send('POST', 'hrb_vessels', { hrb_class: 7 })).status, 400)
})

test('other files are refused with a sentence', () => {
  for (const [text, message] of [
    ['hello', /neither XML nor JSON/],
    ['<html></html>', /not a CSDL document/],
    ['<edmx:Edmx xmlns:edmx="x"><a></edmx:Edmx>', /not well-formed/],
    ['<edmx:Edmx xmlns:edmx="x"/>', /tells of no tables/],
    ['{"value":[{"name":"A"}]}', /no table definitions with Attributes/],
    ['null', /no table definitions/],
    ['[]', /tells of no tables/],
    ['{"LogicalName":"a","Attributes":[],"Keys":[{}]}', /^file\.txt holds a definition that is not as EntityDefinitions answers it/],
    ['{"LogicalName":"a\\"b","Attributes":[]}', /names a table or column 'a"b'/],
    ['{"LogicalName":null,"Attributes":[]}', /names a table or column 'null'/],
  ] as const)
    assert.throws(() => readMetadata(text, 'file.txt'), message)
})

test('a CSDL document whose types go round in a circle, or that has parts out of their place, is read for the rest', () => {
  const { tableParts } = readMetadata(
    `<Edmx><EntityType Name="new_a" BaseType="mscrm.new_b"><Property Name="new_name" Type="Edm.String"/></EntityType>
    <EntityType Name="new_b" BaseType="mscrm.new_a"><ReferentialConstraint Property="new_name"/></EntityType>
    <EntitySet Name="new_as" EntityType="mscrm.new_a"/></Edmx>`,
    'file.xml',
  )
  assert.equal(
    tableParts!.map(({ logicalName, columns }) => [logicalName, columns.map(({ name }) => name)]),
    [['new_a', ['new_name']]],
  )
})

test.run()
