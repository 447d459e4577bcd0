import { execFile } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AzureHost, azureHost } from '../support/azure-host.ts'
import { failure } from '../support/failure.ts'
import { type OrganizationServer, organizationServer } from '../support/organization-server.ts'
import { type TestPorts, testPorts, testSpec, whoAmI } from '../support/test-connection.ts'

const test = suite('connection: managed identity')

interface World extends TestPorts {
  host: AzureHost
  organization: OrganizationServer
  asked(clientId?: string): Promise<number>
}

async function given(where: keyof AzureHost['env'], body: (world: World) => Promise<void>): Promise<void> {
  const ports = testPorts()
  const organization = await organizationServer()
  let issued = 0
  const host = await azureHost({
    now: () => ports.clock.now().getTime(),
    jobToken: async () => '',
    async accessToken(resource, clientId) {
      assert.is(resource, organization.url)
      const token = `at-canary-${clientId ?? 'system'}-${++issued}`
      organization.valid.add(token)
      return { token, expiresIn: 86_399 }
    },
  })
  Object.assign(ports.env, host.env[where])
  try {
    await body({
      ...ports,
      host,
      organization,
      async asked(clientId) {
        const oauth = { grant: 'managed_identity', clientId, clientSecret: undefined, refreshToken: undefined } as never
        return whoAmI(ports, testSpec(organization.url, { oauth }))
      },
    })
  } finally {
    await host.close()
    await organization.close()
  }
}

const query = (asked: string | undefined) => Object.fromEntries(new URL(asked?.split(' ')[1] ?? '', 'http://host').searchParams)

for (const where of ['virtualMachine', 'appService'] as const) {
  test(`${where}: one token for all processes until it nears its end, and no authority is asked`, () =>
    given(where, async ({ asked, host, organization, clock, tokens }) => {
      assert.is(await asked(), 200)
      clock.pass(23 * 3_600_000)
      assert.is(await asked(), 200)
      assert.is(host.asked.length, 1)
      clock.pass(3_600_000)
      assert.is(await asked(), 200)
      assert.is(host.asked.length, 2)
      assert.is(organization.tokenRequests.length, 0)
      assert.is(tokens.record().actor, 'app')
      const version = where === 'virtualMachine' ? '2018-02-01' : '2019-08-01'
      assert.equal(query(host.asked[0]), { 'api-version': version, resource: organization.url })
    }))

  test(`${where}: a user-assigned identity is named`, () =>
    given(where, async ({ asked, host }) => {
      assert.is(await asked('user-1'), 200)
      assert.is(query(host.asked[0]).client_id, 'user-1')
      assert.is(await asked('user-2'), 200, 'the token of one does not serve the other')
      assert.is(host.asked.length, 2)
    }))
}

const json = (error: string, error_description: string) => ({ error, error_description })
const refusals: [name: string, status: number, body: unknown, words: RegExp][] = [
  ['no such identity on a virtual machine', 400, json('invalid_request', 'Identity not found'), /400 invalid_request: Identity not found/],
  [
    'no such identity on App Service',
    400,
    { statusCode: 400, message: 'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.' },
    /No User Assigned/,
  ],
  ['an unknown organization', 400, json('invalid_resource', 'AADSTS500011: The resource principal was not found.'), /AADSTS500011/],
  ['forbidden', 403, 'a proxy says no', /a proxy says no/],
]

for (const [name, status, body, words] of refusals)
  test(`refused: ${name}: nobody asks again for an hour, since what is wrong is mended elsewhere`, () =>
    given('virtualMachine', async ({ asked, host, clock }) => {
      host.answers.push({ status, body })
      const error = await failure(asked())
      assert.equal([error.kind, error.code, error.status], ['auth', 'credentials_refused', status])
      assert.match(error.message, words)
      assert.match(error.message, /Assign the identity to this host/)
      assert.is((await failure(asked())).code, 'credentials_refused')
      assert.is(host.asked.length, 1)
      clock.pass(3_600_000)
      assert.is(await asked(), 200)
    }))

const passing: [status: number, leastMs: number][] = [
  [404, 1_000],
  [410, 70_000],
  [429, 1_000],
  [500, 1_000],
  [503, 1_000],
]

for (const [status, leastMs] of passing)
  test(`${status} passes: it is asked again after ${leastMs / 1_000} s at least`, () =>
    given('virtualMachine', async ({ asked, host, clock }) => {
      host.answers.push({ status, body: '' }, { status, body: { error: 'x' } })
      assert.is(await asked(), 200)
      assert.is(host.asked.length, 3)
      assert.ok(clock.slept.length === 2 && clock.slept.every((ms) => ms >= leastMs), clock.slept.join())
    }))

test('what is no token passes too, and is said when it does not', () =>
  given('virtualMachine', async ({ asked, host }) => {
    for (let n = 0; n < 6; n++)
      host.answers.push({ status: 200, body: n % 2 === 0 ? 'an odd page' : { access_token: 'at-canary-odd', expires_on: '0' } })
    const error = await failure(asked())
    assert.equal([error.kind, error.code], ['transient', 'token_endpoint_unavailable'])
    assert.match(error.message, /no token that can be used/)
    assert.not.match(error.message, /canary/)
  }))

test('a host without the service: said at once, once, with what to do', () =>
  given('virtualMachine', async ({ asked, env, clock, tokens }) => {
    const free = createServer()
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
    const { port } = free.address() as AddressInfo
    await new Promise((resolve) => free.close(resolve))
    env.AZURE_POD_IDENTITY_AUTHORITY_HOST = `http://127.0.0.1:${port}`
    const error = await failure(asked())
    assert.equal([error.kind, error.code], ['auth', 'managed_identity_missing'])
    assert.match(error.message, /ECONNREFUSED/)
    assert.match(error.message, /`client_credentials` or `workload_identity`/)
    assert.equal(clock.slept, [])
    assert.is(tokens.record().mark, undefined, 'nothing is kept, so that the next run asks again')
    assert.is(tokens.record().lease, undefined)
  }))

test('a service that says nothing passes', () =>
  given('virtualMachine', async ({ asked, env }) => {
    const silent = createServer((socket) => socket.once('data', () => socket.destroy()))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    env.AZURE_POD_IDENTITY_AUTHORITY_HOST = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const error = await failure(asked())
    await new Promise((resolve) => silent.close(resolve))
    assert.equal([error.kind, error.code], ['transient', 'token_endpoint_unavailable'])
  }))

test('plain http goes to this host only', () =>
  given('virtualMachine', async ({ asked, env }) => {
    env.AZURE_POD_IDENTITY_AUTHORITY_HOST = 'http://169.254.169.254.example.com'
    assert.is((await failure(asked())).code, 'insecure_address')
  }))

test("App Service's header is never shown", () =>
  given('appService', async ({ asked, mask, host }) => {
    await asked()
    const shown = mask.mask(JSON.stringify(host.env.appService))
    assert.match(shown, /\*\*\*/)
    assert.not.match(shown, /canary/)
  }))

test("the imitation is asked by Microsoft's own library in the same way", () =>
  given('virtualMachine', async ({ asked, env, host, organization }) => {
    await asked('user-1')
    const script = `
      const { ManagedIdentityApplication } = require('@azure/msal-node')
      new ManagedIdentityApplication({ managedIdentityIdParams: { userAssignedClientId: 'user-1' } })
        .acquireToken({ resource: ${JSON.stringify(organization.url)} })
        .then(({ accessToken }) => console.log(accessToken))`
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { env })
    assert.match(stdout, /at-canary-user-1-2/)
    assert.equal(query(host.asked[1]), query(host.asked[0]))
  }))

test.run()
