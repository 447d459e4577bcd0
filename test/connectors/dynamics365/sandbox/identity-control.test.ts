import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkBearer } from '../../../../connectors/dynamics365/sandbox/identity/bearer.ts'
import { code, origin, redeem, type Tenant, tenant } from './identity-tenant.ts'

const control = suite('sandbox control plane')

const refresh = (one: Tenant, text: string) => ({ grant_type: 'refresh_token', ...one.client, refresh_token: text })
const connection = async (one: Tenant) => (await (await one.control('/connection')).json()) as Record<string, string>
const refreshToken = async (one: Tenant) => (await connection(one)).refresh_token as string

control('connection gives everything that a recipe needs, and a new refresh token each time', async () => {
  const one = tenant()
  const first = await connection(one)
  assert.equal(Object.keys(first), ['url', 'authority', 'tenant', 'client_id', 'client_secret', 'refresh_token'])
  assert.equal([first.url, first.authority, first.tenant], [origin, origin, one.directory.tenantId])
  assert.match(first.client_secret as string, /^sbx-secret-/)
  assert.is.not((await connection(one)).refresh_token, first.refresh_token)
})

control('a kill answers every existing refresh token with its error; a new sign-in works; a revival mends', async () => {
  const one = tenant()
  const old = await refreshToken(one)
  const cases: [number, string, string | undefined][] = [
    [700082, 'invalid_grant', undefined],
    [70008, 'invalid_grant', undefined],
    [50173, 'invalid_grant', 'bad_token'],
    [70043, 'invalid_grant', 'token_expired'],
    [50076, 'invalid_grant', 'basic_action'],
    [53003, 'invalid_grant', 'message_only'],
    [65001, 'invalid_grant', 'consent_required'],
    [50055, 'user_password_expired', 'user_password_expired'],
  ]
  for (const [number, error, suberror] of cases) {
    assert.is((await one.control('/refresh-tokens/kill', { code: number })).status, 200)
    const body = await one.refused(refresh(one, old))
    assert.equal([body.status, body.error, body.error_codes, body.suberror], [400, error, [number], suberror])
    assert.is(body.error_uri === undefined, number === 70043)
    assert.is(body.claims !== undefined, number === 53003)
    assert.not.match(body.error_description, /\{|undefined| on and | {2}/)
  }
  const again = (await one.token(redeem(one, await code(one)))).refresh_token as string
  assert.ok(await one.token(refresh(one, again)))
  assert.is((await one.refused(refresh(one, old))).error_codes[0], 50055)
  assert.equal(await (await one.control('/refresh-tokens/revive', {})).json(), { revived: 1 })
  assert.ok(await one.token(refresh(one, old)))
})

control('a kill without a body means inactivity', async () => {
  const one = tenant()
  const old = await refreshToken(one)
  await one.control('/refresh-tokens/kill', '')
  assert.is((await one.refused(refresh(one, old))).error_codes[0], 700082)
})

control('expired access tokens are refused; new ones are not', async () => {
  const one = tenant()
  const app = { grant_type: 'client_credentials', ...one.client, scope: `${origin}/.default` }
  const bearer = async () => `Bearer ${(await one.token(app)).access_token}`
  const old = await bearer()
  assert.equal(await (await one.control('/access-tokens/expire', {})).json(), { expired: 1 })
  assert.ok('status' in checkBearer(one.directory, old, origin))
  assert.equal(checkBearer(one.directory, await bearer(), origin), { userId: 'user-1' })
})

control('the token endpoint fails as ordered, in turn, then works', async () => {
  const one = tenant()
  const app = { grant_type: 'client_credentials', ...one.client, scope: `${origin}/.default` }
  await one.control('/token-endpoint/fail', { status: 503, times: 2 })
  await one.control('/token-endpoint/fail', { status: 429, retry_after: 7 })
  await one.control('/token-endpoint/fail', { status: 429 })
  await one.control('/token-endpoint/fail', { code: 50196 })
  const seen: unknown[] = []
  for (let call = 0; call < 6; call++) {
    const answer = await one.send(app)
    seen.push([answer.status, answer.headers.get('retry-after'), (await answer.text()).slice(0, 24)])
  }
  assert.equal(seen.slice(0, 5), [
    [503, null, 'The service is unavailab'],
    [503, null, 'The service is unavailab'],
    [429, '7', 'Too Many Requests'],
    [429, '60', 'Too Many Requests'],
    [400, null, '{"error":"invalid_grant"'],
  ])
  assert.is((seen[5] as unknown[])[0], 200)
})

control('an order that cannot be carried out is refused with a sentence', async () => {
  const one = tenant()
  const cases: [string, unknown, RegExp][] = [
    ['/refresh-tokens/kill', { code: 1 }, /no AADSTS number that the sandbox knows\. It knows 16000, /],
    ['/refresh-tokens/kill', { code: '700082' }, /no AADSTS number/],
    ['/refresh-tokens/kill', '[1]', /must be a JSON object/],
    ['/refresh-tokens/kill', '{', /must be a JSON object/],
    ['/token-endpoint/fail', {}, /`status` must be a whole number from 400 to 599/],
    ['/token-endpoint/fail', { status: 200 }, /`status`/],
    ['/token-endpoint/fail', { status: 503, times: 0 }, /`times`/],
    ['/token-endpoint/fail', { status: 429, retry_after: -1 }, /`retry_after`/],
  ]
  for (const [path, body, text] of cases) {
    const answer = await one.control(path, body)
    assert.is(answer.status, 400, JSON.stringify(body))
    assert.match(await answer.text(), text)
  }
})

control('requests are counted by grant and status until they are reset', async () => {
  const one = tenant()
  await one.token(redeem(one, await code(one)))
  await one.token(refresh(one, await refreshToken(one)))
  await one.refused({ grant_type: 'refresh_token', ...one.client, refresh_token: 'sbx-rt-unknown' })
  await one.refused({ grant_type: '__proto__', ...one.client })
  assert.equal(await (await one.control('/requests')).json(), {
    token: { authorization_code: 1, refresh_token: 2, other: 1 },
    token_statuses: { 200: 2, 400: 2 },
    authorize: { POST: 1 },
    web_api_methods: {},
    web_api_statuses: {},
  })
  await one.control('/requests/reset', {})
  assert.equal(((await (await one.control('/requests')).json()) as { token: object }).token, {})
})

control('names of orders that are none are refused, whatever they are', async () => {
  const one = tenant()
  for (const name of ['toString', null, { toString: 1 }]) {
    const answer = await one.control('/before-next', { path: 'accounts', do: [name] })
    assert.equal([answer.status, await answer.text()], [400, '`do` must be a list of refresh-tokens/kill, access-tokens/expire.'])
  }
})

control.run()
