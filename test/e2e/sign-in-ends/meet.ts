import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type EndingName, endings } from '../../../schemas/sign-in-endings.ts'
import { type CliResult, cli } from '../../support/cli.ts'
import { pasteSignIn } from '../../support/paste-sign-in.ts'
import { personConnection, recipeFolder } from '../../support/recipes.ts'
import { type SandboxProcess, sandboxProcess } from '../../support/sandbox.ts'
import { tempFolder } from '../../support/temp.ts'
import { type Case, cases, type Form, noFaults } from './cases.ts'

const adfsConnection = `connector: dynamics365
name: Test
account_type: on_premise
url: \${{ env.D365_URL }}
api_version: "9.2"
ad_domain: adfs.example
authority: \${{ env.D365_URL }}/adfs
resource: \${{ env.D365_URL }}/
redirect_uri: http://localhost:54321/
auth: refresh_token
client_id: \${{ env.D365_CLIENT_ID }}
client_secret: \${{ secrets.D365_CLIENT_SECRET }}
refresh_token: \${{ secrets.D365_REFRESH_TOKEN }}
`
const connections: Record<Form, string> = { entra: personConnection, adfs: adfsConnection }
/** While something is broken: how long a request may wait for a token. */
const impatient = 'timeout: 3s\n'

/** Its trigger is the first to meet a dead sign-in. */
const polls = (account: string) => `name: Polls
connection: ./crm.connection.yaml
retry: { attempts: 1 }
trigger:
  type: dynamics365.record_changed
  with: { table: account, columns: [name] }
  if: \${{ trigger.name == "${account}" }}
steps:
  - action: files.append
    with: { path: out.jsonl, row: { name: "\${{ trigger.name }}" } }
`

/** Its trigger knows nothing of Dynamics; its second step does. */
const works = `name: Works
connection: ./crm.connection.yaml
retry: { attempts: 1 }
trigger: { type: files.rows, with: { path: rows.jsonl } }
steps:
  - id: first
    action: files.append
    with: { path: first.jsonl, row: { name: "\${{ trigger.name }}" } }
  - id: second
    action: dynamics365.create_record
    with: { table: contact, values: { lastname: "\${{ trigger.name }}" } }
`

/** Lets the real program meet the ends of one group, where the form of authority has them: in a trigger, and in a step. */
export function meet(form: Form, group: Case['group']): void {
  const test = suite(`how a sign-in ends: ${form === 'entra' ? 'Entra' : 'AD FS'}, ${group}`)
  let sandbox: SandboxProcess
  let polled: string
  test.before(async () => {
    sandbox = await sandboxProcess(tempFolder())
    // It has polled before, so that it has a cursor. Each test begins with a copy.
    polled = recipeFolder({ 'crm.connection.yaml': connections[form], 'recipe.yaml': polls('Petrel') })
    const env = { ...sandbox.env, D365_REFRESH_TOKEN: await refreshToken(sandbox, form) }
    const healthy = await cli(['run', 'recipe.yaml', '--json'], { cwd: polled, env })
    assert.is(healthy.code, 0, told(healthy))
  })
  test.after.each(async () => noFaults(sandbox))
  test.after(async () => sandbox.close())
  for (const name of Object.keys(endings) as EndingName[])
    if (cases[name].group === group && typeof endings[name][form] !== 'string')
      test(`${name}: ${endings[name].what}`, () => met({ sandbox, form, polled, name, ...cases[name] }))
  test.run()
}

interface Meeting extends Case {
  sandbox: SandboxProcess
  form: Form
  /** A folder whose recipe has polled. */
  polled: string
  name: EndingName
}

