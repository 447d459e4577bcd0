import { DynamicsWebApi } from 'dynamics-web-api'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSandbox } from '../../../../../connectors/dynamics365/sandbox/start.ts'
import type { RunningSandbox } from '../../../../../runner/connector/index.ts'
import { harbor } from '../contract/harbor.ts'

interface Context {
  sandbox: RunningSandbox
  api: DynamicsWebApi
}

// biome-ignore lint/suspicious/noExplicitAny: the client's own answers are untyped
type Row = any

const client = suite<Context>('dynamics-web-api, unmodified')

client.before(async (context) => {
  context.sandbox = await startSandbox({ parts: [harbor] })
  const { tenant, client_id, client_secret } = context.sandbox.settings as Record<string, string>
  const { url } = context.sandbox
  context.api = new DynamicsWebApi({
    serverUrl: url,
    dataApi: { version: '9.2' },
    async onTokenRefresh() {
      const grant = { grant_type: 'client_credentials', client_id: client_id!, client_secret: client_secret!, scope: `${url}/.default` }
      const answer = await fetch(`${url}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(grant) })
      return ((await answer.json()) as { access_token: string }).access_token
    },
  })
})
client.after(({ sandbox }) => sandbox.close())

const create = (api: DynamicsWebApi, name: string, more: object = {}): Promise<string> =>
  api.create({ collection: 'hrb_vessels', data: { hrb_name: name, ...more } })

client('create, retrieve, update with an etag, upsert, delete', async ({ api }) => {
  const id = await create(api, 'MV Petrel', { hrb_imo: '9074729', hrb_tonnage: 18450.5 })
  const vessel: Row = await api.retrieve({
    collection: 'hrb_vessels',
    key: id,
    select: ['hrb_name', 'hrb_tonnage'],
    includeAnnotations: '*',
  })
  assert.equal([vessel.hrb_name, vessel.hrb_tonnage], ['MV Petrel', 18450.5])
  await api.update({ collection: 'hrb_vessels', key: id, data: { hrb_name: 'MV Fulmar' }, ifmatch: vessel['@odata.etag'] })
  const stale = await api
    .update({ collection: 'hrb_vessels', key: id, data: { hrb_name: 'x' }, ifmatch: vessel['@odata.etag'] })
    .catch((e) => e)
  assert.ok(stale === false || stale.status === 412, String(stale))
  await api.upsert({ collection: 'hrb_vessels', key: "hrb_imo='9074729'", data: { hrb_active: false } })
  await api.upsert({ collection: 'hrb_vessels', key: "hrb_imo='9074730'", data: { hrb_name: 'MV Skua' } })
  const made: Row = await api.retrieve({ collection: 'hrb_vessels', key: "hrb_imo='9074730'", select: ['hrb_name'] })
  assert.is(made.hrb_name, 'MV Skua')
  await api.updateSingleProperty({ collection: 'hrb_vessels', key: id, fieldValuePair: { hrb_name: 'MV Tern' } })
  assert.is(await api.deleteRecord({ collection: 'hrb_vessels', key: id }), true)
  const gone = await api.retrieve({ collection: 'hrb_vessels', key: id }).catch((error) => error)
  assert.is(gone.status, 404)
})

client('create with representation, and rows nested in it', async ({ api }) => {
  const row: Row = await api.create({
    collection: 'hrb_vessels',
    data: { hrb_name: 'MV Gannet', hrb_Operator: { name: 'North Sea Lines' }, hrb_vessel_port_calls: [{ hrb_name: 'Rotterdam' }] },
    returnRepresentation: true,
    select: ['hrb_name'],
    expand: [{ property: 'hrb_Operator', select: ['name'] }],
  })
  assert.is(row.hrb_Operator.name, 'North Sea Lines')
  const read: Row = await api.retrieve({
    collection: 'hrb_vessels',
    key: row.hrb_vesselid,
    select: ['hrb_name'],
    expand: [{ property: 'hrb_vessel_port_calls', select: ['hrb_name'] }],
  })
  assert.equal(
    read.hrb_vessel_port_calls.map((call: Row) => call.hrb_name),
    ['Rotterdam'],
  )
})

client('pages, all of them, counts and filters', async ({ api }) => {
  for (let at = 0; at < 7; at++) await create(api, `page ${at}`)
  const filter = "startswith(hrb_name,'page ')"
  const first = await api.retrieveMultiple({ collection: 'hrb_vessels', select: ['hrb_name'], filter, maxPageSize: 3, count: true })
  assert.equal([first.value.length, first.oDataCount], [3, 7])
  const second = await api.retrieveMultiple({ collection: 'hrb_vessels', maxPageSize: 3 }, first.oDataNextLink)
  assert.is(second.value.length, 3)
  const all = await api.retrieveAll({
    collection: 'hrb_vessels',
    select: ['hrb_name'],
    filter,
    orderBy: ['hrb_name desc'],
    maxPageSize: 2,
  } as never)
  assert.is(all.value.length, 7)
  assert.is(await api.count({ collection: 'hrb_vessels', filter }), 7)
})

client('FetchXML page by page with the cookie', async ({ api }) => {
  for (let at = 0; at < 5; at++) await create(api, `fetched ${at}`)
  const fetchXml = `<fetch count="2"><entity name="hrb_vessel"><attribute name="hrb_name"/><order attribute="hrb_name"/><filter><condition attribute="hrb_name" operator="like" value="fetched %"/></filter></entity></fetch>`
  const first = await api.fetch({ collection: 'hrb_vessels', fetchXml, includeAnnotations: '*' })
  assert.is(first.value.length, 2)
  assert.ok(first.PagingInfo?.cookie)
  const all = await api.fetchAll({ collection: 'hrb_vessels', fetchXml, includeAnnotations: '*' })
  assert.equal(
    all.value.map((row: Row) => row.hrb_name),
    [0, 1, 2, 3, 4].map((at) => `fetched ${at}`),
  )
})

client('associate and disassociate, one and many', async ({ api }) => {
  const account: string = await api.create({ collection: 'accounts', data: { name: 'Lines' } })
  const contact: string = await api.create({ collection: 'contacts', data: { lastname: 'Ahab' } })
  const vessel = await create(api, 'MV Auk')
  const single = { collection: 'hrb_vessels', primaryKey: vessel, navigationProperty: 'hrb_Operator' }
  await api.associateSingleValued({ ...single, relatedCollection: 'accounts', relatedKey: account })
  await api.associate({
    collection: 'hrb_vessels',
    primaryKey: vessel,
    relationshipName: 'hrb_vessel_contact',
    relatedCollection: 'contacts',
    relatedKey: contact,
  })
  const read: Row = await api.retrieve({
    collection: 'hrb_vessels',
    key: vessel,
    select: ['_hrb_operator_value'],
    expand: [{ property: 'hrb_vessel_contact', select: ['lastname'] }],
  })
  assert.equal([read._hrb_operator_value, read.hrb_vessel_contact[0].lastname], [account, 'Ahab'])
  await api.disassociate({ collection: 'hrb_vessels', primaryKey: vessel, relationshipName: 'hrb_vessel_contact', relatedKey: contact })
  await api.disassociateSingleValued(single)
  const after: Row = await api.retrieve({ collection: 'hrb_vessels', key: vessel, expand: [{ property: 'hrb_vessel_contact' }] })
  assert.equal([after._hrb_operator_value, after.hrb_vessel_contact], [null, []])
})

client('a batch with a change set and references', async ({ api }) => {
  api.startBatch()
  void api.create({ collection: 'accounts', data: { name: 'In a set' }, contentId: '1', inChangeSet: true } as never)
  void api.create({
    collection: 'hrb_vessels',
    data: { hrb_name: 'MV Set', 'hrb_Operator@odata.bind': '$1' },
    contentId: '2',
    inChangeSet: true,
  } as never)
  void api.retrieveMultiple({ collection: 'accounts', select: ['name'], filter: "name eq 'In a set'", inChangeSet: false } as never)
  const answers: Row[] = await api.executeBatch()
  assert.is(answers.length, 3)
  assert.is(answers[2].value[0].name, 'In a set')
  assert.is(answers[2].value[0].accountid, answers[0])
})

client('functions and actions', async ({ api }) => {
  const me: Row = await api.callFunction('WhoAmI')
  assert.ok(me.UserId)
  const counts: Row = await api.callFunction({
    functionName: 'RetrieveTotalRecordCount',
    parameters: { EntityNames: ['account'] },
  } as never)
  assert.equal(counts.EntityRecordCountCollection.Keys, ['account'])
  const opportunity: string = await api.create({ collection: 'opportunities', data: { name: 'Ten hulls' } })
  const close = { subject: 'Won', 'opportunityid@odata.bind': `/opportunities(${opportunity})` }
  await api.callAction({ actionName: 'WinOpportunity', action: { Status: 3, OpportunityClose: close } })
  const won: Row = await api.retrieve({ collection: 'opportunities', key: opportunity, select: ['statecode'] })
  assert.is(won.statecode, 1)
})

client('changes since a delta link', async ({ api }) => {
  const before: Row = await api.retrieveMultiple({ collection: 'hrb_vessels', select: ['hrb_name'], trackChanges: true } as never)
  const id = await create(api, 'MV Delta')
  const link: string = before['@odata.deltaLink'] ?? before.oDataDeltaLink
  const after = await api.retrieveMultiple({ collection: 'hrb_vessels' }, link)
  assert.equal(
    after.value.map((row: Row) => row.hrb_vesselid),
    [id],
  )
})

client('definitions of tables and columns', async ({ api }) => {
  const tables = await api.retrieveEntities({ select: ['LogicalName'], filter: "LogicalName eq 'hrb_vessel'" })
  assert.is(tables.value.length, 1)
  const columns = await api.retrieveAttributes({
    entityKey: "LogicalName='hrb_vessel'",
    castType: 'Microsoft.Dynamics.CRM.PicklistAttributeMetadata',
  })
  assert.ok(columns.value.some((column: Row) => column.LogicalName === 'hrb_class'))
})

client('a file goes up in chunks and comes down again', async ({ api }) => {
  const vessel = await create(api, 'MV File')
  const bytes = Buffer.alloc(5 * 1024 * 1024, 'certificate ')
  await api.uploadFile({ collection: 'hrb_vessels', key: vessel, fieldName: 'hrb_cert', fileName: 'cert.bin', data: bytes })
  const down = await api.downloadFile({ collection: 'hrb_vessels', key: vessel, fieldName: 'hrb_cert' })
  assert.is(down.fileName, 'cert.bin')
  assert.ok(Buffer.from(down.data as Uint8Array).equals(bytes))
})

client.run()
