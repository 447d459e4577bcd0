import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readMetadata } from '../../../../../connectors/dynamics365/sandbox/metadata/load/read-metadata.ts'
import { type Body, base, type DataPlane, dataPlane } from '../data-plane.ts'

const test = suite('writing definitions')
const crm = 'Microsoft.Dynamics.CRM.'

function label(text: string, code = 1033): Body {
  return { '@odata.type': `${crm}Label`, LocalizedLabels: [{ '@odata.type': `${crm}LocalizedLabel`, Label: text, LanguageCode: code }] }
}

/** As in the documentation's example of a bank account. */
const bankAccount = {
  '@odata.type': `${crm}EntityMetadata`,
  Attributes: [
    {
      AttributeType: 'String',
      AttributeTypeName: { Value: 'StringType' },
      Description: label('The name of the account'),
      DisplayName: label('Account Name'),
      IsPrimaryName: true,
      RequiredLevel: { Value: 'None', CanBeChanged: true, ManagedPropertyLogicalName: 'canmodifyrequirementlevelsettings' },
      SchemaName: 'new_AccountName',
      '@odata.type': `${crm}StringAttributeMetadata`,
      FormatName: { Value: 'Text' },
      MaxLength: 100,
    },
  ],
  Description: label('Where customers keep money'),
  DisplayCollectionName: label('Bank Accounts'),
  DisplayName: label('Bank Account'),
  HasActivities: false,
  HasNotes: true,
  IsActivity: false,
  OwnershipType: 'UserOwned',
  SchemaName: 'new_BankAccount',
}

const columns: Body[] = [
  { '@odata.type': `${crm}StringAttributeMetadata`, SchemaName: 'new_Iban', DisplayName: label('IBAN'), MaxLength: 34 },
  { '@odata.type': `${crm}MemoAttributeMetadata`, SchemaName: 'new_Remarks', MaxLength: 500 },
  { '@odata.type': `${crm}IntegerAttributeMetadata`, SchemaName: 'new_Rank', MinValue: 0, MaxValue: 9 },
  { '@odata.type': `${crm}BigIntAttributeMetadata`, SchemaName: 'new_Serial' },
  { '@odata.type': `${crm}DecimalAttributeMetadata`, SchemaName: 'new_Rate', Precision: 4, MinValue: 0, MaxValue: 100 },
  { '@odata.type': `${crm}DoubleAttributeMetadata`, SchemaName: 'new_Weight', Precision: 2 },
  { '@odata.type': `${crm}MoneyAttributeMetadata`, SchemaName: 'new_Balance', Precision: 2, PrecisionSource: 2 },
  {
    '@odata.type': `${crm}DateTimeAttributeMetadata`,
    SchemaName: 'new_Opened',
    DateTimeBehavior: { Value: 'DateOnly' },
    Format: 'DateOnly',
  },
  {
    '@odata.type': `${crm}BooleanAttributeMetadata`,
    SchemaName: 'new_Frozen',
    DefaultValue: false,
    OptionSet: {
      TrueOption: { Value: 1, Label: label('Frozen') },
      FalseOption: { Value: 0, Label: label('Free') },
      OptionSetType: 'Boolean',
    },
  },
  {
    '@odata.type': `${crm}PicklistAttributeMetadata`,
    SchemaName: 'new_Kind',
    OptionSet: {
      '@odata.type': `${crm}OptionSetMetadata`,
      IsGlobal: false,
      OptionSetType: 'Picklist',
      Options: [{ Value: 1, Label: label('Giro') }, { Label: label('Savings') }],
    },
  },
  { '@odata.type': `${crm}FileAttributeMetadata`, SchemaName: 'new_Contract', MaxSizeInKB: 1024 },
  { '@odata.type': `${crm}ImageAttributeMetadata`, SchemaName: 'new_Card', CanStoreFullImage: true },
]

async function post(plane: DataPlane, path: string, body: Body): Promise<string> {
  const { status, headers, text } = await plane.send('POST', path, body)
  if (status !== 204) throw new Error(`${path}: ${status} ${text}`)
  assert.ok(headers['OData-EntityId']?.startsWith(base))
  return headers['OData-EntityId']!
}

async function withBank(plane: DataPlane): Promise<void> {
  await post(plane, 'EntityDefinitions', bankAccount)
  for (const column of columns) await post(plane, "EntityDefinitions(LogicalName='new_bankaccount')/Attributes", column)
}

