import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadData } from '../../../../connectors/dynamics365/sandbox/data/load.ts'
import { startSandbox } from '../../../../connectors/dynamics365/sandbox/index.ts'
import type { ConnectorError } from '../../../../runner/connector/index.ts'
import { tempFolder } from '../../../support/temp.ts'
import { harbor } from './contract/harbor.ts'
import { type Body, type DataPlane, dataPlane, someId } from './data-plane.ts'

const data = suite('sandbox data')

const root = tempFolder()

/** Writes files into a folder of their own and gives it. */
function folder(files: Record<string, string | Buffer>): string {
  const path = mkdtempSync(join(root, 'data-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}

function refusal(plane: DataPlane, paths: string[]): string {
  try {
    loadData(plane.organization, paths)
    return 'loaded'
  } catch (error) {
    return (error as ConnectorError).message
  }
}

data('CSV, JSON and JSON Lines become rows, a folder in the order of its names', async () => {
  const plane = dataPlane()
  const id = '11111111-2222-3333-4444-555555555555'
  const path = folder({
    'accounts.csv': `accountid,name,revenue,numberofemployees,donotemail,telephone1\n${id},"Blue, Yonder",1250.5,12,true,\n`,
    'contact.json': JSON.stringify([{ lastname: 'Doe', 'parentcustomerid_account@odata.bind': `/accounts(${id})` }]),
    'tasks.jsonl': '{"subject":"One"}\n\n{"subject":"Two"}\n',
    'notes.txt': 'not rows',
  })
  assert.is(loadData(plane.organization, [path]), 4)
  const account = (await plane.get(`accounts(${id})?$select=name,revenue,numberofemployees,donotemail,telephone1`)).body
  assert.equal(
    [account.name, account.revenue, account.numberofemployees, account.donotemail, account.telephone1],
    ['Blue, Yonder', 1250.5, 12, true, null],
  )
  const contacts = (await plane.get("contacts?$select=_parentcustomerid_value&$filter=lastname eq 'Doe'")).body.value
  assert.is(contacts[0]._parentcustomerid_value, id)
  assert.equal(await plane.names('tasks', "startswith(subject,'')", 'subject'), ['One', 'Two'])
})

data('lookups may lead to rows that come later, in circles too, and name them by alternate key', async () => {
  const plane = dataPlane({ parts: [harbor] })
  const [account, contact] = [someId(), someId()]
  loadData(plane.organization, [
    folder({
      'accounts.csv': `accountid,name,primarycontactid@odata.bind\n${account},Yonder,/contacts(${contact})\n`,
      'contacts.csv': `contactid,lastname,parentcustomerid_account@odata.bind\n${contact},Doe,accounts(${account})\n`,
      'hrb_port_calls.csv': `hrb_name,hrb_Vessel@odata.bind\nFirst,hrb_vessels(hrb_imo='9074729')\n`,
      'hrb_vessels.csv': 'hrb_name,hrb_imo\nAurora,9074729\n',
    }),
  ])
  assert.is((await plane.get(`accounts(${account})?$select=_primarycontactid_value`)).body._primarycontactid_value, contact)
  assert.is((await plane.get(`contacts(${contact})?$select=_parentcustomerid_value`)).body._parentcustomerid_value, account)
  assert.equal(await plane.names('hrb_port_calls', "hrb_Vessel/hrb_name eq 'Aurora'", 'hrb_name'), ['First'])
  const astray = folder({
    'contacts.csv': `lastname\nRoe\n`,
    'tasks.csv': `subject,regardingobjectid_account_task@odata.bind\nT,/accounts(${contact})\n`,
  })
  assert.match(refusal(plane, [astray]), new RegExp(`tasks\\.csv:2: account With Id = ${contact} Does Not Exist`))
  assert.equal(await plane.names('contacts', "lastname eq 'Roe'", 'lastname'), [])
})

data('what the Web API answered is loaded as it is', async () => {
  const [from, to] = [dataPlane(), dataPlane()]
  const account = await from.create('accounts', { name: 'Yonder', revenue: 12.5 })
  await from.create('contacts', { lastname: 'Doe', 'parentcustomerid_account@odata.bind': `/accounts(${account})` })
  const annotated = { prefer: 'odata.include-annotations="*"' }
  const answer = async (path: string) => (await from.get(path, annotated)).text
  const path = folder({ 'contacts.json': await answer('contacts'), 'accounts.json': await answer('accounts') })
  assert.is(loadData(to.organization, [path]), 2)
  const contact = (await to.get('contacts?$select=lastname,_parentcustomerid_value')).body.value[0]
  assert.equal([contact.lastname, contact._parentcustomerid_value], ['Doe', account])
})

data('what does not fit is said with its place, and nothing is kept', async () => {
  const plane = dataPlane({ parts: [harbor] })
  const cases: [name: string, text: string | Buffer, said: RegExp][] = [
    ['accounts.csv', '__proto__\nA\n', /accounts\.csv:2: .*Invalid property '__proto__'/],
    ['accounts.json', '[{"__proto__":{"name":"Kept"}}]', /accounts\.json, row 1: .*Invalid property '__proto__'/],
    ['accounts.csv', 'name,nowhere\nA,1\n', /accounts\.csv:2: .*Invalid property 'nowhere'/],
    ['accounts.csv', 'name,numberofemployees\nKept,1\nB,many\n', /accounts\.csv:3: `numberofemployees` must be a number, not `many`\./],
    ['accounts.csv', 'name,donotemail\nA,perhaps\n', /accounts\.csv:2: `donotemail` must be true or false/],
    ['accounts.csv', '\nname,donotemail\r\n"A\r\nB",1\r\n\r\n"C\r\nD"\r\n', /accounts\.csv:6: 1 cells stand where 2 columns are named\./],
    ['accounts.csv', 'name,description\nA,B\n"C\n\n', /accounts\.csv:3: A quote is opened and never closed\./],
    ['accounts.csv', 'name\nA"B"\n', /accounts\.csv:2: A quote stands inside a cell/],
    ['accounts.csv', 'name,name\nA,B\n', /accounts\.csv:1: The column `name` is named twice\./],
    ['accounts.csv', 'name,\nA,B\n', /accounts\.csv:1: A column has no name\./],
    ['accounts.csv', Buffer.from('name\nÄrzte\n', 'latin1'), /accounts\.csv is not UTF-8\./],
    ['accounts.jsonl', '{"name":"Kept"}\n{"name":\n', /accounts\.jsonl:2: This is no JSON/],
    ['accounts.jsonl', '{"name":"Kept"}\n{"name":5}\n', /accounts\.jsonl:2: /],
    [
      'accounts.jsonl',
      '{"_ownerid_value":"11111111-2222-3333-4444-555555555555"}\n',
      /accounts\.jsonl:1: .*must tell the table of the row: systemuser, team\./,
    ],
    ['accounts.json', '[{"name":"Kept"},{"name":5}]', /accounts\.json, row 2: /],
    ['accounts.json', '{"name":"A"}', /accounts\.json: A JSON file holds a list/],
    ['nowhere.json', '[]', /There is no table `nowhere`/],
    ['accounts.xlsx', '', /Rows are read from files that end with \.csv, \.json, \.jsonl\./],
  ]
  for (const [name, text, said] of cases) assert.match(refusal(plane, [join(folder({ [name]: text }), name)]), said)
  assert.match(refusal(plane, ['/nowhere/accounts.csv']), /\/nowhere\/accounts\.csv cannot be read \(ENOENT\)\./)
  assert.match(refusal(plane, [folder({ 'notes.txt': '' })]), /The folder holds no files that end with \.csv, \.json, \.jsonl\./)
  assert.equal(await plane.names('accounts', "name eq 'Kept'"), [])
})

data('with a file that is kept, rows are loaded when it is new, all or none', async () => {
  const persist = join(tempFolder(), 'organization.db')
  const start = async (text: string, use: (ask: (method: string, path: string) => Promise<Body>, notes: unknown) => Promise<void>) => {
    const sandbox = await startSandbox({ persist, auth: 'off', data: [folder({ 'accounts.csv': text })] })
    try {
      await use(async (method, path) => {
        const headers = { authorization: 'Bearer any' }
        const answer = await (await fetch(`${sandbox.url}/api/data/v9.2/${path}`, { method, headers })).text()
        return answer === '' ? undefined : JSON.parse(answer)
      }, sandbox.notes)
    } finally {
      await sandbox.close()
    }
  }
  const names = async (ask: (method: string, path: string) => Promise<Body>) =>
    (await ask('GET', 'accounts?$select=name&$orderby=name')).value.map((row: Body) => row.name)
  let said: unknown
  await start('name\nA\n"B\n', async () => {}).catch((error: ConnectorError) => {
    said = error.code
  })
  assert.is(said, 'sandbox_data_invalid')
  await start('name\nA\nB\n', async (ask) => {
    assert.equal(await names(ask), ['A', 'B'])
    const [{ accountid }] = (await ask('GET', "accounts?$select=accountid&$filter=name eq 'B'")).value
    await ask('DELETE', `accounts(${accountid})`)
  })
  await start('name\nA\nB\n', async (ask, notes) => {
    assert.equal(await names(ask), ['A'])
    assert.equal(notes, [`${persist} has rows already, so those of \`data\` are not loaded.`])
  })
})

data.run()
