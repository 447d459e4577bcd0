import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkBearer } from '../../../../connectors/dynamics365/sandbox/identity/bearer.ts'
import { code, origin, redeem, type Tenant, tenant } from './identity-tenant.ts'

const token = suite('sandbox identity: token')

const app = (one: Tenant) => ({ grant_type: 'client_credentials', ...one.client, scope: `${origin}/.default` })
const refresh = (one: Tenant, text: string, fields: Record<string, string> = {}) => ({
  grant_type: 'refresh_token',
  ...one.client,
  refresh_token: text,
  ...fields,
})
const connection = async (one: Tenant) => (await (await one.control('/connection')).json()) as Record<string, string>
const firstRefreshToken = async (one: Tenant) => (await connection(one)).refresh_token as string

token('client credentials give an access token and never a refresh token', async () => {
  const one = tenant()
  const body = await one.token({ ...app(one), scope: `${origin}/.default offline_access openid` })
  assert.equal(Object.keys(body).sort(), ['access_token', 'expires_in', 'ext_expires_in', 'token_type'])
  assert.is(body.token_type, 'Bearer')
})

token('HTTP Basic is taken, form-encoded', async () => {
  const one = tenant()
  const { client_id, client_secret } = one.client
  const basic = Buffer.from(`${encodeURIComponent(client_id)}:${encodeURIComponent(client_secret)}`).toString('base64')
  const fields = { grant_type: 'client_credentials', scope: `${origin}/.default` }
  assert.ok((await one.token(fields, { authorization: `Basic ${basic}` })).access_token)
  const wrong = Buffer.from(`${client_id}:nope`).toString('base64')
  assert.is((await one.refused(fields, { authorization: `Basic ${wrong}` })).error_codes[0], 7000215)
})