test('a table, columns of every type, a key and relationships; rows in them; all of it deleted again', async () => {
  const plane = dataPlane()
  const first = plane.organization.metadataVersion
  await withBank(plane)
  const table = (await plane.get("EntityDefinitions(LogicalName='new_bankaccount')?$expand=Keys,Attributes")).body
  assert.is(table.EntitySetName, 'new_bankaccounts')
  assert.is(table.DisplayName.UserLocalizedLabel.Label, 'Bank Account')
  assert.is(table.HasNotes, true)
  assert.ok(table.ObjectTypeCode > 10_000)
  const key = { SchemaName: 'new_IbanKey', DisplayName: label('IBAN'), KeyAttributes: ['new_iban'] }
  const address = await post(plane, "EntityDefinitions(LogicalName='new_bankaccount')/Keys", key)
  assert.match(address, new RegExp(`EntityDefinitions\\(${table.MetadataId}\\)/Keys\\([0-9a-f-]{36}\\)$`))
  await post(plane, 'RelationshipDefinitions', {
    '@odata.type': `${crm}OneToManyRelationshipMetadata`,
    SchemaName: 'new_account_bankaccount',
    ReferencedEntity: 'account',
    ReferencedAttribute: 'accountid',
    ReferencingEntity: 'new_bankaccount',
    CascadeConfiguration: {
      Assign: 'NoCascade',
      Delete: 'Cascade',
      Merge: 'NoCascade',
      Reparent: 'NoCascade',
      Share: 'NoCascade',
      Unshare: 'NoCascade',
    },
    Lookup: { '@odata.type': `${crm}LookupAttributeMetadata`, SchemaName: 'new_HolderId', DisplayName: label('Holder') },
  })
  await post(plane, 'RelationshipDefinitions', {
    '@odata.type': `${crm}ManyToManyRelationshipMetadata`,
    SchemaName: 'new_bankaccount_contact',
    Entity1LogicalName: 'new_bankaccount',
    Entity2LogicalName: 'contact',
    IntersectEntityName: 'new_bankaccount_contact',
  })
  assert.ok(plane.organization.metadataVersion >= first + columns.length + 4)

  const account = await plane.create('accounts', { name: 'Contoso' })
  const contact = await plane.create('contacts', { lastname: 'Ada' })
  const id = await plane.create('new_bankaccounts', {
    new_accountname: 'House',
    new_iban: 'DE1',
    new_rate: 1.25,
    new_balance: 10.5,
    new_opened: '2026-01-31',
    new_kind: 100000000,
    'new_HolderId@odata.bind': `/accounts(${account})`,
  })
  const pair = await plane.send('POST', `new_bankaccounts(${id})/new_bankaccount_contact/$ref`, {
    '@odata.id': `${base}/contacts(${contact})`,
  })
  assert.is(pair.status, 204)
  const from = `@t={'@odata.id':'accounts(${account})'}&@n='new_bankaccount'&@f=Microsoft.Dynamics.CRM.TargetFieldType'All'`
  const fresh = await plane.get(`InitializeFrom(EntityMoniker=@t,TargetEntityName=@n,TargetFieldType=@f)?${from}`)
  assert.match(fresh.body['new_HolderId@odata.bind'], account)
  const row = (
    await plane.get("new_bankaccounts(new_iban='DE1')?$expand=new_HolderId($select=name)", { prefer: 'odata.include-annotations="*"' })
  ).body
  assert.is(row.new_HolderId.name, 'Contoso')
  assert.is(row['new_kind@OData.Community.Display.V1.FormattedValue'], 'Savings')
  assert.is(row['new_frozen@OData.Community.Display.V1.FormattedValue'], 'Free')
  assert.is(row.new_balance_base, 10.5)
  assert.is(row.statecode, 0)
  const duplicate = await plane.send('POST', 'new_bankaccounts', { new_accountname: 'Second', new_iban: 'DE1' })
  assert.is(duplicate.status, 412)

  const inUse = await plane.send('DELETE', "EntityDefinitions(LogicalName='new_bankaccount')/Attributes(LogicalName='new_iban')")
  assert.is(inUse.body.error.code, '0x8004f01f')
  assert.is((await plane.send('DELETE', "EntityDefinitions(LogicalName='new_bankaccount')/Keys(LogicalName='new_ibankey')")).status, 204)
  for (const { SchemaName } of columns)
    assert.is(
      (await plane.send('DELETE', `EntityDefinitions(LogicalName='new_bankaccount')/Attributes(LogicalName='${SchemaName.toLowerCase()}')`))
        .status,
      204,
      SchemaName,
    )
  assert.is((await plane.send('DELETE', "RelationshipDefinitions(SchemaName='new_account_bankaccount')")).status, 204)
  const left = (await plane.get(`new_bankaccounts(${id})`)).body
  assert.equal(
    Object.keys(left).filter((name) => name.includes('new_')),
    ['new_bankaccountid', 'new_accountname'],
  )
  assert.is((await plane.send('DELETE', "EntityDefinitions(LogicalName='new_bankaccount')")).status, 204)
  assert.is((await plane.get('new_bankaccounts')).status, 404)
  assert.is((await plane.get(`contacts(${contact})?$expand=new_bankaccount_contact`)).status, 400)
  await withBank(plane)
  assert.equal((await plane.get('new_bankaccounts')).body.value, [])
})

