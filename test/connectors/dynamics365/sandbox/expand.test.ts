import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harbor } from './contract/harbor.ts'
import { type Body, base, type DataPlane, dataPlane } from './data-plane.ts'

const test = suite('$expand on the sandbox')

/** Two vessels, one with an operator and three port calls, one of which has a task. */
async function port(): Promise<DataPlane & { ids: Record<string, string> }> {
  const plane = dataPlane({ parts: [harbor] })
  const ids: Record<string, string> = {}
  ids.ada = await plane.create('contacts', { lastname: 'Byron' })
  ids.lines = await plane.create('accounts', { name: 'North Sea Lines', 'primarycontactid@odata.bind': `/contacts(${ids.ada})` })
  ids.petrel = await plane.create('hrb_vessels', { hrb_name: 'Petrel', 'hrb_Operator@odata.bind': `/accounts(${ids.lines})` })
  ids.fulmar = await plane.create('hrb_vessels', { hrb_name: 'Fulmar' })
  for (const name of ['Oslo', 'Bergen', 'Moss'])
    ids[name] = await plane.create('hrb_port_calls', { hrb_name: name, 'hrb_Vessel@odata.bind': `/hrb_vessels(${ids.petrel})` })
  await plane.create('hrb_port_call_tasks', { subject: 'Pilot', 'hrb_Port_Call@odata.bind': `/hrb_port_calls(${ids.Oslo})` })
  await plane.send('POST', `hrb_vessels(${ids.petrel})/hrb_vessel_contact/$ref`, { '@odata.id': `${base}/contacts(${ids.ada})` })
  return { ...plane, ids }
}

async function expanded({ get, ids }: DataPlane & { ids: Record<string, string> }, query: string, prefer = ''): Promise<Body> {
  const { status, body, text } = await get(`hrb_vessels(${ids.petrel})?$select=hrb_name&$expand=${query}`, prefer === '' ? {} : { prefer })
  if (status !== 200) throw new Error(text)
  return body
}

test('a lookup is an object without etag, filtered away as null, and expands further', async () => {
  const plane = await port()
  const { ids } = plane
  assert.equal((await expanded(plane, "hrb_Operator($select=name;$filter=name eq 'Other')")).hrb_Operator, null)
  const body = await expanded(plane, 'hrb_Operator($select=name;$expand=primarycontactid($select=lastname))')
  assert.equal(body.hrb_Operator, {
    name: 'North Sea Lines',
    accountid: ids.lines,
    primarycontactid: { lastname: 'Byron', contactid: ids.ada },
  })
  assert.is(body['@odata.context'], `${base}/$metadata#hrb_vessels(hrb_name,hrb_Operator(name,primarycontactid(lastname)))/$entity`)
  const none = (await plane.get(`hrb_vessels(${ids.fulmar})?$expand=hrb_Operator($expand=primarycontactid)`)).body
  assert.is(none.hrb_Operator, null)
})

test('/$ref gives the address of a lookup, and brings its value', async () => {
  const plane = await port()
  const body = await expanded(plane, 'hrb_Operator/$ref')
  assert.equal(body.hrb_Operator, { '@odata.id': `${base}/accounts(${plane.ids.lines})` })
  assert.is(body._hrb_operator_value, plane.ids.lines)
})

test('owners show the key that users and teams have in common', async () => {
  const plane = await port()
  const body = await expanded(plane, 'ownerid,owninguser($select=fullname)')
  assert.equal(body.ownerid, { '@odata.type': '#Microsoft.Dynamics.CRM.systemuser', ownerid: plane.userId })
  assert.equal(body.owninguser, { fullname: 'Sandbox User', systemuserid: plane.userId, ownerid: plane.userId })
})

test('a single level sends all children, with etag and foreign key, and the bare address of the collection', async () => {
  const plane = await port()
  const { ids } = plane
  const body = await expanded(
    plane,
    'hrb_vessel_port_calls($select=hrb_name;$filter=statecode eq 0;$orderby=hrb_name desc;$top=2),hrb_vessel_contact($select=lastname)',
    'odata.maxpagesize=1',
  )
  assert.equal(
    body.hrb_vessel_port_calls.map((row: Body) => [row.hrb_name, row._hrb_vessel_value]),
    [
      ['Oslo', ids.petrel],
      ['Moss', ids.petrel],
    ],
  )
  assert.match(body.hrb_vessel_port_calls[0]['@odata.etag'], /^W\/"\d+"$/)
  assert.is(
    body['hrb_vessel_port_calls@odata.nextLink'],
    `${base}/hrb_vessels(${ids.petrel})/hrb_vessel_port_calls?$select=hrb_name&$filter=statecode%20eq%200&$orderby=hrb_name%20desc&$top=2`,
  )
  assert.equal(
    body.hrb_vessel_contact.map((row: Body) => row.lastname),
    ['Byron'],
  )
})

