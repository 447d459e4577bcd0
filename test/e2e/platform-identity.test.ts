import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import selfsigned from 'selfsigned'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { azureHost } from '../support/azure-host.ts'
import { makePfx } from '../support/certificates.ts'
import { cli } from '../support/cli.ts'
import { appConnection, recipeFolder } from '../support/recipes.ts'
import { type SandboxProcess, sandboxProcess } from '../support/sandbox.ts'
import { tempFolder } from '../support/temp.ts'

const test = suite('runs that sign in without a client secret')
let sandbox: SandboxProcess
test.before(async () => {
  sandbox = await sandboxProcess(tempFolder())
})
test.after(() => sandbox.close())

const address = appConnection.slice(0, appConnection.indexOf('auth:'))
/** The connection block stands in a folder of its own, from which file names start. */
const folderWith = (signIn: string) =>
  recipeFolder({
    'connections/crm.connection.yaml': `${address}${signIn}`,
    'rows.jsonl': '{"name":"Petrel"}\n',
    'recipe.yaml': `name: Writes
connection: ./connections/crm.connection.yaml
trigger: { type: files.rows, with: { path: rows.jsonl } }
steps:
  - action: dynamics365.create_record
    with: { table: account, values: { name: "\${{ trigger.name }}" } }
`,
  })

async function runs(cwd: string, env: Record<string, string>): Promise<void> {
  const { D365_CLIENT_SECRET: _, ...known } = sandbox.env
  const { code, stdout, stderr } = await cli(['run', 'recipe.yaml', '--json'], { cwd, env: { ...known, ...env, RUNNER_LOG: 'debug' } })
  assert.is(code, 0, stdout + stderr)
  assert.match(stdout, /"succeeded":1/)
  const kept = readFileSync(join(cwd, '.runner/store.db'), 'latin1')
  for (const said of [stdout, stderr, kept]) assert.not.match(said, /canary|sbx-at-|eyJ[\w-]{20}/)
}

test('managed identity: the environment of the program says where to ask', async () => {
  const host = await azureHost({
    now: Date.now,
    accessToken: async () => ({ token: await sandbox.accessToken(), expiresIn: 3_600 }),
    jobToken: async () => '',
  })
  try {
    await runs(folderWith('auth: managed_identity\n'), host.env.appService)
    assert.is(host.asked.length, 1)
  } finally {
    await host.close()
  }
})

test('workload identity: the environment names file, client and tenant', async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const [issuer, subject] = ['https://issuer.example', 'system:serviceaccount:runner']
  await sandbox.control('federated-credentials', { issuer, subject, keys: [await exportJWK(publicKey)] })
  const token = await new SignJWT({ iss: issuer, sub: subject, aud: 'api://AzureADTokenExchange' })
    .setProtectedHeader({ alg: 'RS256' })
    .setExpirationTime('10m')
    .sign(privateKey)
  const file = join(tempFolder(), 'token')
  writeFileSync(file, token)
  const { tenant, client_id } = sandbox
  await runs(folderWith('auth: workload_identity\n'), {
    AZURE_FEDERATED_TOKEN_FILE: file,
    AZURE_TENANT_ID: tenant,
    AZURE_CLIENT_ID: client_id,
  })
})

test('a PFX file beside the connection block, its password as a secret', async () => {
  const certificate = await selfsigned.generate([{ name: 'commonName', value: 'runner' }], { keySize: 2048 })
  await sandbox.control('certificates', { pem: certificate.cert })
  const cwd = folderWith(`auth: client_credentials
client_id: \${{ env.D365_CLIENT_ID }}
client_certificate_file: certificates/app.pfx
client_certificate_password: \${{ secrets.PFX_PASSWORD }}
`)
  mkdirSync(join(cwd, 'connections/certificates'))
  writeFileSync(join(cwd, 'connections/certificates/app.pfx'), makePfx(certificate, 'RC2 and 3DES', 'pfx-password-canary'))
  await runs(cwd, { PFX_PASSWORD: 'pfx-password-canary' })
})

test.run()
