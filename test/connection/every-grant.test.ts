import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import selfsigned from 'selfsigned'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import dynamics365 from '../../connectors/dynamics365/connection.ts'
import { publicClientId } from '../../connectors/dynamics365/sandbox/identity/directory.ts'
import { startSandbox } from '../../connectors/dynamics365/sandbox/index.ts'
import { type ConnectionSpec, type Invitation, signIn, type Way } from '../../runner/connection/index.ts'
import type { RunningSandbox } from '../../runner/connector/index.ts'
import { adfsSettings } from '../support/adfs-settings.ts'
import { type AzureHost, azureHost } from '../support/azure-host.ts'
import { makePfx } from '../support/certificates.ts'
import { tempFolder } from '../support/temp.ts'
import { whoAmI as statusOf, type TestPorts, testPorts } from '../support/test-connection.ts'

const test = suite('connection: every grant, against the sandbox')

const certificate = await selfsigned.generate([{ name: 'commonName', value: 'runner' }], { keySize: 2048 })
const pem = `${certificate.cert}\n${certificate.private}`
const issuer = await generateKeyPair('RS256')
const federated = { issuer: 'https://issuer.example', subject: 'system:runner', keys: [await exportJWK(issuer.publicKey)] }
const hour = 3_600_000
const root = tempFolder()

interface World extends TestPorts {
  sandbox: RunningSandbox
  host: AzureHost
  /** Where the connection block stands. */
  folder: string
  spec(settings: Record<string, unknown>): ConnectionSpec
  /** A person signs in. */
  signedIn(settings: Record<string, unknown>, way: Way): Promise<void>
  /** A token of the issuer that the app trusts; lives for ten minutes. */
  issued(audience?: string): Promise<string>
}

const confidential = ({ sandbox }: World) => ({ client_id: sandbox.settings.client_id, client_secret: sandbox.settings.client_secret })
const app = ({ sandbox }: World) => ({ client_id: sandbox.settings.client_id, auth: 'client_credentials' })
const wholeAddress = async (address: string) =>
  (await fetch(address, { method: 'POST', body: new URLSearchParams({ decision: 'sign_in' }), redirect: 'manual' })).headers.get(
    'location',
  ) ?? ''

/** The settings of each way, once whatever it needs is there. Its grants as the token endpoint counts them: the first sign-in, and the renewal. */
interface Grant {
  settings(world: World): Promise<Record<string, unknown>>
  counts: Record<string, number>
  servers?: Form['server'][]
  /** Before the renewal. */
  later?(world: World): Promise<void>
}

