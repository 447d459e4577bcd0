import { createHash } from 'node:crypto'
import { validateHeaderName, validateHeaderValue } from 'node:http'
import * as assert from 'uvu/assert'
import type { Database } from '../../../../../connectors/dynamics365/sandbox/organization/database.ts'
import type { OrganizationOptions } from '../../../../../connectors/dynamics365/sandbox/organization/open.ts'
import { remember } from '../../../../../connectors/dynamics365/sandbox/organization/write.ts'
import { handleWebApi } from '../../../../../connectors/dynamics365/sandbox/webapi/handle.ts'
import { harbor } from '../contract/harbor.ts'
import { type Answer, type DataPlane, dataPlane, origin } from '../data-plane.ts'
import { bounded } from './fuzz.ts'

/** Rows that the inputs name. */
export const ids = {
  account: '11111111-1111-4111-8111-111111111111',
  contact: '22222222-2222-4222-8222-222222222222',
  hrb_vessel: '33333333-3333-4333-8333-333333333333',
  hrb_port_call: '44444444-4444-4444-8444-444444444444',
  hrb_log: '55555555-5555-4555-8555-555555555555',
  nobody: '99999999-9999-4999-8999-999999999999',
}

export interface Input {
  method: string
  /** Default: the service root. */
  root?: string
  /** Below it. */
  path: string
  /** By name in lower case. */
  headers?: Record<string, string | string[]>
  body?: string
  /** Of the body; default UTF-8. */
  encoding?: BufferEncoding
}

/** 500 is not among them: nothing that a client sends is a reason for it. */
const statuses = new Set([200, 201, 204, 206, 304, 400, 401, 403, 404, 405, 412, 413, 414, 416, 501])

export interface FuzzPlane extends DataPlane {
  /**
   * Sends a request and checks what every answer owes; then everything is as it was before.
   * @param keeps whether a refused request may have written all the same
   * @param further addresses that can be read after a request that was not refused
   * @throws AssertionError
   */
  check(input: Input, keeps?: (answer: Answer) => boolean, further?: readonly string[]): Promise<Answer>
}

export async function fuzzPlane(options: OrganizationOptions = {}): Promise<FuzzPlane> {
  const plane = dataPlane({ parts: [harbor], ...options })
  await addRows(plane)
  const { organization } = plane
  const { database } = organization
  const before = digest(database)
  const ask = async ({ method, root = '/api/data/v9.2/', path, headers = {}, body = '', encoding }: Input): Promise<Answer> => {
    const request = { method, rawUrl: root + path, headers, body: Buffer.from(body, encoding), origin, userId: plane.userId }
    const answer = await bounded(() => handleWebApi(organization, request))
    const text = answer.body.toString()
    const isJson = answer.headers['Content-Type']?.startsWith('application/json') && text !== ''
    return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : undefined }
  }
  return {
    ...plane,
    async check(input, keeps = () => false, further = []) {
      const goBack = remember(organization)
      database.exec('savepoint input')
      try {
        const changes = changesOf(database)
        const answer = await ask(input)
        checkAnswer(input, answer)
        const written = changesOf(database) !== changes && digest(database) !== before
        const refused = answer.status >= 400 || ['GET', 'HEAD', 'OPTIONS'].includes(input.method)
        assert.not(written && refused && !keeps(answer), `written, and answered ${answer.status} ${answer.text}`)
        assert.is((await ask({ method: 'GET', path: 'WhoAmI' })).body.UserId, plane.userId)
        for (const path of answer.status < 400 ? further : []) assert.is((await ask({ method: 'GET', path })).status, 200, path)
        return answer
      } finally {
        database.exec('rollback to input; release input')
        goBack()
      }
    },
  }
}

async function addRows(plane: DataPlane): Promise<void> {
  const file = { 'x-ms-file-name': 'a.txt' }
  await put(plane, `accounts(${ids.account})`, { name: 'North Sea Lines', accountnumber: 'A1', revenue: 12.5, numberofemployees: 7 })
  await put(plane, `contacts(${ids.contact})`, { lastname: 'Byron', 'parentcustomerid_account@odata.bind': `/accounts(${ids.account})` })
  const vessel = { hrb_name: 'MV Petrel', hrb_imo: '9074729', hrb_callsign: 'PETR', hrb_tonnage: 1.5, hrb_cargo: '1,9', hrb_serial: 7 }
  await put(plane, `hrb_vessels(${ids.hrb_vessel})`, { ...vessel, 'hrb_Operator@odata.bind': `/accounts(${ids.account})` })
  await put(plane, `hrb_vessels(${ids.hrb_vessel})/hrb_cert`, 'content of a file', file)
  await put(plane, `hrb_port_calls(${ids.hrb_port_call})`, {
    hrb_name: 'Bergen',
    'hrb_Vessel@odata.bind': `/hrb_vessels(${ids.hrb_vessel})`,
  })
  await put(plane, `hrb_logs(${ids.hrb_log})`, { hrb_name: 'sailed', partitionid: 'P', hrb_value: 1 })
  const member = { '@odata.id': `${origin}/api/data/v9.2/contacts(${ids.contact})` }
  await plane.send('POST', `hrb_vessels(${ids.hrb_vessel})/hrb_vessel_contact/$ref`, member)
  for (let number = 0; number < 6; number++) await plane.send('POST', 'accounts', { name: `Account ${number}` })
}

async function put({ send }: DataPlane, path: string, body: unknown, headers = {}): Promise<void> {
  const { status, text } = await send('PATCH', path, body, headers)
  assert.is(status, 204, `${path}: ${text}`)
}

function checkAnswer({ method }: Input, { status, headers, body, text }: Answer): void {
  assert.ok(statuses.has(status), `answered ${status} ${text}`)
  assert.not.match(text, 'The sandbox failed')
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  }
  if (status === 204 || status === 304) assert.is(text, '')
  if (method === 'HEAD' || status < 400) return
  if (headers['Content-Type']?.startsWith('multipart/mixed')) checkBatch(text)
  else checkError(body?.error)
}

/** What stands behind the heads of the parts that failed. */
function checkBatch(text: string): void {
  const failed = [...text.matchAll(/^HTTP\/1\.1 [45]\d\d(?:.*\r\n)+?\r\n(.*)\r\n/gm)]
  assert.is.not(failed.length, 0)
  for (const [, body] of failed) checkError(JSON.parse(body!).error)
}

function checkError(error: { code?: unknown; message?: unknown } | undefined): void {
  assert.match(String(error?.code), /^0x[0-9a-fA-F]{8}$/)
  assert.ok(typeof error?.message === 'string' && error.message !== '')
}

/** Inserted, changed and deleted rows so far, also those that were taken back. */
function changesOf(database: Database): number {
  return Number(database.get('select total_changes() as changes')?.changes)
}

/** Of everything that the database holds. */
function digest(database: Database): string {
  const hash = createHash('sha256')
  for (const { sql } of database.all('select sql from sqlite_schema order by name')) hash.update(`${sql}\n`)
  for (const { name } of database.all("select name from sqlite_master where type = 'table' order by name")) {
    const columns = database.all('select name from pragma_table_info(?)', name!).map((column) => `quote("${column.name}")`)
    for (const row of database.all(`select ${columns.join("||','||")} as text from "${name}" order by 1`))
      hash.update(`${name} ${row.text}\n`)
  }
  return hash.digest('hex')
}
