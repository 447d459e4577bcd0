import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cli } from '../../support/cli.ts'
import { appConnection, recipeFolder } from '../../support/recipes.ts'
import { type SandboxProcess, sandboxProcess } from '../../support/sandbox.ts'
import { tempFolder } from '../../support/temp.ts'
import { app, broken, noSecrets, person } from './chain.ts'

const test = suite('runner doctor: sign-in and rights')
let sandbox: SandboxProcess
test.before(async () => {
  sandbox = await sandboxProcess(tempFolder())
  await sandbox.api('POST', 'contacts', { lastname: 'Petrel' })
})
test.after(async () => sandbox.close())

test('all is well', async () => {
  const cwd = app()
  const run = await cli(['doctor', 'recipe.yaml'], { cwd, env: sandbox.env })
  assert.is(run.code, 0, run.stdout + run.stderr)
  noSecrets(sandbox, run)
  const { host } = new URL(sandbox.url)
  const shown = run.stdout.replaceAll(cwd, '<root>').replaceAll(host, '<host>').replaceAll(process.versions.node, '<version>')
  const anyId = shown.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>').replace(/on \w+ \w+$/m, 'on <machine>')
  assert.is(
    anyId,
    `This machine
  ✓ Node                    <version> on <machine>

<root>
  ✓ store                   <root>/.runner/store.db opens with the key that is there.

Connection "Test" (default)
  ✓ settings                complete, with every secret that they name
  ✓ name of the system      127.0.0.1
  ✓ server of the system    <host> answers
  ✓ clock                   as that of the system
  ✓ challenge               The system wants sign-in at http://<host>, tenant <id>, resource http://<host>/.
  ✓ name of the authority   127.0.0.1
  ✓ server of the authority <host> answers
  ✓ token                   The app gets access tokens with what it proves itself with.
  ✓ call                    user <id> of organization <id> at <host>
  ✓ rights                  may read account
  ✓ rights                  may read contact, and create rows there, as far as one row tells
`,
  )
})

test('files with problems are told; below a root whose own settings are wrong nothing else is looked at', async () => {
  const cwd = app()
  writeFileSync(join(cwd, 'a.recipe.yaml'), 'name: x\n')
  writeFileSync(join(cwd, 'runner.yaml'), 'warn_befor: 5d\n')
  const run = await cli(['doctor', '--json'], { cwd, env: sandbox.env })
  assert.is(run.code, 1)
  const broken = run.lines.filter(({ result }) => result === 'failed')
  assert.equal(
    broken.map(({ subject, code }) => [subject, code]),
    [
      ['runner.yaml', 'unexpected_key'],
      ['a.recipe.yaml', 'missing_key'],
      ['a.recipe.yaml', 'missing_key'],
    ],
  )
})

test('another tenant than the system names', async () => {
  const cwd = app()
  const D365_TENANT = '5a1db0c5-0000-4a00-9a00-000000000bad'
  const { code, stdout } = await cli(['doctor'], { cwd, env: { ...sandbox.env, D365_TENANT } })
  assert.is(code, 1)
  assert.match(stdout, /✗ token +.* \[credentials_refused\]/)
  assert.match(
    stdout,
    /! challenge +The system wants sign-in at .*; the settings have tenant 5a1db0c5-0000-4a00-9a00-000000000bad\.\n {4}→ Correct/,
  )
})

test('a wrong secret', async () => {
  const { check, code, says } = await broken(sandbox, app(), { D365_CLIENT_SECRET: 'wrong-secret-canary' })
  assert.equal([check, code], ['token', 'credentials_refused'])
  assert.match(says, /AADSTS7000215/)
})

test('a refresh token that is dead, though the access token still holds', async () => {
  const cwd = person()
  const env = sandbox.env
  assert.is((await cli(['doctor'], { cwd, env })).code, 0)
  await sandbox.control('refresh-tokens/kill', { code: 50173 })
  const { check, code, says } = await broken(sandbox, cwd)
  await sandbox.control('refresh-tokens/revive')
  assert.equal([check, code], ['token', 'reconnect_needed'])
  assert.match(says, /AADSTS50173.*runner connect/)
})

test('a wrong password is sent once, however often the doctor is asked: each try may lock the account', async () => {
  const connection = `connector: dynamics365
name: Test
account_type: on_premise
url: \${{ env.D365_URL }}
ad_domain: adfs.example
authority: \${{ env.D365_URL }}/adfs
client_id: \${{ env.D365_CLIENT_ID }}
client_secret: \${{ secrets.D365_CLIENT_SECRET }}
auth: password
username: somebody
password: \${{ secrets.D365_PASSWORD }}
`
  const cwd = recipeFolder({ 'crm.connection.yaml': connection })
  await sandbox.control('requests/reset')
  for (let time = 0; time < 2; time++) {
    const { check, code, says } = await broken(sandbox, cwd, { D365_PASSWORD: 'wrong-password-canary' })
    assert.equal([check, code], ['token', 'reconnect_needed'])
    assert.match(says, /MSIS9659/)
  }
  assert.equal((await sandbox.requests()).token, { password: 1 })
})

test('an app that the organization does not know', async () => {
  await sandbox.control('switches', { application_user: 'missing' })
  const { check, says } = await broken(sandbox, app())
  await sandbox.control('switches', { application_user: 'present' })
  assert.is(check, 'call')
  assert.match(says, /not a member of the organization/)
})

test('a privilege that is missing: to read, and to write as far as a row tells', async () => {
  const rule = { user: 'sandbox.user@sandbox.example', table: 'contact' }
  await sandbox.control('privileges', { rules: [{ ...rule, rights: ['Create'], depth: 'none' }] })
  const doubtful = await cli(['doctor', '--json'], { cwd: app(), env: sandbox.env })
  assert.is(doubtful.code, 0, doubtful.stdout)
  assert.match(String(doubtful.lines.at(-1)?.says), /may read contact, but not create/)
  assert.match(String(doubtful.lines.at(-1)?.todo), /prvCreate on contact/)
  await sandbox.control('privileges', { rules: [{ ...rule, rights: ['Read'], depth: 'none' }] })
  const { check, code, says } = await broken(sandbox, app())
  await sandbox.control('privileges', { rules: [{ ...rule, depth: 'organization' }] })
  assert.equal([check, code], ['rights', 'missing_privilege'])
  assert.match(says, /prvReadContact/)
})

test('a client secret that ends soon is a warning', async () => {
  const cwd = recipeFolder({ 'crm.connection.yaml': `${appConnection}client_secret_expires: 2020-01-31\n` })
  const { code, stdout } = await cli(['doctor'], { cwd, env: sandbox.env })
  assert.is(code, 0)
  assert.match(stdout, /! ends +The client secret of "Test" ended on 2020-01-31 00:00 UTC\. .* \[client_secret_ends_soon\]/)
})

test.run()