const grants: Record<string, Grant> = {
  'authorization code, public client': {
    async settings(world) {
      const settings = { client_id: publicClientId, auth: 'authorization_code' }
      await world.signedIn(settings, 'paste')
      return settings
    },
    counts: { authorization_code: 1, refresh_token: 1 },
  },
  'authorization code, confidential client': {
    async settings(world) {
      const settings = { ...confidential(world), auth: 'authorization_code' }
      await world.signedIn(settings, 'paste')
      return settings
    },
    counts: { authorization_code: 1, refresh_token: 1 },
  },
  'device code': {
    async settings(world) {
      const settings = { client_id: publicClientId, auth: 'authorization_code' }
      await world.signedIn(settings, 'device')
      return settings
    },
    counts: { 'urn:ietf:params:oauth:grant-type:device_code': 1, refresh_token: 1 },
  },
  'client credentials, secret': {
    settings: async (world) => ({ ...app(world), ...confidential(world) }),
    counts: { client_credentials: 2 },
  },
  'client credentials, certificate as PEM text': {
    settings: async (world) => ({ ...app(world), client_certificate: pem }),
    counts: { client_credentials: 2 },
  },
  'client credentials, certificate as PEM file': {
    async settings(world) {
      writeFileSync(join(world.folder, 'app.pem'), pem)
      return { ...app(world), client_certificate_file: 'app.pem' }
    },
    counts: { client_credentials: 2 },
  },
  'client credentials, certificate as PFX file': {
    async settings(world) {
      writeFileSync(join(world.folder, 'app.pfx'), makePfx(certificate, 'AES-256 with PBKDF2 and SHA-256', 'open sesame'))
      return { ...app(world), client_certificate_file: 'app.pfx', client_certificate_password: 'open sesame' }
    },
    counts: { client_credentials: 2 },
  },
  'a given refresh token': {
    async settings(world) {
      const before = testPorts(undefined, world.clock)
      await signInWith(before, world.spec({ ...confidential(world), auth: 'authorization_code' }), 'paste')
      return { ...confidential(world), auth: 'refresh_token', refresh_token: before.tokens.record().refresh?.token }
    },
    counts: { authorization_code: 1, refresh_token: 2 },
  },
  'workload identity, token file named by the platform': {
    async settings(world) {
      const file = join(world.folder, 'token')
      writeFileSync(file, `${await world.issued()}\n`)
      const { client_id: client, tenant } = world.sandbox.settings
      Object.assign(world.env, { AZURE_FEDERATED_TOKEN_FILE: file, AZURE_CLIENT_ID: client, AZURE_TENANT_ID: tenant })
      return { auth: 'workload_identity' }
    },
    // The first token has ended by then; the platform has written another.
    async later(world) {
      writeFileSync(join(world.folder, 'token'), await world.issued())
    },
    counts: { client_credentials: 2 },
    servers: ['entra'],
  },
  'workload identity, token file named in the block': {
    async settings(world) {
      writeFileSync(join(world.folder, 'token'), await world.issued())
      return { auth: 'workload_identity', client_id: world.sandbox.settings.client_id, federated_token_file: 'token' }
    },
    async later(world) {
      writeFileSync(join(world.folder, 'token'), await world.issued())
    },
    counts: { client_credentials: 2 },
    servers: ['entra'],
  },
  'workload identity, job of GitHub Actions': {
    async settings({ env, host, sandbox }) {
      Object.assign(env, host.env.gitHubJob)
      return { auth: 'workload_identity', client_id: sandbox.settings.client_id }
    },
    counts: { client_credentials: 2 },
    servers: ['entra'],
  },
  'managed identity of a virtual machine': {
    async settings({ env, host }) {
      Object.assign(env, host.env.virtualMachine)
      return { auth: 'managed_identity' }
    },
    counts: {},
    servers: ['entra'],
  },
  'managed identity of App Service, assigned by the user': {
    async settings({ env, host }) {
      Object.assign(env, host.env.appService)
      return { auth: 'managed_identity', client_id: 'user-assigned-1' }
    },
    counts: {},
    servers: ['entra'],
  },
  'user name and password': {
    async settings({ sandbox }) {
      const account = (await (await fetch(`${sandbox.url}/sandbox/account`)).json()) as Record<string, string>
      return { client_id: publicClientId, auth: 'password', ...account }
    },
    counts: { password: 1, refresh_token: 1 },
    servers: ['adfs'],
  },
}

async function signInWith({ ports }: TestPorts, spec: ConnectionSpec, way: Way): Promise<void> {
  let invited: Invitation | undefined
  await signIn(
    spec,
    {
      ...ports,
      clock: {
        ...ports.clock,
        async sleep(ms, signal) {
          const { address, code = '' } = invited as Invitation
          await fetch(address, { method: 'POST', body: new URLSearchParams({ code, decision: 'sign_in' }) })
          await ports.clock.sleep(ms, signal)
        },
      },
    },
    {
      way,
      signal: new AbortController().signal,
      show(invitation) {
        invited = invitation
      },
      readAnswer: () => wholeAddress(invited?.address ?? ''),
    },
  )
}

/** Whose challenge is asked too: one for each kind of client, the others go the same way. */
const challenged = ['authorization code, public client', 'client credentials, secret', 'a given refresh token', 'user name and password']

interface Form {
  server: 'entra' | 'adfs'
  /** The fields of the block that say where to sign in. */
  settings(sandbox: RunningSandbox): Record<string, unknown>
  /** How the organization challenges. */
  switches?: Record<string, string>
}

const forms: Record<string, Form> = {
  Entra: { server: 'entra', settings: ({ url, settings: { authority, tenant } }) => ({ account_type: 'cloud', url, authority, tenant }) },
  'Entra, found from the challenge': { server: 'entra', settings: ({ url }) => ({ account_type: 'cloud', url }) },
  'AD FS': { server: 'adfs', settings: adfsSettings },
  'AD FS, resource found from the challenge': {
    server: 'adfs',
    settings: (sandbox) => ({ ...adfsSettings(sandbox), resource: undefined }),
    switches: { challenge_headers: 'bearer_and_windows' },
  },
}