async function met({ sandbox, form, polled, name, breaks, env: broken = {}, says, calls, heals, person }: Meeting): Promise<void> {
  const ending = endings[name]
  const connection = connections[form]
  const env = { ...sandbox.env, D365_REFRESH_TOKEN: await refreshToken(sandbox, form) }
  const poll = tempFolder()
  cpSync(polled, poll, { recursive: true })
  writeFileSync(join(poll, 'recipe.yaml'), polls(name))
  const work = recipeFolder({ 'crm.connection.yaml': connection, 'recipe.yaml': works, 'rows.jsonl': '{"name":"Petrel"}\n' })
  const both = <T>(one: (cwd: string) => Promise<T>) => Promise.all([one(poll), one(work)])
  const configure = (text: string) => both(async (cwd) => writeFileSync(join(cwd, 'crm.connection.yaml'), text))
  const run = (cwd: string, more: Record<string, string> = {}) => cli(['run', 'recipe.yaml', '--json'], { cwd, env: { ...env, ...more } })
  const asked = async () => Object.values((await sandbox.requests()).token).reduce((sum, count) => sum + count, 0)

  // Something to find, and a sign-in that nobody has used yet.
  await sandbox.api('POST', 'accounts', { name })

  // It breaks: a trigger error here, a job error there.
  await breaks(sandbox)
  await configure(connection + impatient)
  await sandbox.control('requests/reset')
  const [trigger, job] = await both((cwd) => run(cwd, broken))
  const [triggerError, jobError] = [errorOf(trigger, 'trigger_error'), errorOf(job, 'job_error')]
  assert.equal([trigger.code, job.code], [3, 4], told(trigger, job))
  assert.equal([trigger.lines.at(-1)?.outcome, job.lines.at(-1)?.outcome], ['trigger_error', 'job_errors'])
  assert.is(jobError.step, 'second')
  for (const { code, status, message } of [triggerError, jobError]) {
    assert.is(code, ending.code, told(trigger, job))
    assert.is(status, (ending[form] as { status: number }).status)
    assert.match(String(message), says[form])
  }
  assert.equal(trigger.lines.at(-1)?.events, 0)
  assert.is(readFileSync(join(work, 'first.jsonl'), 'utf8'), '{"name":"Petrel"}\n', 'the run goes on to the step that needs it')
  assert.is(await asked(), calls[0] + calls[1], 'calls of the token endpoint')

  // It stays broken: since when is told, and nobody is asked who must not be.
  const again = await run(poll, broken)
  assert.is(again.code, 3, told(again))
  const more = (await asked()) - calls[0] - calls[1]
  assert.ok(more <= calls[2], `calls of the token endpoint by the next run: ${more}`)
  if (name !== 'forbidden') {
    const [since, before] = [errorOf(again, 'trigger_error'), triggerError].map(({ details }) => (details as { since?: string }).since)
    assert.is(since, before)
    assert.match(String(triggerError.message), `since ${since}`)
  }
  if (ending.state === 'degraded') {
    const list = await cli(['connections', '--json'], { cwd: work, env })
    const [kept] = JSON.parse(list.stdout) as { state: string; why?: string; since?: string }[]
    assert.equal(kept && [kept.state, kept.why, kept.since], ['degraded', jobError.message, (jobError.details as { since: string }).since])
  }

  // It is mended, and nothing is lost.
  await heals?.(sandbox)
  await configure(connection)
  if (person === 'connections test')
    for (const asked of await both((cwd) => cli(['connections', 'test', 'recipe.yaml'], { cwd, env })))
      assert.is(asked.code, 0, told(asked))
  // A person signs in here, and there a new refresh token is configured.
  const signedIn = person === 'connect' ? await pasteSignIn(['recipe.yaml'], { cwd: poll, env }) : undefined
  assert.is(signedIn?.code ?? 0, 0, signedIn?.output)
  const mended = person === 'connect' ? { D365_REFRESH_TOKEN: await refreshToken(sandbox, form) } : {}
  const [next, rerun] = await Promise.all([
    run(poll),
    cli(['jobs', 'rerun', '--failed', '--json'], { cwd: work, env: { ...env, ...mended } }),
  ])
  assert.equal([next.code, rerun.code], [0, 0], told(next, rerun))
  assert.is(next.lines.at(-1)?.events, 1, 'the cursor had not moved')
  assert.is((rerun.lines.at(-1)?.jobs as { succeeded: number } | undefined)?.succeeded, 1)
  assert.is(readFileSync(join(work, 'first.jsonl'), 'utf8'), '{"name":"Petrel"}\n', 'the finished step is not repeated')
  assert.ok(existsSync(join(poll, 'out.jsonl')))
}

function errorOf({ lines }: CliResult, type: string): Record<string, unknown> {
  return lines.find((line) => line.type === type) ?? {}
}

function told(...results: CliResult[]): string {
  return results.map(({ stdout, stderr }) => stdout + stderr).join('\n')
}

/** As if a person had signed in before: at Entra the sandbox gives one away, at AD FS a code is redeemed. */
async function refreshToken({ url, client_id, client_secret }: SandboxProcess, form: Form): Promise<string> {
  if (form === 'entra') return ((await (await fetch(`${url}/sandbox/connection`)).json()) as { refresh_token: string }).refresh_token
  const redirect_uri = 'http://localhost:54321/'
  const query = new URLSearchParams({ client_id, redirect_uri, response_type: 'code', resource: `${url}/`, scope: 'openid' })
  const page = await fetch(`${url}/adfs/oauth2/authorize?${query}`, {
    method: 'POST',
    body: new URLSearchParams({ decision: 'sign_in' }),
    redirect: 'manual',
  })
  const code = new URL(page.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const redeem = new URLSearchParams({ grant_type: 'authorization_code', client_id, client_secret, code, redirect_uri })
  const answer = await fetch(`${url}/adfs/oauth2/token`, { method: 'POST', body: redeem })
  return ((await answer.json()) as { refresh_token: string }).refresh_token
}