test('what is served afterwards parses back to the same', async () => {
  const plane = dataPlane()
  await withBank(plane)
  const expand = '$expand=Attributes,Keys,ManyToOneRelationships,OneToManyRelationships,ManyToManyRelationships'
  const { text } = await plane.get(`EntityDefinitions?${expand}`)
  const other = dataPlane({ parts: [readMetadata(text, 'definitions.json')] })
  assert.is((await other.get('$metadata')).text, (await plane.get('$metadata')).text)
})

test('changes need the complete definition; labels in other languages are dropped unless they are merged', async () => {
  const plane = dataPlane()
  await withBank(plane)
  const path = "EntityDefinitions(LogicalName='new_bankaccount')/Attributes(LogicalName='new_iban')"
  const { '@odata.context': _, ...sent } = (await plane.get(path)).body
  assert.is(
    (await plane.send('PUT', path, { ...sent, MaxLength: 40, DisplayName: label('Kontonummer', 1031) }, { 'mscrm.mergelabels': 'true' }))
      .status,
    204,
  )
  const merged = (await plane.get(path)).body
  assert.is(merged.MaxLength, 40)
  assert.equal(
    merged.DisplayName.LocalizedLabels.map((one: Body) => one.Label),
    ['Kontonummer', 'IBAN'],
  )
  assert.is(merged.MetadataId, sent.MetadataId)
  await plane.send('PUT', path, { ...sent, DisplayName: label('Kontonummer', 1031) })
  assert.equal(
    (await plane.get(path)).body.DisplayName.LocalizedLabels.map((one: Body) => one.Label),
    ['Kontonummer'],
  )
  assert.is((await plane.send('PATCH', path, { MaxLength: 5 })).status, 405)
  const refused = await plane.send('PUT', path, { '@odata.type': `${crm}IntegerAttributeMetadata`, SchemaName: 'new_Iban' })
  assert.is(refused.status, 400)
})

test('a table is changed whole: change tracking begins', async () => {
  const plane = dataPlane()
  await withBank(plane)
  const track = { prefer: 'odata.track-changes' }
  assert.is((await plane.get('new_bankaccounts', track)).status, 400)
  const path = "EntityDefinitions(LogicalName='new_bankaccount')"
  const { '@odata.context': _, ...sent } = (await plane.get(path)).body
  assert.is((await plane.send('PUT', path, { ...sent, ChangeTrackingEnabled: true })).status, 204)
  const { body } = await plane.get('new_bankaccounts', track)
  assert.match(body['@odata.deltaLink'], /\$deltatoken=/)
})

test('global choices are shared, and stay while a column uses them', async () => {
  const plane = dataPlane()
  await withBank(plane)
  const address = await post(plane, 'GlobalOptionSetDefinitions', {
    '@odata.type': `${crm}OptionSetMetadata`,
    Name: 'new_Currency',
    IsGlobal: true,
    OptionSetType: 'Picklist',
    DisplayName: label('Currency'),
    Options: [{ Value: 5, Label: label('Euro'), Color: '#112233' }],
  })
  const id = /\(([^)]*)\)$/.exec(address)![1]!
  await post(plane, "EntityDefinitions(LogicalName='new_bankaccount')/Attributes", {
    '@odata.type': `${crm}PicklistAttributeMetadata`,
    SchemaName: 'new_Currency',
    'GlobalOptionSet@odata.bind': `/GlobalOptionSetDefinitions(${id})`,
  })
  const one = await plane.create('new_bankaccounts', { new_accountname: 'House', new_currency: 5 })
  assert.is((await plane.get(`new_bankaccounts(${one})`)).body.new_currency, 5)
  assert.is((await plane.send('DELETE', `GlobalOptionSetDefinitions(${id})`)).body.error.code, '0x8004f01f')
  await plane.send('DELETE', "EntityDefinitions(LogicalName='new_bankaccount')/Attributes(LogicalName='new_currency')")
  assert.is((await plane.send('DELETE', "GlobalOptionSetDefinitions(Name='new_currency')")).status, 204)
})