token('an error has every field of the recorded ones', async () => {
  const one = tenant()
  const correlation = '51d00000-aaaa-4bbb-8ccc-dddd0000eeee'
  const answer = await one.send({ ...app(one), client_secret: 'nope' }, { 'client-request-id': correlation })
  assert.is(answer.status, 401)
  assert.is(answer.headers.get('content-type'), 'application/json; charset=utf-8')
  assert.is(answer.headers.get('cache-control'), 'no-store, no-cache')
  const body = (await answer.json()) as Record<string, unknown>
  assert.is(answer.headers.get('x-ms-request-id'), body.trace_id)
  assert.match(String(body.trace_id), /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
  const { error_description, trace_id, ...rest } = body
  assert.equal(rest, {
    error: 'invalid_client',
    error_codes: [7000215],
    timestamp: '2026-03-01 10:00:00Z',
    correlation_id: correlation,
    error_uri: 'https://login.microsoftonline.com/error?code=7000215',
  })
  assert.match(String(error_description), /^AADSTS7000215: Invalid client secret provided\./)
  assert.ok(String(error_description).endsWith(`Trace ID: ${trace_id} Correlation ID: ${correlation} Timestamp: 2026-03-01 10:00:00Z`))
})

token('each wrong request gets its own number, error and status', async () => {
  const one = tenant()
  const publicClient = { client_id: one.directory.publicClient.clientId }
  const cases: [Record<string, string>, number, string, number][] = [
    [{ client_secret: '' }, 401, 'invalid_client', 7000218],
    [{ client_id: '00000000-0000-0000-0000-000000000000' }, 400, 'unauthorized_client', 700016],
    [{ client_id: '' }, 400, 'invalid_request', 900144],
    [{ ...publicClient }, 400, 'invalid_client', 700025],
    [{ ...publicClient, client_secret: '' }, 401, 'invalid_client', 7000218],
    [{ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' }, 400, 'unsupported_grant_type', 70003],
    [{ grant_type: 'password' }, 400, 'invalid_request', 900144],
    [{ grant_type: 'password', username: 'who@sandbox.example', password: 'x' }, 400, 'invalid_grant', 50034],
    [{ grant_type: 'password', username: 'sandbox.user@sandbox.example', password: 'x' }, 400, 'invalid_grant', 50126],
    [{ grant_type: '' }, 400, 'invalid_request', 900144],
    [{ scope: '' }, 400, 'invalid_request', 900144],
    [{ scope: `${origin}/user_impersonation` }, 400, 'invalid_scope', 70011],
    [{ scope: 'openid' }, 400, 'invalid_scope', 70011],
    [{ scope: 'not a scope!' }, 400, 'invalid_scope', 70011],
    [{ scope: 'https://other.crm4.dynamics.com/.default' }, 400, 'invalid_resource', 500011],
    [{ scope: 'http://127.0.0.1:9/.default' }, 400, 'invalid_resource', 500011],
    [{ scope: `${origin}/.default https://graph.microsoft.com/.default` }, 400, 'invalid_scope', 700022],
    [{ resource: origin }, 400, 'invalid_request', 901002],
    [{ grant_type: 'refresh_token' }, 400, 'invalid_request', 900144],
    [{ grant_type: 'refresh_token', refresh_token: 'garbled' }, 400, 'invalid_grant', 9002313],
    [{ grant_type: 'refresh_token', refresh_token: 'sbx-rt-unknown' }, 400, 'invalid_grant', 70000],
    [{ grant_type: 'authorization_code', code: 'garbled' }, 400, 'invalid_grant', 9002313],
    [{ grant_type: 'authorization_code', code: 'sbx-code-unknown' }, 400, 'invalid_grant', 70000],
  ]
  for (const [change, status, error, number] of cases) {
    const body = await one.refused({ ...app(one), ...change })
    assert.equal([body.status, body.error, body.error_codes], [status, error, [number]], JSON.stringify(change))
  }
})

token('a body that is no form, or has a field twice, is malformed', async () => {
  const one = tenant()
  const bodies: [string, Record<string, string>][] = [
    ['{"grant_type":"client_credentials"}', { 'content-type': 'application/json' }],
    ['grant_type=client_credentials&grant_type=password', {}],
  ]
  for (const [text, headers] of bodies) {
    const body = await one.refused(text, headers)
    assert.equal([body.status, body.error, body.error_codes], [400, 'invalid_request', [9002313]])
  }
})

token('tenants: id and domain are the same, another is not found, common is refused', async () => {
  const one = tenant()
  assert.is((await one.send(app(one), {}, one.directory.domain)).status, 200)
  assert.is((await one.refused(app(one), {}, 'contoso.onmicrosoft.com')).error_codes[0], 90002)
  assert.is((await one.refused(app(one), {}, 'organizations')).error_codes[0], 50194)
})

token('tenants: registrations of many tenants let people sign in at organizations, and the app itself not', async () => {
  const one = tenant()
  one.directory.switches.registration_tenants = 'many'
  const { username, password } = (await (await one.control('/account')).json()) as Record<'username' | 'password', string>
  const person = { ...one.client, grant_type: 'password', username, password, scope: `${origin}/.default` }
  assert.is((await one.send(person, {}, 'organizations')).status, 200)
  assert.is((await one.refused(person, {}, 'consumers')).error_codes[0], 50194)
  assert.is((await one.refused(app(one), {}, 'organizations')).error_codes[0], 50194)
})

token('a request with an Origin header may not use a web registration', async () => {
  const one = tenant()
  assert.is((await one.refused(app(one), { origin: 'http://localhost:1' })).error_codes[0], 9002326)
})

token('each refresh gives a new refresh token, and the old ones go on working', async () => {
  const one = tenant()
  const first = await firstRefreshToken(one)
  const second = (await one.token(refresh(one, first))).refresh_token as string
  const third = (await one.token(refresh(one, second))).refresh_token as string
  assert.is(new Set([first, second, third]).size, 3)
  for (const text of [first, second, third]) assert.ok((await one.token(refresh(one, text))).access_token)
})

token('a refresh without offline_access gives no new refresh token; scope may be left out', async () => {
  const one = tenant()
  const text = await firstRefreshToken(one)
  assert.is((await one.token(refresh(one, text, { scope: `${origin}/.default` }))).refresh_token, undefined)
  assert.ok((await one.token(refresh(one, text, { scope: `${origin}/.default offline_access` }))).refresh_token)
  assert.ok((await one.token(refresh(one, text))).refresh_token)
})

token('a public client refreshes without a secret, and only its own tokens', async () => {
  const one = tenant()
  const client_id = one.directory.publicClient.clientId
  const fields = redeem(one, await code(one, { client_id }), { client_id, client_secret: '' })
  const own = (await one.token(fields)).refresh_token as string
  assert.ok((await one.token({ grant_type: 'refresh_token', client_id, refresh_token: own })).refresh_token)
  const other = await firstRefreshToken(one)
  assert.is((await one.refused({ grant_type: 'refresh_token', client_id, refresh_token: other })).error_codes[0], 700005)
})

token('a refresh token dies of 90 days without use, and lives on with use', async () => {
  const one = tenant()
  const [used, unused] = [await firstRefreshToken(one), await firstRefreshToken(one)]
  one.later(60 * 86_400)
  await one.token(refresh(one, used))
  one.later(30 * 86_400)
  assert.ok(await one.token(refresh(one, used)))
  const dead = await one.refused(refresh(one, unused))
  assert.equal([dead.status, dead.error, dead.error_codes], [400, 'invalid_grant', [700082]])
  assert.match(dead.error_description, /issued on 2026-03-01T10:00:00\.0000000Z and was inactive for 90\.00:00:00\./)
})

token('lives of tokens are options', async () => {
  const one = tenant({ accessTokenSeconds: 5, refreshTokenSeconds: 3_725 })
  const text = await firstRefreshToken(one)
  assert.is((await one.token(refresh(one, text))).expires_in, 5)
  one.later(3_725)
  assert.match((await one.refused(refresh(one, text))).error_description, /inactive for 01:02:05\./)
})

token('the Web API takes a token until it expires, and no other', async () => {
  const one = tenant({ accessTokenSeconds: 3_600 })
  const { access_token } = await one.token(app(one))
  const check = (header: string | undefined) => checkBearer(one.directory, header, origin)
  assert.equal(check(`Bearer ${access_token}`), { userId: 'user-1' })
  const graph = (await one.token({ ...app(one), scope: 'https://graph.microsoft.com/.default' })).access_token
  for (const header of [undefined, 'Bearer sbx-at-unknown', `Basic ${access_token}`, `Bearer ${graph}`])
    assert.equal(check(header), {
      status: 401,
      headers: {
        'WWW-Authenticate': [`Bearer authorization_uri=${origin}/${one.directory.tenantId}/oauth2/authorize, resource_id=${origin}/`],
        'Content-Type': 'text/plain; charset=utf-8',
      },
      body: 'HTTP Error 401 - Unauthorized: Access is denied',
    })
  one.later(3_599)
  assert.equal(check(`Bearer ${access_token}`), { userId: 'user-1' })
  one.later(1)
  assert.is((check(`Bearer ${access_token}`) as { status: number }).status, 401)
})

token.run()