test('with a nested expansion children come in pages, without etag, and their link goes on', async () => {
  const plane = await port()
  const query = 'hrb_vessel_port_calls($select=hrb_name;$expand=hrb_port_call_tasks($select=subject))'
  const prefer = 'odata.maxpagesize=1'
  const body = await expanded(plane, query, prefer)
  const calls: Body[] = [...body.hrb_vessel_port_calls]
  assert.equal(Object.keys(calls[0]).includes('@odata.etag'), false)
  let link: string | undefined = body['hrb_vessel_port_calls@odata.nextLink']
  assert.match(link!, '$skiptoken=%3Ccookie')
  while (link !== undefined) {
    const { body: page } = await plane.get(link, { prefer })
    assert.is(page.value.length, 1)
    calls.push(...page.value)
    link = page['@odata.nextLink']
  }
  assert.equal(calls.map((row) => row.hrb_name).sort(), ['Bergen', 'Moss', 'Oslo'])
  assert.equal(
    calls.flatMap((row) => row.hrb_port_call_tasks).map((row: Body) => row.subject),
    ['Pilot'],
  )
  const complete = await expanded(plane, query)
  assert.is(complete.hrb_vessel_port_calls.length, 3)
  assert.not('hrb_vessel_port_calls@odata.nextLink' in complete)
})

test('what the documentation forbids is refused in its words', async () => {
  const { get } = await port()
  const only =
    'Only $select and $filter clause can be provided while doing $expand on many-to-one relationship or nested one-to-many relationship.'
  const fifteen = Array.from({ length: 15 }, () => 'createdby').join(',')
  for (const [query, message] of [
    ['hrb_vessel_port_calls/$ref', 'Expand with $ref is only supported on lookup type navigation property.'],
    ['hrb_Operator($top=1)', only],
    ['hrb_vessel_port_calls($top=1;$expand=hrb_port_call_tasks)', only],
    ['hrb_vessel_port_calls($expand=hrb_port_call_tasks($orderby=subject))', only],
    [
      'hrb_vessel_contact,hrb_Operator($expand=primarycontactid)',
      "The navigation property 'hrb_vessel_contact' cannot be expanded. Only many-to-one relationships are supported for nested expansion.",
    ],
    ['ownerid($select=fullname)', "Could not find a property named 'fullname' on type 'Microsoft.Dynamics.CRM.principal'."],
    [`hrb_Operator($expand=${fifteen})`, 'The number of $expand options exceeds the limit of 15.'],
    ['hrb_vessel_port_calls($count=true)', 'The query parameter $count is not supported inside $expand'],
  ]) {
    const { status, body } = await get(`hrb_vessels?$expand=${query}`)
    assert.equal([status, body.error], [400, { code: '0x80060888', message }], query)
  }
  assert.is((await get('hrb_vessels?$expand=*')).status, 501)
  assert.is((await get(`hrb_vessels?$expand=${fifteen.slice(0, -',createdby'.length)}`)).status, 200)
})

test('addresses of the rows in a collection and behind a lookup', async () => {
  const { get, ids, userId } = await port()
  const row = `hrb_vessels(${ids.petrel})`
  const { body } = await get(`${row}/hrb_vessel_port_calls/$ref?$orderby=hrb_name&$filter=hrb_name ne 'Moss'&$count=true`)
  assert.equal(body, {
    '@odata.context': `${base}/$metadata#Collection($ref)`,
    '@odata.count': 2,
    value: [ids.Bergen, ids.Oslo].map((id) => ({ '@odata.id': `${base}/hrb_port_calls(${id})` })),
  })
  const paged = (await get(`${row}/hrb_vessel_port_calls/$ref`, { prefer: 'odata.maxpagesize=2' })).body
  assert.is((await get(paged['@odata.nextLink'], { prefer: 'odata.maxpagesize=2' })).body.value.length, 1)
  assert.equal((await get(`${row}/hrb_vessel_contact/$ref`)).body.value, [{ '@odata.id': `${base}/contacts(${ids.ada})` }])
  assert.is((await get(`${row}/hrb_vessel_contact/$count`)).text, '\uFEFF1')
  assert.equal((await get(`${row}/hrb_Operator/$ref`)).body, {
    '@odata.context': `${base}/$metadata#$ref`,
    '@odata.id': `${base}/accounts(${ids.lines})`,
  })
  assert.is((await get(`hrb_vessels(${ids.fulmar})/hrb_Operator/$ref`)).status, 204)
  // Of a user or of a team.
  assert.is((await get(`${row}/ownerid/$ref`)).body['@odata.id'], `${base}/systemusers(${userId})`)
})

test.run()
