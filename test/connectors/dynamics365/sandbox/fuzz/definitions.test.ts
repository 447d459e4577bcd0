import fc from 'fast-check'
import { suite } from 'uvu'
import { fuzz } from './fuzz.ts'
import { value } from './json-grammar.ts'
import { fuzzPlane, type Input } from './plane.ts'
import { asAddress, damaged, joined, oneOf, sequence, usually } from './text.ts'

const test = suite('fuzzing: definitions that are written')
const plane = await fuzzPlane()

const tables = ['hrb_vessel', 'hrb_vessel', 'hrb_port_call', 'hrb_log', 'account', 'contact', 'task', 'systemuser', 'hrb_vessel_contact']
const columns = [
  'hrb_name',
  'hrb_imo',
  'hrb_operator',
  'hrb_cargo',
  'hrb_cert',
  'hrb_tonnage',
  'name',
  'accountid',
  'statecode',
  'createdon',
]
const table = oneOf(tables)
const column = oneOf(columns)
const newName = usually(
  'new_A',
  ...['new_a', 'hrb_Name', 'hrb_name', 'hrb_imo', 'hrb_vessel', 'new_A_Base', 'new_AId', 'sqlite_a', 'file_content', 'mscrm_a'],
  ...['new___proto__', 'constructor', '__proto__', 'toString', 'account', 'new_A"', `new_${'a'.repeat(47)}`],
)
const quoted = (texts: fc.Arbitrary<string>) => texts.map((text) => JSON.stringify(text))
const member = (name: string, values: fc.Arbitrary<string>) =>
  sequence(`"${name}":`, fc.oneof({ weight: 60, arbitrary: values }, { weight: 1, arbitrary: value }))
const object = (always: readonly (string | fc.Arbitrary<string>)[], ...others: fc.Arbitrary<string>[]) =>
  fc
    .subarray(others)
    .chain((some) => sequence('{', ...[...always, ...some].flatMap((one, index) => (index === 0 ? [one] : [',', one])), '}'))
const list = (items: fc.Arbitrary<string>) => sequence('[', joined(items, ',', 3, 0), ']')
const typed = (...names: string[]) => sequence('"@odata.type":"', usually('', '#'), 'Microsoft.Dynamics.CRM.', oneOf(names), '"')
const flag = fc.constantFrom('true', 'false', 'null')
const number = usually('2', '1', '5', '100', '0', '-1', '4001', '1e30', '0.5', '100000000', '"7"', '12345678901234567890')

const language = usually('1033', '1031', '1', '-1', '1.5', '1e30')
const texts = quoted(oneOf(['Ship', '<b> & "c" ]]>', '\ud800', '\u0000', '']))
const label = fc.oneof(
  {
    weight: 6,
    arbitrary: object([member('LocalizedLabels', list(object([member('Label', texts), member('LanguageCode', language)])))]),
  },
  { weight: 1, arbitrary: fc.constantFrom('null', '{}', '{"UserLocalizedLabel":{"Label":"A","LanguageCode":1033}}') },
)
const labels = [member('DisplayName', label), member('Description', label)]

const option = object([member('Label', label)], member('Value', number), member('Color', texts))
const optionSet = object(
  [member('Options', list(option))],
  member('IsGlobal', flag),
  member('Name', quoted(newName)),
  member('TrueOption', option),
  member('FalseOption', option),
)
const columnTypes = ['String', 'Memo', 'Integer', 'BigInt', 'Decimal', 'Double', 'Money', 'Boolean', 'DateTime']
  .concat('Picklist', 'MultiSelectPicklist', 'Image', 'File', 'Lookup')
  .map((type) => `${type}AttributeMetadata`)
const attributeOf = (...always: (string | fc.Arbitrary<string>)[]) =>
  object(
    [typed(...columnTypes), member('SchemaName', quoted(newName)), ...always],
    ...labels,
    ...['MaxLength', 'MinValue', 'MaxValue', 'Precision', 'MaxSizeInKB', 'DefaultFormValue'].map((name) => member(name, number)),
    member('OptionSet', optionSet),
    member('GlobalOptionSet@odata.bind', quoted(oneOf(["/GlobalOptionSetDefinitions(Name='hrb_colour')", '/']))),
    member('DefaultValue', flag),
    member('CanStoreFullImage', flag),
    member('DateTimeBehavior', fc.constantFrom('{"Value":"DateOnly"}', '{"Value":"TimeZoneIndependent"}', '{}', 'null')),
    member('RequiredLevel', fc.constantFrom('{"Value":"SystemRequired"}', '{"Value":"None"}')),
    member('Format', quoted(oneOf(['DateOnly', 'Email']))),
  )
