import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSandbox } from '../../../../connectors/dynamics365/sandbox/index.ts'
import type { ConnectorError, RunningSandbox } from '../../../../runner/connector/index.ts'
import { tempFolder } from '../../../support/temp.ts'

const start = suite('sandbox over HTTP')

async function withSandbox(options: Record<string, unknown>, use: (sandbox: RunningSandbox) => Promise<void>): Promise<void> {
  const sandbox = await startSandbox(options)
  try {
    await use(sandbox)
  } finally {
    await sandbox.close()
  }
}

async function appToken({ url, settings }: RunningSandbox): Promise<string> {
  const { tenant, client_id, client_secret } = settings as Record<string, string>
  const body = new URLSearchParams({ grant_type: 'client_credentials', scope: `${url}/.default` })
  body.append('client_id', client_id as string)
  body.append('client_secret', client_secret as string)
  const answer = await fetch(`${url}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body })
  return ((await answer.json()) as { access_token: string }).access_token
}

/** A request byte for byte, which fetch would tidy up. */
function raw({ url }: RunningSandbox, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.end(text))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('close', () => resolve(answer)).on('error', reject)
  })
}

start('gives the settings of a connection that signs in as the app', () =>
  withSandbox({}, async (sandbox) => {
    assert.equal(Object.keys(sandbox.settings), ['account_type', 'url', 'authority', 'tenant', 'client_id', 'client_secret', 'auth'])
    assert.match(sandbox.url, /^http:\/\/127\.0\.0\.1:\d+$/)
    assert.is(sandbox.settings.url, sandbox.url)
    assert.is(sandbox.settings.auth, 'client_credentials')
  }),
)

start('the Web API answers a token and challenges everything else, and both are counted', () =>
  withSandbox({}, async (sandbox) => {
    const ask = async (authorization?: string) =>
      fetch(`${sandbox.url}/api/data/v9.2/WhoAmI`, authorization === undefined ? {} : { headers: { authorization } })
    const refused = await ask()
    assert.is(refused.status, 401)
    assert.is(
      refused.headers.get('www-authenticate'),
      `Bearer authorization_uri=${sandbox.url}/${sandbox.settings.tenant}/oauth2/authorize, resource_id=${sandbox.url}/`,
    )
    assert.match(await refused.text(), /Access is denied/)
    const good = await ask(`Bearer ${await appToken(sandbox)}`)
    assert.is(good.status, 200)
    assert.match(((await good.json()) as { UserId: string }).UserId, /^[\da-f-]{36}$/)
    const counts = (await (await fetch(`${sandbox.url}/sandbox/requests`)).json()) as Record<string, unknown>
    assert.equal(counts.web_api_methods, { GET: 2 })
    assert.equal(counts.web_api_statuses, { 200: 1, 401: 1 })
  }),
)

start('the address reaches the Web API as it was sent', () =>
  withSandbox({}, async (sandbox) => {
    const { host } = new URL(sandbox.url)
    const head = `Host: ${host}\r\nAuthorization: Bearer ${await appToken(sandbox)}\r\nConnection: close\r\n\r\n`
    // Normalized, this path would be /api/data/v9.2/WhoAmI.
    const answer = await raw(sandbox, `GET /api/data/v9.2/nowhere/../WhoAmI HTTP/1.1\r\n${head}`)
    assert.match(answer, /^HTTP\/1\.1 (4|501)/)
  }),
)

start('an unmodified OAuth client signs in, verifies the id token, renews, and reads the errors', () =>
  withSandbox({}, async (sandbox) => {
    const { tenant, client_id, client_secret } = sandbox.settings as Record<string, string>
    const insecure = { [oauth.allowInsecureRequests]: true } as const
    const issuer = new URL(`${sandbox.url}/${tenant}/v2.0`)
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
    const client = { client_id: client_id as string }
    const secret = oauth.ClientSecretBasic(client_secret as string)
    const [verifier, nonce, state] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomNonce(), oauth.generateRandomState()]
    const redirect = 'http://localhost:5999/'
    const address = new URL(server.authorization_endpoint as string)
    const query = {
      client_id: client.client_id,
      response_type: 'code',
      redirect_uri: redirect,
      scope: `${sandbox.url}/.default offline_access openid`,
    }
    const pkce = { code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' }
    address.search = new URLSearchParams({ ...query, ...pkce, nonce, state }).toString()
    const page = await fetch(address, { method: 'POST', body: new URLSearchParams({ decision: 'sign_in' }), redirect: 'manual' })
    const returned = oauth.validateAuthResponse(server, client, new URL(page.headers.get('location') as string), state)
    const answer = await oauth.authorizationCodeGrantRequest(server, client, secret, returned, redirect, verifier, insecure)
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce: nonce })

    const keys = createRemoteJWKSet(new URL(server.jwks_uri as string))
    const { payload } = await jwtVerify(tokens.id_token as string, keys, { issuer: issuer.href, audience: client.client_id })
    assert.is(payload.tid, tenant)

    const renew = (token: string) => oauth.refreshTokenGrantRequest(server, client, secret, token, insecure)
    const renewed = await oauth.processRefreshTokenResponse(server, client, await renew(tokens.refresh_token as string))
    assert.ok(renewed.refresh_token)
    await fetch(`${sandbox.url}/sandbox/refresh-tokens/kill`, { method: 'POST', body: '{"code":50173}' })
    try {
      await oauth.processRefreshTokenResponse(server, client, await renew(renewed.refresh_token as string))
      assert.unreachable()
    } catch (error) {
      assert.instance(error, oauth.ResponseBodyError)
      assert.is((error as oauth.ResponseBodyError).error, 'invalid_grant')
    }
  }),
)

start('discovery names the literal tenant for many tenants, and knows no other tenant', () =>
  withSandbox({}, async ({ url }) => {
    const read = async (tenant: string) => {
      const answer = await fetch(`${url}/${tenant}/v2.0/.well-known/openid-configuration`)
      return { status: answer.status, body: (await answer.json()) as Record<string, string> }
    }
    assert.is((await read('organizations')).body.issuer, `${url}/{tenantid}/v2.0`)
    const unknown = await read('contoso.example')
    assert.equal([unknown.status, unknown.body.error], [400, 'invalid_tenant'])
  }),
)

start('an unknown address is said to be so', () =>
  withSandbox({}, async ({ url }) => {
    for (const path of ['/sandbox/nothing', '/nothing', '/tenant/nothing']) {
      const answer = await fetch(url + path)
      assert.is(answer.status, 404)
      assert.match(await answer.text(), /has nothing at GET \//)
    }
    assert.is((await fetch(`${url}/sandbox/refresh-tokens/kill`)).status, 404, 'a switch is no page')
  }),
)

start('services that the sandbox lacks are not said to be absent from Dynamics 365', () =>
  withSandbox({}, async ({ url }) => {
    const paths = [
      '/api/discovery/v2.0/Instances',
      '/api/search/v1.0/query',
      '/org1/api/data/v9.1/WhoAmI',
      '/XRMServices/2011/OrganizationData.svc',
    ]
    for (const path of paths) {
      const answer = await fetch(url + path)
      assert.is(answer.status, 501, path)
      const { error } = (await answer.json()) as { error: { code: string; message: string } }
      assert.is(error.code, '0x80040219')
      assert.match(error.message, /^The sandbox does not support .+\.$/)
    }
  }),
)

start('a name that is not of this machine is turned away', () =>
  withSandbox({}, async (sandbox) => {
    for (const path of ['/sandbox/connection', '/api/data/v9.2/WhoAmI']) {
      const answer = await raw(sandbox, `GET ${path} HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n`)
      assert.match(answer, /^HTTP\/1\.1 421 /)
      assert.not.match(answer, /sbx-/)
    }
  }),
)

start('called as localhost, it names itself so and tokens are good under both names', () =>
  withSandbox({}, async (sandbox) => {
    const { port } = new URL(sandbox.url)
    const head = (token: string) => `Host: localhost:${port}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`
    const refused = await raw(sandbox, `GET /api/data/v9.2/WhoAmI HTTP/1.1\r\n${head('none')}`)
    assert.ok(refused.includes(`resource_id=http://localhost:${port}/`))
    assert.match(await raw(sandbox, `GET /api/data/v9.2/WhoAmI HTTP/1.1\r\n${head(await appToken(sandbox))}`), /^HTTP\/1\.1 200/)
  }),
)

