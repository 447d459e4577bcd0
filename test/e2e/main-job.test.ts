import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cli } from '../support/cli.ts'
import { appConnection, recipeFolder } from '../support/recipes.ts'
import { type SandboxProcess, sandboxProcess } from '../support/sandbox.ts'
import { tempFolder } from '../support/temp.ts'

const test = suite<{ sandbox: SandboxProcess }>('main job')
test.before(async (context) => {
  context.sandbox = await sandboxProcess(tempFolder())
})
test.after(async (context) => context.sandbox.close())

const changedAccounts = `name: Changed accounts
connection: ./crm.connection.yaml
trigger:
  type: dynamics365.record_changed
  with: { table: account, columns: [name, address1_city], when_changed: [address1_city] }
steps:
  - action: files.append
    with:
      path: changes.jsonl
      row: { name: "\${{ trigger.name }}", before: "\${{ event.before.address1_city }}", after: "\${{ trigger.address1_city }}" }
`

test('the second run finds nothing; after one record changes the third finds exactly that one', async ({ sandbox }) => {
  const cwd = recipeFolder({ 'crm.connection.yaml': appConnection, 'recipe.yaml': changedAccounts })
  const ids: string[] = []
  for (const name of ['Petrel', 'Fulmar', 'Skua']) {
    const id = crypto.randomUUID()
    ids.push(id)
    await sandbox.api('POST', 'accounts', { accountid: id, name, address1_city: 'Oslo' })
  }
  const run = () => cli(['run', 'recipe.yaml', '--json'], { cwd, env: sandbox.env })

  const baseline = await run()
  assert.is(baseline.code, 0, baseline.stderr)
  assert.is(baseline.lines.at(-1)?.outcome, 'nothing')
  assert.is((await run()).lines.at(-1)?.outcome, 'nothing')

  await sandbox.api('PATCH', `accounts(${ids[1]})`, { address1_city: 'Bergen' })
  await sandbox.api('PATCH', `accounts(${ids[2]})`, { telephone1: '123' })
  const third = await run()
  assert.is(third.code, 0, third.stderr)
  const summary = third.lines.at(-1)
  assert.equal([summary?.type, summary?.outcome, summary?.events], ['summary', 'ok', 1])
  assert.equal(JSON.parse(readFileSync(join(cwd, 'changes.jsonl'), 'utf8')), { name: 'Fulmar', before: 'Oslo', after: 'Bergen' })
  assert.is((await run()).lines.at(-1)?.outcome, 'nothing')
})

test('rows appended to a file are found, and only they', async ({ sandbox }) => {
  const recipe = `name: Import
connection: ./crm.connection.yaml
trigger:
  type: files.rows
  with: { path: accounts.csv }
steps:
  - id: created
    action: dynamics365.create_record
    with:
      table: account
      values: { name: "\${{ trigger.name }}", accountnumber: "\${{ trigger.number }}" }
`
  const cwd = recipeFolder({
    'crm.connection.yaml': appConnection,
    'recipe.yaml': recipe,
    'accounts.csv': 'number,name\nM1,One\nM2,"Two, Ltd"\n',
  })
  const run = () => cli(['run', 'recipe.yaml', '--json'], { cwd, env: sandbox.env })
  assert.equal((await run()).lines.at(-1)?.jobs, { succeeded: 2, failed: 0, retried: 0, held: 0, left: 0 })
  assert.is((await run()).lines.at(-1)?.outcome, 'nothing')
  appendFileSync(join(cwd, 'accounts.csv'), 'M3,Three\n')
  assert.is((await run()).lines.at(-1)?.events, 1)
  const { body } = await sandbox.api('GET', "accounts?$select=name&$filter=startswith(accountnumber,'M')&$orderby=accountnumber")
  assert.equal(
    body.value.map((row: { name: string }) => row.name),
    ['One', 'Two, Ltd', 'Three'],
  )
})

test('an expired access token is renewed once and unseen, also when 20 jobs meet it at the same moment', async ({ sandbox }) => {
  const recipe = `name: Many at once
connection: ./crm.connection.yaml
concurrency: 20
trigger:
  type: files.rows
  with: { path: rows.jsonl }
steps:
  - action: dynamics365.create_record
    with: { table: contact, values: { lastname: "\${{ trigger.name }}" } }
`
  const cwd = recipeFolder({ 'crm.connection.yaml': appConnection, 'recipe.yaml': recipe, 'rows.jsonl': '{"name":"warm up"}\n' })
  const run = () => cli(['run', 'recipe.yaml', '--json'], { cwd, env: sandbox.env })
  assert.is((await run()).code, 0)
  await sandbox.control('access-tokens/expire')
  await sandbox.control('requests/reset')
  appendFileSync(join(cwd, 'rows.jsonl'), Array.from({ length: 20 }, (_, index) => `{"name":"n${index}"}\n`).join(''))
  const result = await run()
  assert.is(result.code, 0, result.stderr)
  assert.equal(result.lines.at(-1)?.jobs, { succeeded: 20, failed: 0, retried: 0, held: 0, left: 0 })
  const { token } = await sandbox.requests()
  assert.is(
    Object.values(token).reduce((sum, count) => sum + count, 0),
    1,
    'one call to the token endpoint',
  )
})

test.run()
