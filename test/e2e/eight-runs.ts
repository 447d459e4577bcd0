import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import * as assert from 'uvu/assert'
import { startCli } from '../support/cli.ts'
import { type Gate, openGate } from '../support/gate.ts'
import { recipeFolder } from '../support/recipes.ts'
import type { SandboxProcess } from '../support/sandbox.ts'
import { signIn } from '../support/sign-in.ts'

export const entra = `connector: dynamics365
name: Test
account_type: cloud
url: \${{ env.GATE }}
authority: \${{ env.GATE }}
tenant: \${{ env.D365_TENANT }}
client_id: \${{ env.D365_CLIENT_ID }}
client_secret: \${{ secrets.D365_CLIENT_SECRET }}
`
export const adfs = `connector: dynamics365
name: Test
account_type: on_premise
ad_domain: adfs.example
api_version: '9.2'
url: \${{ env.GATE }}
authority: \${{ env.GATE }}/adfs
resource: \${{ env.GATE }}/
redirect_uri: \${{ env.REDIRECT }}
client_id: \${{ env.D365_CLIENT_ID }}
client_secret: \${{ secrets.D365_CLIENT_SECRET }}
`

const recipe = (name: string) => `name: ${name}
connection: ./crm.connection.yaml
retry: { attempts: 1 }
trigger: { type: files.rows, with: { path: rows.jsonl } }
steps:
  - action: dynamics365.create_record
    with: { table: contact, values: { lastname: "\${{ trigger.name }}", firstname: ${name} } }
`

export interface Running {
  process: ChildProcess
  /** Resolves when it says that it waits for another's renewal. */
  waits: Promise<void>
  ended: Promise<{ code: number | null; lines: Record<string, unknown>[]; stderr: string }>
}

export interface World {
  gate: Gate
  /** `runner run` of a recipe of its own. */
  run(name: string): Running
  /** Names of those whose row is in the organization. */
  created(): Promise<string[]>
  mark: string
}

/** A person has signed in with the real program, and the access token has just expired. */
export async function signedIn(
  sandbox: SandboxProcess,
  connection: string,
  body: (world: World) => Promise<void>,
  { expired = true } = {},
): Promise<void> {
  const gate = await openGate(sandbox.url)
  const mark = crypto.randomUUID()
  const recipes = Object.fromEntries(names.map((name) => [`${name}.recipe.yaml`, recipe(name)]))
  const cwd = recipeFolder({ 'crm.connection.yaml': connection, 'rows.jsonl': `{"name":"${mark}"}\n`, ...recipes })
  const env = { ...sandbox.env, GATE: gate.url, REDIRECT: `http://localhost:${await freePort()}/`, RUNNER_LOG: 'debug' }
  const children: ChildProcess[] = []
  function run(name: string): Running {
    const child = startCli(['run', `${name}.recipe.yaml`, '--json'], { cwd, env })
    children.push(child)
    let [stdout, stderr] = ['', '']
    const waits = Promise.withResolvers<void>()
    child.stdout?.on('data', (chunk) => (stdout += chunk))
    child.stderr?.on('data', (chunk) => {
      stderr += chunk
      if (stderr.includes('somebody else renews')) waits.resolve()
    })
    const ended = once(child, 'close').then(([code]) => {
      const lines = stdout.split('\n').filter(Boolean)
      return { code, stderr, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
    })
    return { process: child, waits: waits.promise, ended }
  }
  try {
    await sandbox.control('adfs/redirects', { redirect_uri: env.REDIRECT })
    if (expired) gate.nextLives = 0
    const { code, output } = await signIn(['crm.connection.yaml'], { cwd, env })
    assert.is(code, 0, output)
    gate.tokenRequests = 0
    await body({
      gate,
      run,
      mark,
      async created() {
        const { body } = await sandbox.api('GET', `contacts?$select=firstname&$filter=lastname eq '${mark}'`)
        return body.value.map((row: { firstname: string }) => row.firstname).sort()
      },
    })
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await gate.close()
  }
}

export const names = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Resolves when every run waits but the one whose request is under way. */
export function allButOne(runs: readonly Running[]): Promise<void> {
  let waiting = 0
  return new Promise<void>((resolve) => {
    for (const { waits } of runs) void waits.then(() => ++waiting === runs.length - 1 && resolve())
  })
}

export async function allSucceed(runs: readonly Running[]): Promise<void> {
  for (const { ended } of runs) {
    const { code, stderr } = await ended
    assert.is(code, 0, stderr)
  }
}