start('one clock rules the tokens', async () => {
  let now = Date.parse('2026-05-01T00:00:00Z')
  await withSandbox({ clock: () => new Date(now), accessTokenTtl: 10 }, async (sandbox) => {
    const headers = { authorization: `Bearer ${await appToken(sandbox)}` }
    const status = async () => (await fetch(`${sandbox.url}/api/data/v9.2/WhoAmI`, { headers })).status
    assert.is(await status(), 200)
    now += 10_000
    assert.is(await status(), 401)
  })
})

start('rows outlive it in a file; credentials do not', async () => {
  const file = join(tempFolder(), 'organization.db')
  const ask = async (sandbox: RunningSandbox, method: string, path: string, body?: string) => {
    const headers = { authorization: `Bearer ${await appToken(sandbox)}`, 'content-type': 'application/json' }
    return fetch(`${sandbox.url}/api/data/v9.2/${path}`, { method, headers, ...(body !== undefined && { body }) })
  }
  const secrets: unknown[] = []
  await withSandbox({ persist: file }, async (sandbox) => {
    secrets.push(sandbox.settings.client_secret)
    assert.is((await ask(sandbox, 'POST', 'accounts', '{"name":"Kept"}')).status, 204)
  })
  await withSandbox({ persist: file }, async (sandbox) => {
    assert.is.not(sandbox.settings.client_secret, secrets[0])
    const answer = await ask(sandbox, 'GET', "accounts?$select=name&$filter=name eq 'Kept'")
    assert.is(((await answer.json()) as { value: unknown[] }).value.length, 1)
  })
})