const attribute = attributeOf()
const primaryName = sequence(
  '{"@odata.type":"Microsoft.Dynamics.CRM.StringAttributeMetadata","SchemaName":"new_Name","IsPrimaryName":',
  usually('true', 'false', '1'),
  '}',
)
const entity = object(
  [
    typed('EntityMetadata'),
    member('SchemaName', quoted(newName)),
    member('Attributes', sequence('[', primaryName, fc.oneof(fc.constant(''), sequence(',', attribute)), ']')),
  ],
  ...labels,
  member('EntitySetName', quoted(usually('new_as', 'accounts', 'EntityDefinitions', '__proto__', 'constructor'))),
  member('OwnershipType', quoted(usually('UserOwned', 'OrganizationOwned', 'None'))),
  member('TableType', quoted(oneOf(['Standard', 'Elastic', 'Virtual']))),
  ...['HasNotes', 'HasActivities', 'IsActivity', 'ChangeTrackingEnabled', 'IsOptimisticConcurrencyEnabled'].map((name) =>
    member(name, flag),
  ),
  member('PrimaryImageAttribute', quoted(column)),
)
const key = object(
  [member('SchemaName', quoted(newName)), member('KeyAttributes', list(quoted(column)))],
  member('DisplayName', label),
  typed('EntityKeyMetadata'),
)
const navigation = quoted(usually('new_B', 'hrb_name', '_hrb_operator_value', '__proto__', 'hrb_Operator'))
const oneToMany = object(
  [
    typed('OneToManyRelationshipMetadata'),
    member('SchemaName', quoted(newName)),
    member('ReferencedEntity', quoted(table)),
    member('ReferencingEntity', quoted(table)),
    member('Lookup', object([member('SchemaName', quoted(newName))], ...labels)),
  ],
  member('CascadeConfiguration', object([member('Delete', quoted(oneOf(['Cascade', 'Restrict', 'RemoveLink'])))])),
  member('ReferencingEntityNavigationPropertyName', navigation),
  member('ReferencedEntityNavigationPropertyName', navigation),
)
const manyToMany = object(
  [
    typed('ManyToManyRelationshipMetadata'),
    member('SchemaName', quoted(newName)),
    member('Entity1LogicalName', quoted(table)),
    member('Entity2LogicalName', quoted(table)),
  ],
  member('IntersectEntityName', quoted(newName)),
  member('Entity1NavigationPropertyName', navigation),
  member('Entity2NavigationPropertyName', navigation),
)
const globalChoice = object(
  [typed('OptionSetMetadata'), member('Name', quoted(newName)), member('Options', list(option))],
  ...labels,
  member('IsGlobal', flag),
)

const ofTable = sequence("EntityDefinitions(LogicalName='", table, "')")
const relationship = oneOf(['hrb_vessel_contact', 'hrb_account_vessels', 'contact_customer_accounts'])
const made = fc.constantFrom<[set: fc.Arbitrary<string>, item: fc.Arbitrary<string>, body: fc.Arbitrary<string>]>(
  [fc.constant('EntityDefinitions'), ofTable, entity],
  [sequence(ofTable, '/Attributes'), sequence(ofTable, "/Attributes(LogicalName='", column, "')"), attribute],
  [sequence(ofTable, '/Attributes'), sequence(ofTable, "/Attributes(LogicalName='", column, "')"), attribute],
  [sequence(ofTable, '/Keys'), sequence(ofTable, "/Keys(LogicalName='", oneOf(['hrb_imokey', 'hrb_operatornamekey']), "')"), key],
  [fc.constant('RelationshipDefinitions'), sequence("RelationshipDefinitions(SchemaName='", relationship, "')"), oneToMany],
  [fc.constant('RelationshipDefinitions'), sequence("RelationshipDefinitions(SchemaName='", relationship, "')"), manyToMany],
  [fc.constant('GlobalOptionSetDefinitions'), sequence("GlobalOptionSetDefinitions(Name='", oneOf(['hrb_colour']), "')"), globalChoice],
  [ofTable, sequence(ofTable, '/', oneOf(['constructor', 'toString', '__proto__', 'OptionSet'])), attribute],
)
const input: fc.Arbitrary<Input> = made
  .chain(([set, item, body]) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ method: fc.constant('POST'), path: set, body }) },
      { weight: 3, arbitrary: fc.record({ method: fc.constant('PUT'), path: item, body }) },
      { weight: 2, arbitrary: fc.record({ method: fc.constant('DELETE'), path: item, body: fc.constant('') }) },
    ),
  )
  .chain(({ method, path, body }) =>
    fc.record({
      method: fc.constant(method),
      path: fc.constant(asAddress(path)),
      body: damaged(fc.constant(body)),
      headers: fc.constantFrom<Record<string, string>>({}, { 'mscrm.mergelabels': 'true' }),
    }),
  )

const further = ['$metadata', 'EntityDefinitions?$select=LogicalName', 'accounts', 'contacts']

test('definitions are taken as a whole or refused as a whole, and what was taken can be read', () =>
  fuzz(
    input,
    async (one) => {
      const { status } = await plane.check(one, () => false, further)
      return `${one.method} ${status}`
    },
    0.6,
  ))

test.run()