test('a key over rows that have the same values fails, and can be built once they differ', async () => {
  const plane = dataPlane()
  await withBank(plane)
  const [one] = [await plane.create('new_bankaccounts', { new_iban: 'A' }), await plane.create('new_bankaccounts', { new_iban: 'A' })]
  await post(plane, "EntityDefinitions(LogicalName='new_bankaccount')/Keys", { SchemaName: 'new_IbanKey', KeyAttributes: ['new_iban'] })
  const status = async () =>
    (await plane.get("EntityDefinitions(LogicalName='new_bankaccount')/Keys(LogicalName='new_ibankey')")).body.EntityKeyIndexStatus
  assert.is(await status(), 'Failed')
  const reactivate = () =>
    plane.send('POST', 'ReactivateEntityKey', { EntityLogicalName: 'new_bankaccount', EntityKeyLogicalName: 'new_ibankey' })
  assert.is((await reactivate()).status, 204)
  assert.is(await status(), 'Failed')
  await plane.send('PATCH', `new_bankaccounts(${one})`, { new_iban: 'B' })
  await reactivate()
  assert.is(await status(), 'Active')
  assert.is((await plane.get("new_bankaccounts(new_iban='B')")).body.new_bankaccountid, one)
})

test('a change set that fails takes definitions back with everything else', async () => {
  const plane = dataPlane()
  const part = (id: number, path: string, body: Body) =>
    `--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: ${id}\r\n\r\nPOST ${base}/${path} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(body)}\r\n`
  const set = `${part(1, 'EntityDefinitions', bankAccount)}${part(2, 'accounts', { nosuch: 1 })}--c--\r\n`
  const batch = `--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n${set}--b--\r\n`
  const before = plane.organization.metadataVersion
  const { text } = await plane.send('POST', '$batch', batch, { 'content-type': 'multipart/mixed; boundary=b' })
  assert.match(text, /HTTP\/1\.1 400/)
  assert.is(plane.organization.metadataVersion, before)
  assert.is((await plane.get('new_bankaccounts')).status, 404)
  await withBank(plane)
})

test('RetrieveMetadataChanges tells what was written since, and nothing else', async () => {
  const plane = dataPlane()
  const changes = async (stamp?: string): Promise<Body> => {
    const parts = stamp === undefined ? '' : 'ClientVersionStamp=@s,DeletedMetadataFilters=@d'
    const values = stamp === undefined ? '' : `?@s='${encodeURIComponent(stamp)}'&@d=${crm}DeletedMetadataFilters'All'`
    const { status, body, text } = await plane.get(`RetrieveMetadataChanges(${parts})${values}`)
    if (status !== 200) throw new Error(text)
    return body
  }
  const start = await changes()
  await withBank(plane)
  const made = await changes(start.ServerVersionStamp)
  const names = made.EntityMetadata.map((one: Body) => one.LogicalName)
  assert.ok(names.includes('new_bankaccount'))
  assert.not(names.includes('opportunity'), 'nothing of it changed')
  await plane.send('DELETE', "EntityDefinitions(LogicalName='new_bankaccount')/Attributes(LogicalName='new_iban')")
  const [table] = made.EntityMetadata.filter((one: Body) => one.LogicalName === 'new_bankaccount')
  const iban = table.Attributes.find((one: Body) => one.LogicalName === 'new_iban').MetadataId
  const after = await changes(made.ServerVersionStamp)
  assert.equal(after.EntityMetadata, [])
  assert.equal(after.DeletedMetadata, { Count: 1, IsReadOnly: false, Keys: ['Attribute'], Values: [{ Items: [iban] }] })
})

test('definitions outlive a restart', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'runner-test-'))
  const file = path.join(folder, 'organization.db')
  const before = dataPlane({ file })
  await withBank(before)
  const id = await before.create('new_bankaccounts', { new_accountname: 'House', new_rank: 3 })
  const version = before.organization.metadataVersion
  before.organization.close()
  const after = dataPlane({ file })
  assert.is((await after.get(`new_bankaccounts(${id})`)).body.new_rank, 3)
  assert.is(after.organization.metadataVersion, version)
  await post(after, "EntityDefinitions(LogicalName='new_bankaccount')/Attributes", {
    '@odata.type': `${crm}IntegerAttributeMetadata`,
    SchemaName: 'new_More',
  })
  assert.is((await after.get(`new_bankaccounts(${id})`)).body.new_more, null)
  after.organization.close()
  rmSync(folder, { recursive: true })
})

