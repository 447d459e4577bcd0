import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harbor } from '../contract/harbor.ts'
import { type Body, base, dataPlane } from '../data-plane.ts'

const test = suite('definitions of the tables that the sheet tells of')
const plane = dataPlane({ parts: [harbor] })
const vessel = "EntityDefinitions(LogicalName='hrb_vessel')"
const namespace = 'Microsoft.Dynamics.CRM'
const get = async (path: string, headers?: Record<string, string>): Promise<Body> => {
  const { status, body, text } = await plane.get(path, headers)
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`)
  return body
}
const names = async (path: string, name = 'LogicalName') => (await get(path)).value.map((one: Body) => one[name])
const column = (name: string, type: string) => get(`${vessel}/Attributes(LogicalName='${name}')/${namespace}.${type}AttributeMetadata`)

test('contexts tell what was asked for', async () => {
  const context = async (path: string) => (await get(path))['@odata.context'].slice(`${base}/$metadata#`.length)
  const cast = `${vessel}/Attributes(LogicalName='hrb_class')/${namespace}.PicklistAttributeMetadata`
  assert.is(
    await context(`${cast}?$select=LogicalName&$expand=OptionSet`),
    `EntityDefinitions('hrb_vessel')/Attributes/${namespace}.PicklistAttributeMetadata(LogicalName,OptionSet())/$entity`,
  )
  assert.is(
    await context('EntityDefinitions?$select=LogicalName,EntitySetName,PrimaryIdAttribute'),
    'EntityDefinitions(LogicalName,EntitySetName,PrimaryIdAttribute)',
  )
  assert.is(
    await context(`${vessel}?$select=LogicalName&$expand=Keys($select=KeyAttributes)`),
    'EntityDefinitions(LogicalName,Keys(KeyAttributes))/$entity',
  )
  assert.is(await context(vessel), 'EntityDefinitions/$entity')
})

test('each type of column has its own properties after a cast', async () => {
  assert.equal((await column('hrb_operator', 'Lookup')).Targets, ['account'])
  assert.is((await column('hrb_cert', 'File')).MaxSizeInKB, 32768)
  assert.equal((await column('hrb_sailing', 'DateTime')).DateTimeBehavior, { Value: 'TimeZoneIndependent' })
  assert.equal((await column('hrb_built', 'DateTime')).Format, 'DateOnly')
  const { MinValue, MaxValue } = await column('hrb_crewcount', 'Integer')
  assert.equal([MinValue, MaxValue], [0, 500])
  const cargo = await column('hrb_cargo', 'MultiSelectPicklist')
  assert.equal([cargo.AttributeType, cargo.AttributeTypeName], ['Virtual', { Value: 'MultiSelectPicklistType' }])
  assert.not('@odata.type' in cargo)
  assert.is((await plane.get(`${vessel}/Attributes/${namespace}.EnumAttributeMetadata`)).status, 400)
  assert.is((await plane.get(`${vessel}/Attributes?$select=Targets`)).status, 400)
})

test('images, money, decimals, statuses and yes-no have theirs too', async () => {
  const photo = await column('hrb_photo', 'Image')
  assert.equal([photo.MaxSizeInKB, photo.CanStoreFullImage, photo.IsPrimaryImage], [10240, true, true])
  assert.is((await get(vessel)).PrimaryImageAttribute, 'hrb_photo')
  const rate = await column('hrb_rate', 'Money')
  assert.equal([rate.Precision, rate.PrecisionSource, rate.MinValue, rate.MaxValue], [4, 2, 0, 1_000_000])
  const tonnage = await column('hrb_tonnage', 'Decimal')
  assert.equal([tonnage.Precision, tonnage.MinValue, tonnage.MaxValue], [10, 0, 100_000_000_000])
  const expanded = (name: string, type: string) =>
    get(`${vessel}/Attributes(LogicalName='${name}')/${namespace}.${type}AttributeMetadata?$select=LogicalName&$expand=OptionSet`)
  const { Options: statuses } = (await expanded('statuscode', 'Status')).OptionSet
  assert.equal(
    statuses.map((one: Body) => [one.Value, one.State, one.Label.UserLocalizedLabel.Label]),
    [
      [1, 0, 'Active'],
      [100000010, 0, 'Laid up'],
      [2, 1, 'Inactive'],
    ],
  )
  const { TrueOption, FalseOption } = (await expanded('hrb_active', 'Boolean')).OptionSet
  const shown = ({ Value, Label }: Body) => [Value, Label.UserLocalizedLabel.Label]
  assert.equal(
    [shown(TrueOption), shown(FalseOption)],
    [
      [1, 'Yes'],
      [0, 'No'],
    ],
  )
})

