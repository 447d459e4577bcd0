import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import selfsigned from 'selfsigned'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSandbox } from '../../../../../connectors/dynamics365/sandbox/start.ts'
import type { RunningSandbox } from '../../../../../runner/connector/index.ts'

interface Context {
  sandbox: RunningSandbox
  folder: string
  /** Runs the client in a process of its own, which trusts the sandbox's authority from its start. */
  client(flow: string, settings?: Record<string, string>): Promise<Record<string, unknown>>
}

const msal = suite<Context>('@azure/msal-node, unmodified, over TLS')

msal.before(async (context) => {
  context.sandbox = await startSandbox({ tls: true })
  context.folder = mkdtempSync(join(tmpdir(), 'runner-test-msal-'))
  const ca = join(context.folder, 'ca.pem')
  const { url, settings } = context.sandbox
  writeFileSync(ca, String((context.sandbox as { ca?: string }).ca))
  context.client = async (flow, more = {}) => {
    const program = join(import.meta.dirname, 'msal-flow.ts')
    // By the environment: a failure prints the arguments of the program, and these are secrets.
    const input = JSON.stringify({ flow, url, ...(settings as object), ...more })
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: ca, MSAL_FLOW: input }
    const { stdout } = await promisify(execFile)(process.execPath, [program], { env })
    return JSON.parse(stdout) as Record<string, unknown>
  }
})
msal.after(async ({ sandbox, folder }) => {
  await sandbox.close()
  rmSync(folder, { recursive: true, force: true })
})

msal('client credentials by secret; the token is taken by the Web API', async ({ client }) => {
  assert.equal(await client('secret'), { tokenType: 'Bearer', status: 200 })
})

msal('client credentials by certificate', async ({ client, sandbox }) => {
  const { private: privateKey, cert } = await selfsigned.generate([{ name: 'commonName', value: 'app' }], { keySize: 2048 })
  await client('register', { pem: cert })
  assert.equal(await client('certificate', { privateKey, cert }), { tokenType: 'Bearer', status: 200 })
  assert.ok(sandbox.url.startsWith('https://'))
})

msal('authorization code with proof key, then silently', async ({ client }) => {
  assert.equal(await client('code'), { tokenType: 'Bearer', status: 200, silent: true, account: 'sandbox.user@sandbox.example' })
})

msal('device code', async ({ client }) => {
  assert.equal(await client('device'), { tokenType: 'Bearer', status: 200 })
})

msal.run()