const wrong: [name: string, method: string, path: string, body: Body, status: number, code: string][] = [
  ['no prefix', 'POST', 'EntityDefinitions', { ...bankAccount, SchemaName: 'BankAccount' }, 400, '0x80044366'],
  [
    'a name that is no name',
    'POST',
    'EntityDefinitions',
    { ...bankAccount, SchemaName: 'new_a"; drop table account; --' },
    400,
    '0x80044366',
  ],
  ['no primary name', 'POST', 'EntityDefinitions', { ...bankAccount, Attributes: [] }, 400, '0x80040203'],
  [
    'a table that exists',
    'POST',
    'EntityDefinitions',
    { ...bankAccount, SchemaName: 'new_Taken', EntitySetName: 'accounts' },
    400,
    '0x80040203',
  ],
  ['an unknown property', 'POST', 'EntityDefinitions', { ...bankAccount, Colour: 'red' }, 400, '0x80048d19'],
  ['no object', 'POST', 'EntityDefinitions', '[]', 400, '0x80048d19'],
  ['a table of activities', 'POST', 'EntityDefinitions', { ...bankAccount, IsActivity: true }, 501, '0x80040219'],
  [
    'a lookup as a column',
    'POST',
    "EntityDefinitions(LogicalName='account')/Attributes",
    { '@odata.type': `${crm}LookupAttributeMetadata`, SchemaName: 'new_X' },
    400,
    '0x80040203',
  ],
  [
    'a column that exists',
    'POST',
    "EntityDefinitions(LogicalName='new_bankaccount')/Attributes",
    { '@odata.type': `${crm}StringAttributeMetadata`, SchemaName: 'new_IBAN' },
    400,
    '0x80047013',
  ],
  [
    'a length that is no number',
    'POST',
    "EntityDefinitions(LogicalName='account')/Attributes",
    { '@odata.type': `${crm}StringAttributeMetadata`, SchemaName: 'new_X', MaxLength: 'long' },
    400,
    '0x80040203',
  ],
  [
    'an option twice',
    'POST',
    "EntityDefinitions(LogicalName='account')/Attributes",
    {
      '@odata.type': `${crm}PicklistAttributeMetadata`,
      SchemaName: 'new_X',
      OptionSet: {
        Options: [
          { Value: 1, Label: label('A') },
          { Value: 1, Label: label('B') },
        ],
      },
    },
    400,
    '0x80040203',
  ],
  [
    'a key of a column that is not there',
    'POST',
    "EntityDefinitions(LogicalName='account')/Keys",
    { SchemaName: 'new_K', KeyAttributes: ['nosuch'] },
    400,
    '0x80040203',
  ],
  [
    'a key of a long text',
    'POST',
    "EntityDefinitions(LogicalName='account')/Keys",
    { SchemaName: 'new_K', KeyAttributes: ['description'] },
    400,
    '0x80040203',
  ],
  [
    'a relationship to no table',
    'POST',
    'RelationshipDefinitions',
    {
      '@odata.type': `${crm}OneToManyRelationshipMetadata`,
      SchemaName: 'new_R',
      ReferencedEntity: 'nosuch',
      ReferencingEntity: 'account',
      Lookup: { SchemaName: 'new_L' },
    },
    400,
    '0x80040203',
  ],
  ['a relationship without type', 'POST', 'RelationshipDefinitions', { SchemaName: 'new_R' }, 400, '0x80040203'],
  ['deleting a table of Microsoft', 'DELETE', "EntityDefinitions(LogicalName='account')", undefined, 400, '0x8004f032'],
  [
    'deleting a column of Microsoft',
    'DELETE',
    "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='telephone1')",
    undefined,
    400,
    '0x8004f032',
  ],
  [
    'deleting the primary name',
    'DELETE',
    "EntityDefinitions(LogicalName='new_bankaccount')/Attributes(LogicalName='new_accountname')",
    undefined,
    400,
    '0x80047002',
  ],
  [
    'deleting what belongs to another column',
    'DELETE',
    "EntityDefinitions(LogicalName='new_bankaccount')/Attributes(LogicalName='new_contract_name')",
    undefined,
    400,
    '0x80047016',
  ],
  [
    'deleting a relationship of Microsoft',
    'DELETE',
    "RelationshipDefinitions(SchemaName='contact_customer_accounts')",
    undefined,
    400,
    '0x8004f032',
  ],
  ['a prefix of Microsoft', 'POST', 'EntityDefinitions', { ...bankAccount, SchemaName: 'mscrm_Bank' }, 400, '0x80044366'],
  ['a table that SQLite has', 'POST', 'EntityDefinitions', { ...bankAccount, SchemaName: 'sqlite_Stat1' }, 501, '0x80040219'],
  ['a table that the sandbox has', 'POST', 'EntityDefinitions', { ...bankAccount, SchemaName: 'file_Content' }, 501, '0x80040219'],
  [
    'a set of definitions',
    'POST',
    'EntityDefinitions',
    { ...bankAccount, SchemaName: 'new_B', EntitySetName: 'RelationshipDefinitions' },
    400,
    '0x80040203',
  ],
  [
    'a picture whose id is the primary key',
    'POST',
    "EntityDefinitions(LogicalName='new_bankaccount')/Attributes",
    { '@odata.type': `${crm}ImageAttributeMetadata`, SchemaName: 'new_BankAccount' },
    400,
    '0x80047013',
  ],
  [
    'an amount whose twin is there',
    'POST',
    "EntityDefinitions(LogicalName='new_bankaccount')/Attributes",
    { '@odata.type': `${crm}StringAttributeMetadata`, SchemaName: 'new_Balance_Base' },
    400,
    '0x80047013',
  ],
  ...[
    { '@odata.type': `${crm}DoubleAttributeMetadata`, Precision: 101 },
    { '@odata.type': `${crm}StringAttributeMetadata`, MaxLength: 4001 },
    { '@odata.type': `${crm}IntegerAttributeMetadata`, MinValue: 2, MaxValue: 1 },
    { '@odata.type': `${crm}IntegerAttributeMetadata`, MaxValue: 2 ** 31 },
    { '@odata.type': `${crm}PicklistAttributeMetadata`, DefaultFormValue: 7 },
    { '@odata.type': `${crm}StringAttributeMetadata`, MaxLength: [] },
  ].map((body): (typeof wrong)[number] => [
    JSON.stringify(body),
    'POST',
    "EntityDefinitions(LogicalName='account')/Attributes",
    { ...body, SchemaName: 'new_X' },
    400,
    '0x80040203',
  ]),
  [
    'a relationship of a table with itself under one name',
    'POST',
    'RelationshipDefinitions',
    {
      '@odata.type': `${crm}OneToManyRelationshipMetadata`,
      SchemaName: 'new_Parent',
      ReferencedEntity: 'account',
      ReferencingEntity: 'account',
      Lookup: { SchemaName: 'new_Parent' },
    },
    400,
    '0x80040203',
  ],
  [
    'a navigation property that looks like a value',
    'POST',
    'RelationshipDefinitions',
    {
      '@odata.type': `${crm}OneToManyRelationshipMetadata`,
      SchemaName: 'new_R',
      ReferencedEntity: 'account',
      ReferencingEntity: 'contact',
      ReferencingEntityNavigationPropertyName: '_parentcustomerid_value',
      Lookup: { SchemaName: 'new_L' },
    },
    400,
    '0x80040203',
  ],
  ['a member of every JavaScript object', 'DELETE', "EntityDefinitions(LogicalName='account')/constructor", undefined, 404, '0x8006088a'],
  ['another one', 'GET', "EntityDefinitions(LogicalName='account')/__proto__", undefined, 404, '0x8006088a'],
  ['a table that is not there', 'DELETE', "EntityDefinitions(LogicalName='nosuch')", undefined, 404, '0x80060888'],
  ['a set as a whole', 'DELETE', 'EntityDefinitions', undefined, 405, '0x80060888'],
  ['a member that is no set', 'POST', "EntityDefinitions(LogicalName='account')", bankAccount, 405, '0x80060888'],
]