test('switches tell what becomes of orders, and of the cast to the base of choices', async () => {
  const other = dataPlane({ parts: [harbor], switches: { definition_order_and_top: 'ignore', enum_cast_status: 404 } })
  const cast = `${vessel}/Attributes/${namespace}.EnumAttributeMetadata`
  const ordered = 'EntityDefinitions?$select=LogicalName&$top=1&$orderby=LogicalName'
  assert.equal([(await plane.get(cast)).status, (await plane.get(ordered)).status], [400, 400])
  const { status, body } = await other.get(ordered)
  assert.is(status, 200)
  assert.ok(body.value.length > 1)
  assert.is((await other.get(cast)).status, 404)
})

test('shadow columns are in the metadata, and are no properties of rows', async () => {
  const shadows = (await get(`${vessel}/Attributes?$select=LogicalName,AttributeOf&$filter=AttributeOf ne null`)).value
  const of = (name: string) => shadows.find((one: Body) => one.LogicalName === name)?.AttributeOf
  assert.equal([of('hrb_classname'), of('hrb_operatorname')], ['hrb_class', 'hrb_operator'])
  assert.is((await plane.get('hrb_vessels?$select=hrb_classname')).status, 400)
})

test('options are expanded with options of their own', async () => {
  const body = await get(
    `${vessel}/Attributes(LogicalName='hrb_class')/${namespace}.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet($select=Options),GlobalOptionSet($select=Options)`,
  )
  assert.equal(Object.keys(body.OptionSet).sort(), ['MetadataId', 'Options'])
  assert.is(body.OptionSet.Options[0].Label.UserLocalizedLabel.Label, 'Bulk carrier')
  assert.is(body.GlobalOptionSet, null)
  const colour = await get(
    `${vessel}/Attributes(LogicalName='hrb_colour')/${namespace}.PicklistAttributeMetadata?$select=LogicalName&$expand=GlobalOptionSet($select=Name)`,
  )
  assert.is(colour.GlobalOptionSet.Name, 'hrb_colour')
  assert.is((await get("GlobalOptionSetDefinitions(Name='hrb_colour')")).IsGlobal, true)
  assert.is((await plane.get("GlobalOptionSetDefinitions?$filter=Name eq 'hrb_colour'")).status, 400)
})

test('relationships are found from either side and by type', async () => {
  const parents = `RelationshipDefinitions/${namespace}.OneToManyRelationshipMetadata?$select=SchemaName&$filter=ReferencedEntity eq 'hrb_vessel'`
  assert.equal(await names(parents, 'SchemaName'), ['hrb_vessel_FileAttachments', 'hrb_vessel_port_calls'])
  const [pair] = (await get(`${vessel}/ManyToManyRelationships`)).value
  assert.equal(
    [pair.Entity1LogicalName, pair.Entity2LogicalName, pair.IntersectEntityName, pair.Entity2IntersectAttribute],
    ['hrb_vessel', 'contact', 'hrb_vessel_contact', 'contactid'],
  )
  const keys = (await get(`${vessel}?$select=LogicalName&$expand=Keys($select=LogicalName,KeyAttributes,EntityKeyIndexStatus)`)).Keys
  assert.equal([keys[0].KeyAttributes, keys[0].EntityKeyIndexStatus], [['hrb_imo'], 'Active'])
})

test('filters take managed properties by path and refuse labels and other enumerations', async () => {
  const custom = await names('EntityDefinitions?$select=LogicalName&$filter=CanCreateAttributes/Value eq true and IsCustomEntity eq true')
  assert.equal(custom.sort(), ['hrb_log', 'hrb_port_call', 'hrb_port_call_task', 'hrb_vessel'])
  assert.is((await plane.get("EntityDefinitions?$filter=DisplayName/UserLocalizedLabel/Label eq 'Vessel'")).status, 400)
  assert.is((await plane.get("EntityDefinitions?$filter=OwnershipType eq Microsoft.Dynamics.CRM.OptionSetType'State'")).status, 400)
  assert.ok(
    (await names(`EntityDefinitions?$select=LogicalName&$filter=OwnershipType eq ${namespace}.OwnershipTypes'UserOwned'`)).includes(
      'hrb_vessel',
    ),
  )
})

test('the version of the metadata comes on request', async () => {
  const name = `${namespace}.globalmetadataversion`
  assert.type((await get(vessel, { prefer: `odata.include-annotations="${name}"` }))[`@${name}`], 'string')
  assert.not(`@${name}` in (await get(vessel)))
})

test.run()
