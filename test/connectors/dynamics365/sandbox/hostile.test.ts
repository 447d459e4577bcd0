import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { setPrivileges } from '../../../../connectors/dynamics365/sandbox/privileges/rules.ts'
import { harbor } from './contract/harbor.ts'
import { dataPlane, someId } from './data-plane.ts'

const test = suite('hostile requests to the sandbox')
const plane = dataPlane({ parts: [harbor] })
const { get, send } = plane
const account = await plane.create('accounts', { name: 'North Sea Lines' })

/** The request line of a batch may be twice as long as an address. */
async function inBatch(path: string): Promise<string> {
  const body = `--b\r\nContent-Type: application/http\r\n\r\nGET ${path} HTTP/1.1\r\n\r\n\r\n--b--\r\n`
  return (await send('POST', '$batch', body, { 'content-type': 'multipart/mixed; boundary=b' })).text
}

const numbers = Array.from({ length: 3_000 }, (_, index) => `'${index}'`).join()

for (const [name, path, answer] of [
  [
    'an $expand in an $expand, without end',
    `accounts?$expand=${'parentaccountid($expand='.repeat(2_500)}createdby${')'.repeat(2_500)}`,
    /400 .*exceeds the limit of 15/s,
  ],
  ['a path without end', `accounts(${account})${'/parentaccountid'.repeat(4_000)}`, /400 .*Too many segments/s],
  ['a column behind more lookups than can be joined', `accounts?$orderby=${'parentaccountid/'.repeat(300)}name`, /400 .*0x8004430D/s],
  ['the same order again and again', `accounts?$select=name&$orderby=${'name,'.repeat(5_000)}name`, /200 .*North Sea Lines/s],
  [
    'more options than SQLite takes in a chain',
    `hrb_vessels?$filter=Microsoft.Dynamics.CRM.ContainValues(PropertyName='hrb_cargo',PropertyValues=[${numbers}])`,
    /200 .*"value":\[\]/s,
  ],
  ['a percent sign in a path of definitions', 'EntityDefinitions(LogicalName=%)', /400 .*cannot be decoded/s],
] as const)
  test(name, async () => assert.match(await inBatch(path), answer))

const deep = (open: string, close: string) => open.repeat(20_000) + close.repeat(20_000)
const bulk = `{"@odata.type":"Microsoft.Dynamics.CRM.account","@odata.type":${'9'.repeat(40)}}`
const query = (criteria: string) =>
  `{"QuerySet":[{"EntityName":"account","Criteria":${criteria}}],"JobName":"x","SendEmailNotification":false,"RecurrencePattern":"","StartDateTime":"2020-01-01T00:00:00Z","ToRecipients":[],"CCRecipients":[]}`
const share = (access: object) => JSON.stringify({ Target: { '@odata.id': `accounts(${account})` }, PrincipalAccess: access })
const user = { '@odata.id': `systemusers(${plane.userId})` }

for (const [name, path, body] of [
  ['lists in lists without end', 'accounts', `{"name":${deep('[', ']')}}`],
  ['rows in rows without end', 'accounts', `${deep('{"parentaccountid":', '}').replace(':}', ':{}}')}`],
  ['a number where the name of a type stands', 'accounts/Microsoft.Dynamics.CRM.CreateMultiple', `{"Targets":[${bulk}]}`],
  ['an object that is no text', 'accounts/Microsoft.Dynamics.CRM.UpsertMultiple', '{"Targets":[{"@odata.type":{"toString":1}}]}'],
  ['a condition that is null', 'BulkDelete', query('{"Conditions":[null]}')],
  ['criteria that are a text', 'BulkDelete', query('"name"')],
  ['a share with nobody', 'GrantAccess', share({ AccessMask: 'ReadAccess' })],
  ['a share of nothing', 'GrantAccess', share({ Principal: user })],
  ['a share of what is no right', 'GrantAccess', share({ Principal: user, AccessMask: {} })],
] as const)
  test(name, async () => {
    const { status, body: answer } = await send('POST', path, body)
    assert.equal([status, answer.error.code], [400, '0x80048d19'])
  })

test('references that are opened again and again are looked through once', async () => {
  const content = '"a@odata.bind":['.repeat(50_000)
  const body = `--b\r\nContent-Type: application/http\r\n\r\nPOST accounts HTTP/1.1\r\n\r\n$${content}\r\n--b--\r\n`
  const began = performance.now()
  assert.is((await send('POST', '$batch', body, { 'content-type': 'multipart/mixed; boundary=b' })).status, 400)
  // Far above what it takes, far below what looking through the rest each time would.
  assert.ok(performance.now() - began < 10_000)
})

test('blocks of a file that are committed as a note of the wrong type are not stored in the file column', async () => {
  const vessel = await plane.create('hrb_vessels', { hrb_name: 'MV Petrel' })
  const Target = { hrb_vesselid: vessel, '@odata.type': 'Microsoft.Dynamics.CRM.hrb_vessel' }
  const begun = await send('POST', 'InitializeFileBlocksUpload', { Target, FileName: 'a.txt', FileAttributeName: 'hrb_cert' })
  const { FileContinuationToken } = begun.body
  const refused = await send('POST', 'CommitAnnotationBlocksUpload', { Target, BlockList: [], FileContinuationToken })
  assert.is(refused.status, 400)
  assert.is((await get(`hrb_vessels(${vessel})?$select=hrb_cert`)).body.hrb_cert, null)
})

test('a block far behind the end of a file is empty', async () => {
  const vessel = await plane.create('hrb_vessels', { hrb_name: 'MV Petrel' })
  await send('PATCH', `hrb_vessels(${vessel})/hrb_cert`, 'content', { 'x-ms-file-name': 'a.txt' })
  const Target = { hrb_vesselid: vessel, '@odata.type': 'Microsoft.Dynamics.CRM.hrb_vessel' }
  const begun = await send('POST', 'InitializeFileBlocksDownload', { Target, FileAttributeName: 'hrb_cert' })
  const token = JSON.stringify(begun.body.FileContinuationToken)
  const { body } = await send('POST', 'DownloadBlock', `{"Offset":9007199254740993,"BlockLength":1,"FileContinuationToken":${token}}`)
  assert.is(body.Data, '')
})

test('a rule about privileges that names nobody is refused with a sentence', () => {
  for (const user of [{ toString: 1 }, null, 7])
    assert.throws(
      () => setPrivileges(plane.organization, [{ user: user as never, table: 'account', depth: 'user' }]),
      (error: Error) => error instanceof RangeError && /^There is no user `/.test(error.message),
    )
})

test('a row is not found behind so much', async () => {
  assert.is((await get(`accounts(${someId()})${'/parentaccountid'.repeat(50)}`)).status, 404)
})

test.run()