test('what cannot be written is refused with a reason, and nothing is changed', async () => {
  const plane = dataPlane()
  await withBank(plane)
  const version = plane.organization.metadataVersion
  const schema = (await plane.get('$metadata')).text
  for (const [name, method, address, body, status, code] of wrong) {
    const answer = await plane.send(method, address, body)
    assert.is(`${answer.status} ${answer.body.error.code}`, `${status} ${code}`, `${name}: ${answer.text}`)
  }
  assert.is(plane.organization.metadataVersion, version)
  assert.is((await plane.get('$metadata')).text, schema)
})

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

test('files and pictures go with their column, and stay when files of another table come', async () => {
  const plane = dataPlane()
  await withBank(plane)
  const { database } = plane.organization
  const contents = () => database.get('select count(*) as n from file_content')?.n
  const one = await plane.create('new_bankaccounts', { new_accountname: 'House', new_card: png })
  await plane.send('PATCH', `new_bankaccounts(${one})/new_contract`, 'text', { 'x-ms-file-name': 'a.txt' })
  assert.is(contents(), 2)
  const contract = { '@odata.type': `${crm}FileAttributeMetadata`, SchemaName: 'new_Contract' }
  await post(plane, "EntityDefinitions(LogicalName='account')/Attributes", contract)
  const expanded = await plane.get(`new_bankaccounts(${one})?$expand=new_bankaccount_FileAttachments($select=filename)`)
  assert.is(expanded.body.new_bankaccount_FileAttachments[0].filename, 'a.txt')
  const file = (await plane.get(`new_bankaccounts(${one})`)).body.new_contract
  assert.is((await plane.send('POST', 'DeleteFile', { FileId: file })).status, 204)
  await plane.send('PATCH', `new_bankaccounts(${one})/new_contract`, 'text', { 'x-ms-file-name': 'a.txt' })
  for (const name of ['new_card', 'new_contract'])
    await plane.send('DELETE', `EntityDefinitions(LogicalName='new_bankaccount')/Attributes(LogicalName='${name}')`)
  assert.is(contents(), 0)
  assert.equal((await plane.get('fileattachments')).body.value, [])
})

