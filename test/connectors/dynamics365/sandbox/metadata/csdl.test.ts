import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseCsdl } from '../../../../../connectors/dynamics365/sandbox/metadata/csdl/read.ts'
import { harbor } from '../contract/harbor.ts'
import { dataPlane } from '../data-plane.ts'

const test = suite('$metadata')
const plane = dataPlane({ parts: [harbor] })
const document = async (path = '$metadata', headers?: Record<string, string>) => {
  const { status, text, headers: answered } = await plane.get(path, headers)
  assert.is(status, 200, text)
  assert.is(answered['Content-Type'], 'application/xml')
  return text
}
const typeOf = (text: string, name: string) => new RegExp(`<EntityType Name="${name}" .*?</EntityType>`, 's').exec(text)![0]

test('is well-formed, and no type that it names is missing', async () => {
  const text = await document()
  assert.ok(parseCsdl(text).entityTypes.has('hrb_vessel'))
  const declared = new Set([...text.matchAll(/<(?:EntityType|ComplexType|EnumType) Name="(\w+)"/g)].map(([, name]) => name))
  const named = new Set([...text.matchAll(/mscrm\.(\w+)/g)].map(([, name]) => name))
  assert.equal(
    [...named].filter((name) => !declared.has(name)),
    [],
  )
})

test('partners lead back, and constraints name properties', async () => {
  const { entityTypes } = parseCsdl(await document())
  for (const type of entityTypes.values())
    for (const { name, type: target, partner, property } of type.navigations) {
      const properties = [type, entityTypes.get(type.baseType)].flatMap((one) => one?.properties.map((each) => each.name))
      assert.ok(property === undefined || properties.includes(property), `${type.name}.${name}`)
      if (partner === undefined) continue
      const back = entityTypes.get(target)!.navigations.find((one) => one.name === partner)
      assert.is(back?.partner, name, `${type.name}.${name}`)
    }
})

test('describes the example table', async () => {
  const text = await document()
  const vessel = typeOf(text, 'hrb_vessel')
  for (const part of [
    '<EntityType Name="hrb_vessel" BaseType="mscrm.crmbaseentity">',
    '<Key><PropertyRef Name="hrb_vesselid"/></Key>',
    '<Property Name="hrb_vesselid" Type="Edm.Guid"/>',
    '<Property Name="hrb_name" Type="Edm.String" Unicode="false"/>',
    '<Property Name="_hrb_operator_value" Type="Edm.Guid"><Annotation Term="Org.OData.Core.V1.Computed" Bool="true"/></Property>',
    '<Property Name="hrb_built" Type="Edm.Date"/>',
    '<Property Name="hrb_sailing" Type="Edm.DateTimeOffset"/>',
    '<Property Name="hrb_photo" Type="Edm.Binary"/>',
    '<Property Name="hrb_cert" Type="Edm.Guid"/>',
    '<Property Name="hrb_class" Type="Edm.Int32"/>',
    '<NavigationProperty Name="hrb_Operator" Type="mscrm.account" Nullable="false" Partner="hrb_account_vessels"><ReferentialConstraint Property="_hrb_operator_value" ReferencedProperty="accountid"/></NavigationProperty>',
    '<NavigationProperty Name="hrb_vessel_port_calls" Type="Collection(mscrm.hrb_port_call)" Partner="hrb_Vessel"/>',
    '<NavigationProperty Name="hrb_vessel_contact" Type="Collection(mscrm.contact)" Partner="hrb_vessel_contact"/>',
    '<PropertyValue Property="Alias" String="hrb_imo"/><PropertyValue Property="Name" PropertyPath="hrb_imo"/>',
    '<PropertyValue Property="Name" PropertyPath="_hrb_operator_value"/>',
  ])
    assert.ok(vessel.includes(part), part)
  assert.ok(
    text.includes(
      '<EntitySet Name="hrb_vessels" EntityType="Microsoft.Dynamics.CRM.hrb_vessel"><NavigationPropertyBinding Path="createdby" Target="systemusers"/>',
    ),
  )
  assert.ok(text.includes('<NavigationPropertyBinding Path="hrb_Operator" Target="accounts"/>'))
})

test('a lookup to several tables has a navigation property for each', async () => {
  const { navigations } = parseCsdl(await document()).entityTypes.get('hrb_port_call_task')!
  assert.equal(
    navigations
      .filter(({ property }) => property === '_hrb_pilot_value')
      .map(({ name, type }) => [name, type])
      .sort(),
    [
      ['hrb_Pilot_account', 'account'],
      ['hrb_Pilot_contact', 'contact'],
    ],
  )
})

test('activities, users and teams inherit their key and what they share', async () => {
  const { entityTypes } = parseCsdl(await document())
  const own = (name: string) => entityTypes.get(name)!.properties.map((one) => one.name)
  for (const [name, base] of [
    ['task', 'activitypointer'],
    ['email', 'activitypointer'],
    ['systemuser', 'principal'],
    ['team', 'principal'],
  ] as const)
    assert.is(entityTypes.get(name)!.baseType, base)
  assert.equal(entityTypes.get('task')!.key, ['activityid'])
  assert.equal(entityTypes.get('team')!.key, ['ownerid'])
  assert.ok(own('activitypointer').includes('subject'))
  assert.not(own('task').includes('subject'))
  assert.ok(own('task').includes('percentcomplete'))
})

test('functions and actions are there with what they are bound to, private ones are not', async () => {
  const text = await document()
  assert.ok(text.includes('<Function Name="WhoAmI"><ReturnType Type="mscrm.WhoAmIResponse" Nullable="false"/></Function>'))
  assert.ok(text.includes('<FunctionImport Name="WhoAmI" Function="Microsoft.Dynamics.CRM.WhoAmI"/>'))
  assert.ok(text.includes('<Action Name="CreateMultiple" IsBound="true">'))
  assert.ok(text.includes('<Action Name="QualifyLead" IsBound="true"><Parameter Name="entity" Type="mscrm.lead" Nullable="false"/>'))
  for (const api of harbor.customApis ?? []) assert.is(text.includes(`Name="${api.name}"`), api.private !== true, api.name)
})

test('descriptions and change tracking come when asked for', async () => {
  const part = {
    tables: [{ ...harbor.tables![0]!, description: 'Ships & boats' }, ...harbor.tables!.slice(1)],
  }
  const described = dataPlane({ parts: [{ ...harbor, ...part }] })
  const tracked = /<Annotation Term="Org.OData.Capabilities.V1.ChangeTracking">/
  const plain = (await described.get('$metadata')).text
  assert.not.match(plain, 'Ships')
  assert.not.match(plain, tracked)
  const asked = await described.get('$metadata', { prefer: 'odata.include-annotations="*"' })
  assert.is(asked.headers['Preference-Applied'], 'odata.include-annotations="*"')
  for (const text of [asked.text, (await described.get('$metadata?annotations=true')).text]) {
    assert.match(text, tracked)
    assert.ok(text.includes('<Annotation Term="Org.OData.Core.V1.Description" String="Ships &amp; boats"/>'))
  }
})

test('a switch marks only texts that are ASCII', async () => {
  const strict = dataPlane({ parts: [harbor], switches: { unicode_facet: 'ascii_only' } })
  const { text } = await strict.get('$metadata')
  const vessel = typeOf(text, 'hrb_vessel')
  assert.ok(vessel.includes('<Property Name="hrb_name" Type="Edm.String"/>'))
  assert.ok(vessel.includes('<Property Name="hrb_cargo" Type="Edm.String" Unicode="false"/>'))
})

test.run()
