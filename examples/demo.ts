/**
 * `npm run demo`: the main job on the sandbox, with real commands. A local Dynamics 365 is started; the Northwind customers are imported; then two accounts
 * change and a recipe notices exactly those.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { styleText } from 'node:util'

const bin = join(import.meta.dirname, '../runner/bin.js')
const say = (text: string) => console.log(`\n${styleText('bold', text)}`)

// A copy, so that the demo leaves nothing behind and can be shown again.
const folder = mkdtempSync(join(tmpdir(), 'runner-demo-'))
for (const example of ['import-customers', 'changed-accounts'])
  cpSync(join(import.meta.dirname, example), join(folder, example), { recursive: true })
writeFileSync(join(folder, 'runner.yaml'), '')
const env = { ...process.env, RUNNER_STORE: join(folder, '.runner/store.db'), XDG_CONFIG_HOME: join(folder, '.config') }

interface Connection {
  url: string
  authority: string
  tenant: string
  client_id: string
  client_secret: string
}

function runner(...args: string[]): Promise<void> {
  console.log(styleText('dim', `$ npx runner ${args.join(' ')}`))
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env, stdio: 'inherit' })
  return once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`runner ${args[0]} ended with ${code}`)
  })
}

async function startSandbox(): Promise<{ connection: Connection; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [bin, 'sandbox', '--json'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  const [line] = (await once(lines, 'line')) as [string]
  return {
    connection: JSON.parse(line) as Connection,
    async stop() {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

/** What a person would do in the app: change rows. */
async function webApi({ url, authority, tenant, client_id, client_secret }: Connection) {
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret, scope: `${url}/.default` })
  const token = (await (await fetch(`${authority}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body: form })).json()) as {
    access_token: string
  }
  const headers = { authorization: `Bearer ${token.access_token}`, accept: 'application/json', 'content-type': 'application/json' }
  return async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${url}/api/data/v9.2/${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return text === '' ? undefined : JSON.parse(text)
  }
}

const { connection, stop } = await startSandbox()
try {
  say(`A local Dynamics 365 listens at ${connection.url}.`)
  const api = await webApi(connection)
  const count = async (table: string) => (await api('GET', `${table}?$count=true&$top=1`))['@odata.count'] as number

  say('1. Import the Northwind customers: accounts by their number, contacts bound to their accounts.')
  await runner('run', 'import-customers/accounts.recipe.yaml', 'import-customers/contacts.recipe.yaml', '--sandbox', connection.url)
  console.log(`The sandbox now holds ${await count('accounts')} accounts and ${await count('contacts')} contacts.`)

  say('2. Run it again: there is nothing new to do.')
  await runner('run', 'import-customers/accounts.recipe.yaml', '--sandbox', connection.url)

  say('3. Watch accounts. The first run takes a baseline and makes no jobs.')
  await runner('run', 'changed-accounts/recipe.yaml', '--sandbox', connection.url)

  say('4. Somebody moves one account and renames another …')
  await api('PATCH', "accounts(accountnumber='ALFKI')", { address1_city: 'Hamburg' })
  await api('PATCH', "accounts(accountnumber='BERGS')", { name: 'Berglunds snabbköp AB' })
  await runner('run', 'changed-accounts/recipe.yaml', '--sandbox', connection.url)

  say('What the recipe did:')
  console.log(readFileSync(join(folder, 'changed-accounts/changes.jsonl'), 'utf8').trimEnd())
  const moved = await api('GET', "accounts(accountnumber='ALFKI')?$select=name,description")
  console.log(`and it wrote back to ${moved.name}: "${moved.description}"`)
} finally {
  await stop()
  rmSync(folder, { recursive: true, force: true })
}
