import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cli } from '../support/cli.ts'
import { appConnection, personConnection, recipeFolder } from '../support/recipes.ts'
import { type SandboxProcess, sandboxProcess } from '../support/sandbox.ts'
import { tempFolder } from '../support/temp.ts'

const test = suite('keepalive and warnings, as they are called')
const day = 86_400_000
let sandbox: SandboxProcess
test.before(async () => {
  sandbox = await sandboxProcess(tempFolder())
})
test.after(async () => sandbox.close())

const recipe = `name: Writes
connection: ./crm.connection.yaml
trigger: { type: dynamics365.record_changed, with: { table: account, columns: [name] } }
steps:
  - action: files.append
    with: { path: out.jsonl, row: { name: "\${{ trigger.name }}" } }
`

test('keepalive: each connection once, however many files name it; apps, broken files and missing secrets are told', async () => {
  const cwd = recipeFolder({
    'crm.connection.yaml': personConnection,
    'one.recipe.yaml': recipe,
    'two.recipe.yaml': recipe.replace('Writes', 'Writes too'),
    'app.connection.yaml': appConnection.replace('name: Test', 'name: App'),
  })
  await sandbox.control('requests/reset')
  const run = await cli(['connections', 'keepalive', '--json'], { cwd, env: sandbox.env })
  assert.is(run.code, 0, run.stderr)
  assert.equal(
    run.lines.map(({ connection, outcome }) => [connection, outcome]),
    [
      ['App', 'by_itself'],
      ['Test', 'prolonged'],
    ],
  )
  assert.equal((await sandbox.requests()).token, { refresh_token: 1 })

  const { D365_REFRESH_TOKEN: _, ...env } = sandbox.env
  const missing = await cli(['connections', 'keepalive', 'one.recipe.yaml', '--json'], { cwd, env })
  assert.equal([missing.code, missing.lines[0]?.code], [3, 'secret_missing'])
  const broken = await cli(['connections', 'keepalive', 'nowhere'], { cwd, env })
  assert.is(broken.code, 2)
})

test('the day on which the client secret ends: every run warns, with the same exit status', async () => {
  const expires = new Date(Date.now() + 10 * day).toISOString().slice(0, 10)
  const cwd = recipeFolder({ 'crm.connection.yaml': `${appConnection}client_secret_expires: ${expires}\n`, 'recipe.yaml': recipe })
  const run = await cli(['run', 'recipe.yaml', '--json'], { cwd, env: sandbox.env })
  assert.is(run.code, 0, run.stderr)
  assert.equal(
    run.lines.filter(({ type }) => type === 'warning').map(({ code }) => code),
    ['client_secret_ends_soon'],
  )
  assert.match((await cli(['connections', 'test', 'crm.connection.yaml'], { cwd, env: sandbox.env })).stderr, /^warn The client secret/)
  writeFileSync(join(cwd, 'runner.yaml'), 'warn_before: 5d')
  assert.is((await cli(['run', 'recipe.yaml'], { cwd, env: sandbox.env })).stderr, '')
  writeFileSync(join(cwd, 'runner.yaml'), '')
  const { stdout } = await cli(['connections'], { cwd })
  assert.match(stdout, new RegExp(`Test +default +connected +the app itself +\\S+ \\S+ +${expires} 00:00 !\n`))
})

test.run()