start('a file is of one sandbox at a time, and one of another program stays as it is', async () => {
  const refusal = async (persist: string) => {
    try {
      await (await startSandbox({ persist })).close()
      return 'started'
    } catch (error) {
      return (error as Error).message
    }
  }
  const own = join(tempFolder(), 'organization.db')
  await withSandbox({ persist: own }, async () => assert.match(await refusal(own), /organization\.db: Another program uses it\.$/))
  assert.is(await refusal(own), 'started')
  for (const table of ['bookmarks', 'account', 'sandbox']) {
    const file = join(tempFolder(), 'other.db')
    const other = new DatabaseSync(file)
    other.exec(`create table ${table} (url text)`)
    other.close()
    const before = readFileSync(file)
    assert.match(await refusal(file), /other\.db: It is a database of another program\.$/)
    assert.ok(readFileSync(file).equals(before), table)
  }
})

/** What a control answers: status, and the JSON or text. */
async function control({ url }: RunningSandbox, path: string, order?: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${url}/sandbox${path}`, order === undefined ? {} : { method: 'POST', body: JSON.stringify(order) })
  const text = await answer.text()
  return { status: answer.status, body: answer.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : text }
}

start('the clock is moved for tokens and rows alike', () =>
  withSandbox({ clock: () => new Date('2026-05-01T00:00:00Z'), accessTokenTtl: 60 }, async (sandbox) => {
    const early = await appToken(sandbox)
    const ask = (token: string, init?: RequestInit) =>
      fetch(`${sandbox.url}/api/data/v9.2/accounts?$select=createdon`, {
        ...init,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', prefer: 'return=representation' },
      })
    assert.equal((await control(sandbox, '/clock', { advance: 59 })).body, { now: '2026-05-01T00:00:59.000Z' })
    assert.is((await ask(early)).status, 200)
    assert.equal((await control(sandbox, '/clock', { advance: '1h30m' })).body, { now: '2026-05-01T01:30:59.000Z' })
    assert.equal((await control(sandbox, '/clock', { advance: '-90m' })).body, { now: '2026-05-01T00:00:59.000Z' })
    assert.equal((await control(sandbox, '/clock', { set: '2026-06-01T00:00:00Z' })).body, { now: '2026-06-01T00:00:00.000Z' })
    assert.is((await ask(early)).status, 401)
    const row = await ask(await appToken(sandbox), { method: 'POST', body: '{"name":"June"}' })
    assert.is(((await row.json()) as { createdon: string }).createdon, '2026-06-01T00:00:00Z')
    for (const order of [
      {},
      { set: 'tomorrow' },
      { advance: '5' },
      { advance: '--5s' },
      { advance: null },
      { set: '2026-06-01', advance: 1 },
      { advance: 1e300 },
      { advance: 1e12 },
      { advance: '-100000d' },
      { set: '1752-12-31T23:59:59Z' },
      { set: '9999-12-31T23:59:59-01:00' },
      { set: '2026-02-30T10:00:00Z' },
    ])
      assert.is((await control(sandbox, '/clock', order)).status, 400, JSON.stringify(order))
  }),
)

start('switches come as an option and are set by control', () =>
  withSandbox({ switches: { null_property_status: '200' } }, async (sandbox) => {
    const value = async (name: string) =>
      ((await control(sandbox, '/switches')).body as { switches: { name: string; value: unknown }[] }).switches.find(
        (one) => one.name === name,
      )?.value
    assert.is(await value('null_property_status'), 200)
    assert.is((await control(sandbox, '/switches', { null_property_status: 204 })).status, 200)
    assert.is(await value('null_property_status'), 204)
    const refused = await control(sandbox, '/switches', { null_property_status: 500 })
    assert.equal([refused.status, refused.body], [400, 'The switch `null_property_status` can be 204, 200.'])
  }),
)

start('with auth off any bearer token is taken, and none is still challenged', () =>
  withSandbox({ auth: 'off' }, async ({ url }) => {
    const status = async (headers: Record<string, string>) => (await fetch(`${url}/api/data/v9.2/WhoAmI`, { headers })).status
    assert.equal([await status({ authorization: 'Bearer from-elsewhere' }), await status({})], [200, 401])
  }),
)

start('limits come as an option', () =>
  withSandbox({ auth: 'off', limits: 'requests=1' }, async ({ url }) => {
    const status = async () => (await fetch(`${url}/api/data/v9.2/WhoAmI`, { headers: { authorization: 'Bearer any' } })).status
    assert.equal([await status(), await status()], [200, 429])
  }),
)

start('delta tokens expire by control, and the next ones are good', () =>
  withSandbox({ auth: 'off' }, async (sandbox) => {
    const ask = async (url: string) => {
      const answer = await fetch(url, { headers: { authorization: 'Bearer any', prefer: 'odata.track-changes' } })
      return { status: answer.status, body: (await answer.json()) as Record<string, string> }
    }
    const link = async () => (await ask(`${sandbox.url}/api/data/v9.2/accounts?$select=name`)).body['@odata.deltaLink'] as string
    const early = await link()
    assert.is((await ask(early)).status, 200)
    assert.is((await control(sandbox, '/delta/expire', {})).status, 200)
    assert.is((await ask(early)).status, 400)
    assert.is((await ask(await link())).status, 200)
  }),
)

start('privileges are taken away by control', () =>
  withSandbox({ auth: 'off' }, async (sandbox) => {
    const headers = { authorization: 'Bearer any' }
    const me = (await (await fetch(`${sandbox.url}/api/data/v9.2/WhoAmI`, { headers })).json()) as { UserId: string }
    const rules = [{ user: me.UserId, table: 'account', rights: ['Read'], depth: 'none' }]
    assert.equal((await control(sandbox, '/privileges', { rules })).body, { applied: 1 })
    assert.is((await fetch(`${sandbox.url}/api/data/v9.2/accounts?$top=1`, { headers })).status, 403)
    assert.is((await control(sandbox, '/privileges', { rules: [{ user: 'nobody' }] })).status, 400)
    assert.is((await control(sandbox, '/privileges', {})).status, 400)
  }),
)

/** Over https, trusting the sandbox's authority alone; an answer without end is cut. */
function secure(
  { url, ca }: RunningSandbox,
  path: string,
  options: RequestOptions = {},
): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { ca, agent: false, ...options }, (answer) => {
      const status = answer.statusCode
      if (answer.headers['content-type']?.startsWith('text/event-stream')) {
        answer.destroy()
        resolve({ status, text: '' })
      } else text(answer).then((body) => resolve({ status, text: body }), reject)
    })
    sent.on('error', reject).end()
  })
}

start('with tls it serves https that its own authority vouches for, and names itself so', () =>
  withSandbox({ tls: true, auth: 'off' }, async (sandbox) => {
    assert.match(sandbox.url, /^https:\/\/127\.0\.0\.1:\d+$/)
    assert.is(sandbox.settings.authority, sandbox.url)
    assert.is((await secure(sandbox, '/sandbox/ca')).text, sandbox.ca)
    const connection = JSON.parse((await secure(sandbox, '/sandbox/connection')).text) as { url: string }
    assert.is(connection.url, sandbox.url)
    const { text: rows } = await secure(sandbox, '/api/data/v9.2/accounts?$select=name', { headers: { authorization: 'Bearer any' } })
    assert.is((JSON.parse(rows) as Record<string, string>)['@odata.context']?.indexOf(`${sandbox.url}/api/data/v9.2/`), 0)
    const named = { ...sandbox, url: sandbox.url.replace('127.0.0.1', 'localhost') }
    assert.is((await secure(named, '/sandbox/ca', { family: 4 })).status, 200)
    assert.is(
      await secure({ ...sandbox, ca: undefined as never }, '/sandbox/ca').catch((error) => error.code),
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    )
  }),
)

start('everything that the list of controls names is there', () =>
  withSandbox({ tls: true }, async (sandbox) => {
    const { controls } = JSON.parse((await secure(sandbox, '/sandbox')).text) as { controls: { method: string; path: string }[] }
    for (const { method, path } of controls) {
      const answer = await secure(sandbox, `/sandbox${path.replace('/:id?', '').replace(':set', 'accounts')}`, { method })
      assert.is.not(answer.status, 404, `${method} ${path}`)
    }
    assert.ok(controls.length > 20)
  }),
)

start('a port that is taken and options that are not known are refused', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  const code = async (options: Record<string, unknown>) => {
    try {
      await (await startSandbox(options)).close()
      return 'started'
    } catch (error) {
      return (error as ConnectorError).code
    }
  }
  assert.is(await code({ port: (other.address() as AddressInfo).port }), 'sandbox_port_unusable')
  other.close()
  assert.is(await code({ persist: '/nowhere/at/all.db' }), 'sandbox_file_unusable')
  const tables = join(tempFolder(), 'tables.json')
  const column = (LogicalName: string) => ({ LogicalName, AttributeType: 'String' })
  writeFileSync(tables, JSON.stringify({ LogicalName: 'new_a', Attributes: [column('new_a'), column('New_A')] }))
  assert.is(await code({ metadata: [tables] }), 'sandbox_metadata_invalid')
  for (const options of [
    { porto: 1 },
    { port: '80' },
    { port: 70_000 },
    { accessTokenTtl: 0 },
    { persist: '' },
    { auth: 'maybe' },
    { limits: 'none' },
    { switches: { nowhere: 1 } },
    { clock: 5 },
    { clock: '2026-02-30' },
    { clock: '0001-01-01T00:00:00Z' },
  ])
    assert.is(await code(options), 'sandbox_option_invalid', JSON.stringify(options))
})

start('close ends connections that are kept alive', async () => {
  const sandbox = await startSandbox()
  const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  const ended = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => {})
  await sandbox.close()
  await ended
})

start.run()
