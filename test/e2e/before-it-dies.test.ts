import { once } from 'node:events'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { publicClientId } from '../../connectors/dynamics365/sandbox/identity/directory.ts'
import { cli, startCli } from '../support/cli.ts'
import { appConnection, recipeFolder } from '../support/recipes.ts'
import { type SandboxProcess, sandboxProcess } from '../support/sandbox.ts'
import { tempFolder } from '../support/temp.ts'

const test = suite('before a sign-in dies')
const day = 86_400_000
let sandbox: SandboxProcess
test.before.each(async () => {
  sandbox = await sandboxProcess(tempFolder())
})
test.after.each(async () => sandbox.close())

const recipe = `name: Writes
connection: ./crm.connection.yaml
trigger: { type: dynamics365.record_changed, with: { table: account, columns: [name] } }
steps:
  - action: files.append
    with: { path: out.jsonl, row: { name: "\${{ trigger.name }}" } }
`
const delegated = (text: string) =>
  `${text.replace('auth: client_credentials\n', '').replaceAll(/^client_.*\n/gm, '')}client_id: ${publicClientId}\n`

const onPremises = (url: string) => `connector: dynamics365
name: On-premises
account_type: on_premise
url: ${url}
api_version: '9.2'
ad_domain: adfs.example
authority: ${url}/adfs
resource: ${url}/
redirect_uri: http://localhost:54321/
client_id: ${publicClientId}
`

/** A person signs in on another machine and brings the address back. */
async function connect(cwd: string): Promise<string> {
  const child = startCli(['connect', 'crm.connection.yaml', '--paste'], { cwd, env: sandbox.env, input: true })
  let output = ''
  let acted = false
  const read = async (chunk: Buffer) => {
    output += chunk
    const address = /https?:\S+authorize\?\S+\n/.exec(output)?.[0].trim()
    if (acted || address === undefined) return
    acted = true
    const answer = await fetch(address, { method: 'POST', body: new URLSearchParams({ decision: 'sign_in' }), redirect: 'manual' })
    child.stdin?.end(`${answer.headers.get('location')}\n`)
  }
  child.stdout?.on('data', read)
  child.stderr?.on('data', read)
  const [code] = (await once(child, 'close')) as [number | null]
  assert.is(code, 0, output)
  return output
}

/** The program at a later time; the sandbox's clock must have been moved as well. */
const later = (ms: number, args: string[], cwd: string) =>
  cli(args, {
    cwd,
    env: { ...sandbox.env, RUNNER_TEST_AHEAD_MS: String(ms) },
    node: ['--import', join(import.meta.dirname, '../support/later.ts')],
  })

test('idle for 100 days a sign-in dies; with `keepalive` every 30 days it lives', async () => {
  const files = { 'crm.connection.yaml': delegated(appConnection), 'recipe.yaml': recipe }
  const [kept, idle] = [recipeFolder(files), recipeFolder(files)]
  for (const cwd of [kept, idle]) await connect(cwd)
  for (const days of [30, 60, 90]) {
    await sandbox.control('clock', { advance: '30d' })
    const { code, stdout, stderr } = await later(days * day, ['connections', 'keepalive'], kept)
    assert.is(code, 0, stdout + stderr)
    assert.match(stdout, /^"Test" \(default\) lives without use until 20\d\d-\d\d-\d\d \d\d:\d\d UTC\.\n$/)
  }
  await sandbox.control('clock', { advance: '10d' })
  const lives = await later(100 * day, ['run', 'recipe.yaml'], kept)
  assert.is(lives.code, 0, lives.stderr)
  assert.is(lives.stderr, '', 'nothing to warn of')

  const dead = await later(100 * day, ['run', 'recipe.yaml', '--json'], idle)
  assert.is(dead.code, 3, dead.stderr)
  const tooLate = await later(100 * day, ['connections', 'keepalive', '--json'], idle)
  assert.is(tooLate.code, 3)
  assert.equal([tooLate.lines[0]?.outcome, tooLate.lines[0]?.code], ['needs_person', 'reconnect_needed'])
  assert.match(String(tooLate.lines[0]?.message), /AADSTS700082/)
})

test('AD FS: in its last two hours every run warns, on stderr and in JSON, and goes on', async () => {
  const cwd = recipeFolder({ 'crm.connection.yaml': onPremises(sandbox.url), 'recipe.yaml': recipe })
  assert.match(await connect(cwd), /It ends on .*, used or not: .*`Set-AdfsProperties -SsoLifetime`/)
  const quiet = await cli(['run', 'recipe.yaml', '--json'], { cwd })
  assert.is(quiet.code, 0, quiet.stderr)
  assert.is(quiet.stderr, '')

  await sandbox.control('clock', { advance: '6h1m' })
  const ahead = 6 * 3_600_000 + 60_000
  const run = await later(ahead, ['run', 'recipe.yaml', '--json'], cwd)
  assert.is(run.code, 0, run.stderr)
  const warnings = run.lines.filter(({ type }) => type === 'warning')
  assert.is(warnings.length, 1)
  assert.equal(Object.keys(warnings[0] ?? {}).sort(), ['at', 'code', 'connection', 'message', 'recipe', 'type'])
  assert.equal([warnings[0]?.code, warnings[0]?.connection], ['sign_in_ends_soon', 'On-premises'])
  assert.match(
    run.stderr,
    /^warn The sign-in of "On-premises" ends in 11\d minutes, on .* Use does not prolong it: .*Set-AdfsProperties -SsoLifetime.*\n$/,
  )
  assert.is(run.lines.at(-1)?.type, 'summary')

  const listed = await later(ahead, ['connections'], cwd)
  assert.match(listed.stdout, /On-premises +default +connected +\S+ +\S+ \S+ +\S+ \S+ !\n\n! The sign-in of "On-premises" ends in/)
  const [json] = JSON.parse((await later(ahead, ['connections', '--json'], cwd)).stdout)
  assert.equal([json.ends[0].what, json.ends[0].fixed, json.warnings.length], ['sign-in', true, 1])

  const kept = await later(ahead, ['connections', 'keepalive', '--json'], cwd)
  assert.equal([kept.code, kept.lines[0]?.outcome], [0, 'fixed'])

  await sandbox.control('clock', { advance: '2h' })
  assert.is((await later(ahead + 7_200_000, ['connections', 'keepalive'], cwd)).code, 3)
})

test.run()