test('with a table goes what hangs on its rows, however deep; what a lookup of an activity points at is in use', async () => {
  const plane = dataPlane()
  await post(plane, 'EntityDefinitions', { ...bankAccount, HasActivities: true })
  await post(plane, 'RelationshipDefinitions', {
    '@odata.type': `${crm}OneToManyRelationshipMetadata`,
    SchemaName: 'new_bankaccount_task',
    ReferencedEntity: 'new_bankaccount',
    ReferencingEntity: 'task',
    Lookup: { SchemaName: 'new_Bank' },
  })
  const one = await plane.create('new_bankaccounts', { new_accountname: 'House' })
  const task = await plane.create('tasks', {
    subject: 'call',
    'regardingobjectid_new_bankaccount_task@odata.bind': `/new_bankaccounts(${one})`,
  })
  await plane.create('annotations', { subject: 'note', 'objectid_task@odata.bind': `/tasks(${task})` })
  const drop = () => plane.send('DELETE', "EntityDefinitions(LogicalName='new_bankaccount')")
  assert.is((await drop()).body.error.code, '0x8004f01f')
  await plane.send('DELETE', "RelationshipDefinitions(SchemaName='new_bankaccount_task')")
  assert.is((await drop()).status, 204)
  for (const set of ['tasks', 'annotations']) assert.equal((await plane.get(set)).body.value, [], set)
})

test('rows that go by two ways go once', async () => {
  const plane = dataPlane()
  await withBank(plane)
  for (const [target, name] of [
    ['account', 'new_Holder'],
    ['new_bankaccount', 'new_Parent'],
  ])
    await post(plane, 'RelationshipDefinitions', {
      '@odata.type': `${crm}OneToManyRelationshipMetadata`,
      SchemaName: `new_${target}_of`,
      ReferencedEntity: target,
      ReferencingEntity: 'new_bankaccount',
      CascadeConfiguration: { Delete: 'Cascade' },
      Lookup: { SchemaName: name },
    })
  const account = await plane.create('accounts', { name: 'A' })
  const holder = { 'new_Holder@odata.bind': `/accounts(${account})` }
  const parent = await plane.create('new_bankaccounts', holder)
  await plane.create('new_bankaccounts', { ...holder, 'new_Parent@odata.bind': `/new_bankaccounts(${parent})` })
  assert.is((await plane.send('DELETE', `accounts(${account})`)).status, 204)
  assert.equal((await plane.get('new_bankaccounts')).body.value, [])
})

test('maps and messages that a client deleted are not missed', async () => {
  const plane = dataPlane()
  await withBank(plane)
  const relationship = (name: string) => ({
    '@odata.type': `${crm}OneToManyRelationshipMetadata`,
    SchemaName: `new_account_${name}`,
    ReferencedEntity: 'account',
    ReferencingEntity: 'new_bankaccount',
    Lookup: { SchemaName: name },
  })
  await post(plane, 'RelationshipDefinitions', relationship('new_One'))
  const filters = "sdkmessagefilters?$filter=primaryobjecttypecode eq 'new_bankaccount'"
  const filter = (await plane.get(filters)).body.value[0].sdkmessagefilterid
  const map = (await plane.get("entitymaps?$filter=targetentityname eq 'new_bankaccount'")).body.value[0].entitymapid
  assert.is((await plane.send('DELETE', `sdkmessagefilters(${filter})`)).status, 204)
  assert.is((await plane.send('DELETE', `entitymaps(${map})`)).status, 204)
  await post(plane, 'RelationshipDefinitions', relationship('new_Two'))
  assert.is((await plane.send('DELETE', "EntityDefinitions(LogicalName='new_bankaccount')")).status, 204)
  assert.equal((await plane.get(filters)).body.value, [])
})

