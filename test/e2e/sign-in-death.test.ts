import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cli } from '../support/cli.ts'
import { personConnection, recipeFolder } from '../support/recipes.ts'
import { type SandboxProcess, sandboxProcess } from '../support/sandbox.ts'
import { signIn } from '../support/sign-in.ts'
import { tempFolder } from '../support/temp.ts'

const test = suite('the death of a refresh token')
let sandbox: SandboxProcess
test.before.each(async () => {
  sandbox = await sandboxProcess(tempFolder())
})
test.after.each(async () => sandbox.close())

const tokenCalls = async () => Object.values((await sandbox.requests()).token).reduce((sum, count) => sum + count, 0)

/** The recipe ends its own sign-in between two steps: the switch is a file that the test watches. */
const twoSteps = (trigger: string) => `name: Two steps
connection: ./crm.connection.yaml
retry: { attempts: 1 }
trigger:
${trigger}
steps:
  - id: first
    action: files.append
    with: { path: first.jsonl, row: { name: "\${{ trigger.name }}" } }
  - id: second
    action: dynamics365.create_record
    with: { table: contact, values: { lastname: "\${{ trigger.name }}" } }
  - id: third
    action: files.append
    with: { path: third.jsonl, row: { id: "\${{ steps.second.id }}" } }
`

async function die(): Promise<void> {
  await sandbox.control('refresh-tokens/kill', { code: 700082 })
  await sandbox.control('access-tokens/expire')
}

async function reconnect(cwd: string): Promise<void> {
  const { code, output } = await signIn(['recipe.yaml'], { cwd, env: sandbox.env })
  assert.is(code, 0, output)
}

test('before the poll: a trigger error, no job, cursor unmoved, exit 3, one call to the token endpoint, none on the next run', async () => {
  const recipe = `name: Polls
connection: ./crm.connection.yaml
trigger: { type: dynamics365.record_changed, with: { table: account, columns: [name] } }
steps:
  - action: files.append
    with: { path: out.jsonl, row: { name: "\${{ trigger.name }}" } }
`
  const cwd = recipeFolder({ 'crm.connection.yaml': personConnection, 'recipe.yaml': recipe })
  const run = () => cli(['run', 'recipe.yaml', '--json'], { cwd, env: sandbox.env })
  assert.is((await run()).code, 0)
  const before = (await cli(['cursor', 'show', 'recipe.yaml'], { cwd })).stdout
  await sandbox.api('POST', 'accounts', { name: 'Petrel' })
  await die()
  await sandbox.control('requests/reset')

  const dead = await run()
  assert.is(dead.code, 3, dead.stderr)
  const error = dead.lines.find((line) => line.type === 'trigger_error')
  assert.is(error?.code, 'reconnect_needed')
  assert.match(String(error?.message), 'AADSTS700082')
  assert.is(dead.lines.at(-1)?.outcome, 'trigger_error')
  assert.is(await tokenCalls(), 1)
  assert.is((await cli(['cursor', 'show', 'recipe.yaml'], { cwd })).stdout, before)
  assert.is((await cli(['jobs', '--json'], { cwd })).stdout, '')
  const [recorded] = (await cli(['runs', '--json'], { cwd })).lines as { outcome: string; error: { code: string } }[]
  assert.equal([recorded?.outcome, recorded?.error.code], ['trigger_error', 'reconnect_needed'])

  assert.is((await run()).code, 3)
  assert.is(await tokenCalls(), 1, 'none on the next run')

  await reconnect(cwd)
  const alive = await run()
  assert.is(alive.code, 0, alive.stderr)
  assert.is(alive.lines.at(-1)?.events, 1, 'nothing was lost')
})

async function diesBetweenSteps(trigger: string, prepare: (cwd: string) => Promise<void>): Promise<void> {
  const cwd = recipeFolder({
    'crm.connection.yaml': personConnection,
    'recipe.yaml': twoSteps(trigger),
    'rows.jsonl': '{"name":"Petrel"}\n',
  })
  await prepare(cwd)
  // The second step's first request is answered only after the sign-in has died.
  await sandbox.control('before-next', { path: '/contacts', do: ['refresh-tokens/kill', 'access-tokens/expire'] })
  await sandbox.control('requests/reset')

  const run = await cli(['run', 'recipe.yaml', '--json'], { cwd, env: sandbox.env })
  assert.is(run.code, 4, run.stderr + run.stdout)
  const error = run.lines.find((line) => line.type === 'job_error')
  assert.equal([error?.code, error?.step, typeof error?.job], ['reconnect_needed', 'second', 'string'])
  assert.is(run.lines.at(-1)?.outcome, 'job_errors')
  assert.is(readFileSync(join(cwd, 'first.jsonl'), 'utf8'), '{"name":"Petrel"}\n')
  assert.not.ok(existsSync(join(cwd, 'third.jsonl')))

  await reconnect(cwd)
  const rerun = await cli(['jobs', 'rerun', '--failed', '--json'], { cwd, env: sandbox.env })
  assert.is(rerun.code, 0, rerun.stderr + rerun.stdout)
  assert.is((rerun.lines.at(-1)?.jobs as { succeeded: number } | undefined)?.succeeded, 1)
  assert.is(readFileSync(join(cwd, 'first.jsonl'), 'utf8'), '{"name":"Petrel"}\n', 'the finished step is not repeated')
  assert.ok(existsSync(join(cwd, 'third.jsonl')))
  const { body } = await sandbox.api('GET', "contacts?$filter=lastname eq 'Petrel'&$count=true")
  assert.is(body['@odata.count'], 1)
}

test('between two steps, trigger not Dynamics: a job error at that step, exit 4, completed after the sign-in', () =>
  diesBetweenSteps('  type: files.rows\n  with: { path: rows.jsonl }', async () => {}))

test('between two steps, trigger Dynamics: the same', () =>
  diesBetweenSteps('  type: dynamics365.record_changed\n  with: { table: account, columns: [name] }', async (cwd) => {
    assert.is((await cli(['run', 'recipe.yaml'], { cwd, env: sandbox.env })).code, 0)
    await sandbox.api('POST', 'accounts', { name: 'Petrel' })
  }))

test('jobs that have not begun are held, not failed in a row, and run after the sign-in', async () => {
  const rows = Array.from({ length: 30 }, (_, index) => `{"name":"n${index}"}\n`).join('')
  const cwd = recipeFolder({
    'crm.connection.yaml': personConnection,
    'recipe.yaml': twoSteps('  type: files.rows\n  with: { path: rows.jsonl }'),
    'rows.jsonl': rows,
  })
  await die()
  const run = await cli(['run', 'recipe.yaml', '--json'], { cwd, env: sandbox.env })
  assert.is(run.code, 4, run.stderr)
  assert.equal(run.lines.at(-1)?.jobs, { succeeded: 0, failed: 1, retried: 0, held: 29, left: 0 })
  await reconnect(cwd)
  const next = await cli(['run', 'recipe.yaml', '--json'], { cwd, env: sandbox.env })
  assert.is((next.lines.at(-1)?.jobs as { succeeded: number } | undefined)?.succeeded, 29, next.stderr)
})

test.run()
