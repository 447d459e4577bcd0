import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import dynamics365 from '../../connectors/dynamics365/connection.ts'
import { startSandbox } from '../../connectors/dynamics365/sandbox/index.ts'
import type { ConnectionSpec } from '../../runner/connection/index.ts'
import type { RunningSandbox } from '../../runner/connector/index.ts'
import { adfsSettings } from '../support/adfs-settings.ts'
import { failure } from '../support/failure.ts'
import { type OrganizationServer, organizationServer } from '../support/organization-server.ts'
import { type TestPorts, testPorts, testSpec, whoAmI } from '../support/test-connection.ts'

const test = suite('connection: on-premises')

const app = ({ settings: { client_id, client_secret } }: RunningSandbox) => ({ client_id, client_secret, auth: 'client_credentials' })
const block = (settings: Record<string, unknown>): ConnectionSpec => ({
  connector: dynamics365,
  name: 'On premises',
  environment: 'default',
  folder: '/',
  settings,
})

type Control = (path: string, form?: unknown) => Promise<void>

async function withSandbox(
  body: (sandbox: RunningSandbox, ports: TestPorts, control: Control) => Promise<void>,
  switches = {},
): Promise<void> {
  const ports = testPorts()
  const sandbox = await startSandbox({ clock: ports.clock.now, accessTokenTtl: 3_600, switches })
  const order: Control = async (path, form = {}) => {
    const answer = await fetch(`${sandbox.url}/sandbox/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(form),
    })
    assert.ok(answer.ok, `${path}: ${answer.status}`)
  }
  try {
    await body(sandbox, ports, order)
  } finally {
    await sandbox.close()
  }
}

test('Windows sign-in alone is recognised at the first question, before any secret is sent', () =>
  withSandbox(
    async (sandbox, ports) => {
      const spec = block({ ...adfsSettings(sandbox), ...app(sandbox), resource: undefined })
      const error = await failure(whoAmI(ports, spec))
      assert.equal([error.kind, error.code, error.status, error.details.wants], ['auth', 'sign_in_unsupported', 401, 'windows'])
      assert.match(error.message, /Windows sign-in \(Negotiate, NTLM\).*IFD.*`OAuthClaimsSettings`.*AD FS/)
      const { token } = (await (await fetch(`${sandbox.url}/sandbox/requests`)).json()) as { token: Record<string, number> }
      assert.equal(token, {})
    },
    { challenge_headers: 'windows' },
  ))

test('Windows sign-in alone is recognised when a token is answered with it, and the token is not renewed for it', () =>
  withSandbox(async (sandbox, ports, control) => {
    const spec = block({ ...adfsSettings(sandbox), ...app(sandbox) })
    assert.is(await whoAmI(ports, spec), 200)
    await control('switches', { challenge_headers: 'windows' })
    await control('access-tokens/expire')
    await control('requests/reset')
    assert.is((await failure(whoAmI(ports, spec))).code, 'sign_in_unsupported')
    const { token } = (await (await fetch(`${sandbox.url}/sandbox/requests`)).json()) as { token: Record<string, number> }
    assert.equal(token, {})
  }))

test('Windows beside OAuth is OAuth: an ended token is renewed', () =>
  withSandbox(
    async (sandbox, ports, control) => {
      const spec = block({ ...adfsSettings(sandbox), ...app(sandbox), resource: undefined })
      assert.is(await whoAmI(ports, spec), 200)
      await control('access-tokens/expire')
      assert.is(await whoAmI(ports, spec), 200)
    },
    { challenge_headers: 'bearer_and_windows' },
  ))

const page = '<html><form id="loginForm" method="post" action="/adfs/ls/?wa=wsignin1.0&amp;wtrealm=x"></form></html>'
const formsSignIns: Record<string, { status: number; headers: Record<string, string>; body?: string }> = {
  'sent to AD FS': { status: 302, headers: { location: 'https://adfs.contoso.example/adfs/ls/?wa=wsignin1.0&wtrealm=https%3a%2f%2fcrm' } },
  'sent on within the organization': { status: 302, headers: { location: '/?wa=wsignin1.0' } },
  'the sign-in page itself': { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: page },
}

async function withOrganization(body: (organization: OrganizationServer, ports: TestPorts) => Promise<void>): Promise<void> {
  const organization = await organizationServer()
  try {
    await body(organization, testPorts())
  } finally {
    await organization.close()
  }
}

for (const [name, answer] of Object.entries(formsSignIns)) {
  test(`forms sign-in is recognised at the first question: ${name}`, () =>
    withOrganization(async (organization, ports) => {
      organization.answers.push(answer)
      const spec = testSpec(organization.url, { oauth: { authority: 'adfs', resourceGuessed: true } })
      const error = await failure(whoAmI(ports, spec))
      assert.equal([error.code, error.details.wants], ['sign_in_unsupported', 'forms'])
      assert.match(error.message, /sign-in page for people \(AD FS, WS-Federation\)/)
      assert.is(organization.tokenRequests.length, 0)
    }))

  test(`forms sign-in is recognised when a token is answered with it: ${name}`, () =>
    withOrganization(async (organization, ports) => {
      organization.answers.push(answer)
      const error = await failure(whoAmI(ports, testSpec(organization.url)))
      assert.equal([error.kind, error.code, error.details.wants], ['auth', 'sign_in_unsupported', 'forms'])
      assert.is(organization.tokenRequests.length, 1)
      assert.is(organization.requests.length, 1, 'and is not repeated')
    }))
}

test('other redirects and pages are answers for the caller', () =>
  withOrganization(async (organization, ports) => {
    organization.answers.push(
      { status: 302, headers: { location: '/elsewhere' } },
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<p>Hello</p>' },
      {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ description: 'see /adfs/ls/?wa=wsignin1.0' }),
      },
    )
    assert.is(await whoAmI(ports, testSpec(organization.url)), 302)
    assert.is(await whoAmI(ports, testSpec(organization.url)), 200)
    assert.is(await whoAmI(ports, testSpec(organization.url)), 200)
  }))

/** An organization below a path, as without IFD, or at the root of its own host, as with it, which names the resource in its challenge. */
async function organizationAt(path: string, authority: string, resource: (origin: string) => string) {
  const asked: string[] = []
  const server = createServer(({ url = '', headers }, response) => {
    asked.push(url)
    const bearer = `Bearer authorization_uri=${authority}/oauth2/authorize, resource_id=${resource(`http://${headers.host}`)}`
    if (headers.authorization) response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    else response.writeHead(401, { 'www-authenticate': [bearer, 'Negotiate', 'NTLM'] }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  }
}

const addresses: [name: string, path: string, resource: (origin: string) => string, expected: (url: string) => string][] = [
  ['with IFD, at the root of a host of its own', '', (origin) => `${origin}/`, (url) => `${url}/`],
  ['without IFD, below the name of the organization', '/Contoso', (origin) => `${origin}/Contoso/`, (url) => `${url}/`],
  ['the resource is the server, above the organization', '/Contoso', (origin) => `${origin}/`, (url) => url.replace('Contoso', '')],
  ['a resource of another host is not believed', '/Contoso', () => 'https://other.example/', (url) => url],
]

for (const [name, path, resource, expected] of addresses)
  test(`addresses: ${name}`, () =>
    withOrganization(async (adfs, ports) => {
      const authority = `${adfs.url}/adfs`
      const organization = await organizationAt(path, authority, resource)
      try {
        const settings = { account_type: 'on_premise', url: organization.url, ad_domain: 'adfs.example', authority }
        assert.is(await whoAmI(ports, block({ ...settings, client_id: 'c', client_secret: 's', auth: 'client_credentials' })), 200)
        assert.equal(organization.asked, [`${path}/api/data/v9.1/`, `${path}/api/data/v9.1/WhoAmI`])
        assert.is(adfs.tokenRequests[0]?.get('resource'), expected(organization.url))
      } finally {
        await organization.close()
      }
    }))

for (const status of [401, 400])
  test(`an expired sign-in is one whether AD FS says so with 401 or 400: ${status}`, () =>
    withSandbox(
      async (sandbox, ports) => {
        const { refresh_token } = (await adfsSignIn(sandbox)) as { refresh_token: string }
        const spec = block({ ...adfsSettings(sandbox), ...app(sandbox), auth: 'refresh_token', refresh_token })
        assert.is(await whoAmI(ports, spec), 200)
        ports.clock.pass(8 * 3_600_000)
        const error = await failure(whoAmI(ports, spec))
        assert.equal(
          [error.code, error.status, error.details.sign_in, error.details.number],
          ['reconnect_needed', status, 'expired', 'MSIS9615'],
        )
      },
      { adfs_expired_status: status },
    ))

async function adfsSignIn({ url, settings }: RunningSandbox): Promise<unknown> {
  const account = (await (await fetch(`${url}/sandbox/account`)).json()) as Record<string, string>
  const { client_id, client_secret } = settings as Record<'client_id' | 'client_secret', string>
  const form = { grant_type: 'password', client_id, client_secret, resource: `${url}/`, scope: 'openid', ...account }
  return (await fetch(`${url}/adfs/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) })).json()
}

test.run()