test('moments become days, and days nothing else', async () => {
  const plane = dataPlane()
  const moment = { '@odata.type': `${crm}DateTimeAttributeMetadata`, SchemaName: 'new_When' }
  await post(plane, "EntityDefinitions(LogicalName='account')/Attributes", moment)
  const one = await plane.create('accounts', { name: 'A', new_when: '2026-01-31T10:20:30Z' })
  const address = "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='new_when')"
  assert.is((await plane.send('PUT', address, { ...moment, DateTimeBehavior: { Value: 'DateOnly' } })).status, 204)
  assert.is((await plane.get(`accounts(${one})`)).body.new_when, '2026-01-31')
  assert.equal(await plane.names('accounts', 'new_when eq 2026-01-31'), ['A'])
  assert.is((await plane.send('PUT', address, { ...moment, DateTimeBehavior: { Value: 'UserLocal' } })).status, 400)
})

test('a key may be called as a lookup; labels of any characters leave the schema well-formed', async () => {
  const plane = dataPlane()
  await withBank(plane)
  await post(plane, 'RelationshipDefinitions', {
    '@odata.type': `${crm}OneToManyRelationshipMetadata`,
    SchemaName: 'new_account_bank',
    ReferencedEntity: 'account',
    ReferencingEntity: 'new_bankaccount',
    Lookup: { SchemaName: 'new_Same' },
  })
  await post(plane, "EntityDefinitions(LogicalName='new_bankaccount')/Keys", { SchemaName: 'new_Same', KeyAttributes: ['new_same'] })
  await post(plane, "EntityDefinitions(LogicalName='account')/Attributes", {
    '@odata.type': `${crm}StringAttributeMetadata`,
    SchemaName: 'new_Odd',
    Description: label('<b> & "c" ]]> \ud800 \u0000 \uffff'),
  })
  const { text } = await plane.get('$metadata?annotations=true')
  assert.ok(text.isWellFormed())
  assert.match(text, '&lt;b&gt; &amp; &quot;c&quot; ]]&gt;')
  assert.not.match(text, /\p{Cc}|\uffff/u)
})

test('of several relationships of a lookup one goes, with what it holds', async () => {
  const plane = dataPlane({
    parts: [
      {
        tables: [
          {
            logicalName: 'new_paper',
            entitySetName: 'new_papers',
            schemaName: 'new_Paper',
            objectTypeCode: 10_100,
            primaryId: 'new_paperid',
            primaryName: 'new_name',
            ownership: 'OrganizationOwned',
            custom: true,
            columns: [
              { name: 'new_paperid', type: 'Uniqueidentifier' },
              { name: 'new_name', type: 'String' },
              { name: 'versionnumber', type: 'BigInt', readOnly: true },
              { name: 'new_about', type: 'Lookup' },
            ],
            lookups: ['account', 'contact'].map((target) => ({
              column: 'new_about',
              navigation: `new_about_${target}`,
              target,
              collection: `new_${target}_papers`,
            })),
          },
        ],
      },
    ],
  })
  const [account, contact] = [await plane.create('accounts', { name: 'A' }), await plane.create('contacts', { lastname: 'B' })]
  await plane.create('new_papers', { new_name: '1', 'new_about_account@odata.bind': `/accounts(${account})` })
  await plane.create('new_papers', { new_name: '2', 'new_about_contact@odata.bind': `/contacts(${contact})` })
  assert.is((await plane.send('DELETE', "RelationshipDefinitions(SchemaName='new_account_papers')")).status, 204)
  const { body } = await plane.get('new_papers?$select=_new_about_value&$orderby=new_name')
  assert.equal(
    body.value.map((one: Body) => one._new_about_value),
    [null, contact],
  )
})

test('privileges are asked for', async () => {
  const plane = dataPlane()
  const { userId } = plane
  const other = dataPlane({ privileges: [{ user: userId, privilege: 'prvCreateEntity', held: false }] })
  const { status, body } = await other.send('POST', 'EntityDefinitions', bankAccount)
  assert.is(status, 403)
  assert.match(body.error.message, /prvCreateEntity/)
})

test.run()