async function inWorld({ settings: where, switches = {} }: Form, body: (world: World) => Promise<void>): Promise<void> {
  const ports = testPorts()
  const { now } = ports.clock
  const issued = (audience = 'api://AzureADTokenExchange') =>
    new SignJWT({ sub: federated.subject })
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(federated.issuer)
      .setAudience(audience)
      .setIssuedAt(now())
      .setExpirationTime(new Date(now().getTime() + hour / 6))
      .sign(issuer.privateKey)
  const orders = { certificates: [certificate.cert], federatedCredentials: [federated] }
  const sandbox = await startSandbox({ clock: now, accessTokenTtl: 3_600, switches, ...orders })
  const folder = mkdtempSync(join(root, 'w-'))
  const host = await azureHost({
    now: () => now().getTime(),
    jobToken: issued,
    async accessToken(resource) {
      const { client_id, client_secret, authority, tenant } = sandbox.settings as Record<string, string>
      const form = { grant_type: 'client_credentials', client_id: client_id!, client_secret: client_secret!, scope: `${resource}/.default` }
      const answer = await fetch(`${authority}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(form) })
      const { access_token, expires_in } = (await answer.json()) as { access_token: string; expires_in: number }
      return { token: access_token, expiresIn: expires_in }
    },
  })
  const base = where(sandbox)
  const spec = (settings: Record<string, unknown>): ConnectionSpec => ({
    connector: dynamics365,
    name: 'Sandbox',
    environment: 'default',
    folder,
    settings: { ...base, ...settings },
  })
  try {
    await body({ ...ports, sandbox, host, folder, spec, issued, signedIn: (settings, way) => signInWith(ports, spec(settings), way) })
  } finally {
    await host.close()
    await sandbox.close()
  }
}

const whoAmI = (world: World, settings: Record<string, unknown>) => statusOf(world, world.spec(settings))

const counted = async ({ sandbox }: World) =>
  ((await (await fetch(`${sandbox.url}/sandbox/requests`)).json()) as { token: Record<string, number> }).token

for (const [name, grant] of Object.entries(grants))
  for (const [title, form] of Object.entries(forms).filter(([title, { server }]) => {
    return (grant.servers ?? ['entra', 'adfs']).includes(server) && (challenged.includes(name) || !title.includes('challenge'))
  }))
    test(`${title}: ${name}: opens, answers, and renews once`, () =>
      inWorld(form, async (world) => {
        const settings = await grant.settings(world)
        assert.is(await whoAmI(world, settings), 200)
        assert.is(await whoAmI(world, settings), 200, 'the kept access token serves the next process')
        world.clock.pass(hour)
        await grant.later?.(world)
        assert.is(await whoAmI(world, settings), 200)
        // Those of the identity service are the sandbox's own, made for it by the imitation.
        const own = await counted(world)
        if (settings.auth === 'managed_identity') assert.is(world.host.asked.length, 2)
        else assert.equal(own, grant.counts)
        assert.not.match(world.logged.join('\n'), /canary|open sesame/)
      }))

const manyTenants: Form = {
  ...(forms.Entra as Form),
  settings: ({ url, settings: { authority } }) => ({ account_type: 'cloud', url, authority, tenant: 'organizations' }),
  switches: { registration_tenants: 'many' },
}

for (const name of ['authorization code, public client', 'authorization code, confidential client', 'device code', 'a given refresh token'])
  test(`an app of many tenants, at \`organizations\`: ${name}`, () =>
    inWorld(manyTenants, async (world) => {
      assert.is(await whoAmI(world, await (grants[name] as Grant).settings(world)), 200)
    }))

test('an app of one tenant is refused at `organizations`, and told what to set', () =>
  inWorld({ ...manyTenants, switches: {} }, async (world) => {
    const settings = { ...confidential(world), ...app(world) }
    const error = await whoAmI(world, settings).then(String, (thrown: Error) => thrown.message)
    assert.match(error, /AADSTS50194.*Correct `tenant`/)
  }))

test.run()
