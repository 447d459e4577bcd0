import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readMetadata } from '../../../../../connectors/dynamics365/sandbox/metadata/load/read-metadata.ts'
import type { SeedPart } from '../../../../../connectors/dynamics365/sandbox/organization/seed.ts'
import { harbor } from '../contract/harbor.ts'
import { type DataPlane, dataPlane } from '../data-plane.ts'
import { bounded, fuzz } from './fuzz.ts'
import { value } from './json-grammar.ts'
import { damaged, hostile, joined, oneOf, sequence, usually } from './text.ts'

const test = suite('fuzzing: metadata files')

const tables = oneOf(['account', 'contact', 'new_a', 'new_b', 'New_A', 'activitypointer', 'crmbaseentity', 'principal', 'deleted'])
const columns = oneOf([
  'name',
  'new_aid',
  'new_bid',
  'new_a',
  'New_A',
  '_new_b_value',
  'accountid',
  'versionnumber',
  'partitionid',
  'ttlinseconds',
])
const types = oneOf([
  ...['String', 'Int32', 'Guid', 'Binary', 'DateTimeOffset', 'Stream'].map((name) => `Edm.${name}`),
  'mscrm.new_a',
  'mscrm.account',
  'Collection(mscrm.new_b)',
  'Collection(mscrm.account)',
])
const xmlText = hostile.map((text) => text.replaceAll(/[<&"]/g, ''))
const annotation = sequence(
  '<Annotation Term="',
  oneOf(['Org.OData.Core.V1.Description', 'Org.OData.Core.V1.Permissions', 'OData.Community.Keys.V1.AlternateKeys']),
  '" String="',
  xmlText,
  '"/>',
)
const property = sequence('<Property Name="', columns, '" Type="', types, '">', joined(annotation, '', 1, 0), '</Property>')
const constraint = sequence('<ReferentialConstraint Property="', columns, '" ReferencedProperty="', columns, '"/>')
const navigation = sequence(
  '<NavigationProperty Name="',
  columns,
  '" Type="',
  types,
  '" Partner="',
  columns,
  '">',
  joined(constraint, '', 1, 0),
  '</NavigationProperty>',
)
const key = sequence('<Key><PropertyRef Name="', columns, '"/></Key>')
const inside = fc.oneof(
  { weight: 6, arbitrary: property },
  { weight: 3, arbitrary: navigation },
  { weight: 2, arbitrary: key },
  { weight: 1, arbitrary: constraint },
  { weight: 1, arbitrary: annotation },
)
const base = fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 1, arbitrary: sequence(' BaseType="mscrm.', tables, '"') })
const entityType = sequence(
  '<EntityType Name="',
  tables,
  '"',
  base,
  usually('', ' Abstract="true"'),
  '>',
  joined(inside, '', 6, 0),
  '</EntityType>',
)
const entitySet = sequence('<EntitySet Name="', oneOf(['accounts', 'new_as', 'new_bs', 'deleted']), '" EntityType="mscrm.', tables, '"/>')
const csdl = sequence(
  '<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0"><edmx:DataServices><Schema Namespace="mscrm">',
  joined(entityType, '', 3),
  '<EntityContainer Name="System">',
  joined(entitySet, '', 4),
  '</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>',
)

const member = (name: string, values: fc.Arbitrary<string>) =>
  sequence(`"${name}":`, fc.oneof({ weight: 12, arbitrary: values }, { weight: 1, arbitrary: value }))
const quoted = (texts: fc.Arbitrary<string>) => texts.map((text) => JSON.stringify(text))
const label = fc.constantFrom(
  'null',
  '{"UserLocalizedLabel":{"Label":"A"}}',
  '{"LocalizedLabels":[{"Label":"A","LanguageCode":1033}]}',
  '{}',
)
const members = (...all: fc.Arbitrary<string>[]) => fc.subarray(all).chain((some) => sequence(...some.flatMap((one) => [',', one])))
const object = (...all: fc.Arbitrary<string>[]) => sequence('{"@odata.type":"#x"', members(...all), '}')
const list = (items: fc.Arbitrary<string>) => sequence('[', joined(items, ',', 3, 0), ']')
const attribute = object(
  member('LogicalName', quoted(columns)),
  member('AttributeType', quoted(oneOf(['String', 'Lookup', 'Picklist', 'Virtual', 'Money', 'EntityName', 'CalendarRules']))),
  member(
    'OptionSet',
    object(
      member('Options', list(object(member('Value', oneOf(['1', '2'])), member('Label', label)))),
      member('Name', quoted(columns)),
      member('IsGlobal', oneOf(['true', 'false'])),
    ),
  ),
  member('Targets', list(quoted(tables))),
  member('DisplayName', label),
  member('MaxLength', oneOf(['0', '100', '-1'])),
)
const definition = sequence(
  ...['{', member('LogicalName', quoted(tables)), ',', member('Attributes', list(attribute))],
  members(
    member('EntitySetName', quoted(oneOf(['accounts', 'new_as', 'null']))),
    member('PrimaryIdAttribute', quoted(columns)),
    member('PrimaryNameAttribute', quoted(columns)),
    member('IsIntersect', oneOf(['true', 'false'])),
    member('Keys', list(object(member('LogicalName', quoted(columns)), member('KeyAttributes', list(quoted(columns)))))),
    member(
      'ManyToOneRelationships',
      list(
        object(
          member('ReferencingAttribute', quoted(columns)),
          member('ReferencedEntity', quoted(tables)),
          member('ReferencingEntityNavigationPropertyName', quoted(columns)),
        ),
      ),
    ),
    member(
      'ManyToManyRelationships',
      list(
        object(
          member('SchemaName', quoted(columns)),
          member('IntersectEntityName', quoted(tables)),
          member('Entity1LogicalName', quoted(tables)),
          member('Entity2LogicalName', quoted(tables)),
        ),
      ),
    ),
    member('DisplayName', label),
  ),
  '}',
)
const json = fc.oneof(sequence('{"value":', list(definition), '}'), list(definition), definition)

/** What a real answer looks like, a few thousand characters of it. */
const recorded = (await dataPlane({ parts: [harbor] }).get('$metadata')).text

const files = fc.oneof(
  { weight: 4, arbitrary: csdl },
  { weight: 4, arbitrary: json },
  { weight: 1, arbitrary: fc.constant(recorded) },
  { weight: 1, arbitrary: hostile },
)

/** Undefined where the file was refused with a sentence that names it. */
function read(text: string): SeedPart | undefined {
  try {
    return bounded(() => readMetadata(text, 'a.xml'))
  } catch (error) {
    assert.instance(error, Error)
    assert.match((error as Error).message, /^a\.xml /)
    return undefined
  }
}

test('a file is read or refused with a sentence, and the tables that it tells of can be used', () =>
  fuzz(
    damaged(files),
    async (text) => {
      const part = read(text)
      if (!part) return 'refused'
      let plane: DataPlane
      try {
        plane = bounded(() => dataPlane({ parts: [part] }))
      } catch (error) {
        // Tables that contradict themselves are for SQLite to refuse.
        assert.is((error as NodeJS.ErrnoException).code, 'ERR_SQLITE_ERROR')
        return 'not opened'
      }
      assert.is((await plane.get('WhoAmI')).status, 200)
      assert.is((await plane.get('$metadata')).status, 200)
      plane.organization.close()
      return 'used'
    },
    0.3,
  ))

test.run()
