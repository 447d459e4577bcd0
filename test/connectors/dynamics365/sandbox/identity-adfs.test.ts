import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Body } from './data-plane.ts'
import { challenge, origin, type Tenant, tenant, verifier } from './identity-tenant.ts'

const adfs = suite('sandbox identity: AD FS')
const redirect = 'http://localhost:54321/'

function publicClient(one: Tenant) {
  return { client_id: one.directory.publicClient.clientId }
}

async function send(one: Tenant, fields: Record<string, string>, slash = ''): Promise<Body> {
  const answer = await one.post(`/adfs/oauth2/token${slash}`, fields)
  return { status: answer.status, type: answer.headers.get('content-type'), ...((await answer.json()) as Body) }
}

async function signIn(one: Tenant, query: Record<string, string> = {}): Promise<string> {
  const asked = {
    ...publicClient(one),
    response_type: 'code',
    redirect_uri: redirect,
    resource: `${origin}/`,
    state: 's',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...query,
  }
  const answer = await one.post(`/adfs/oauth2/authorize/?${new URLSearchParams(asked)}`, { decision: 'sign_in' })
  assert.is(answer.status, 302, await answer.text())
  return new URL(answer.headers.get('location')!).searchParams.get('code')!
}

const redeem = (one: Tenant, code: string, change: Record<string, string> = {}) => ({
  grant_type: 'authorization_code',
  ...publicClient(one),
  code,
  redirect_uri: redirect,
  code_verifier: verifier,
  ...change,
})

adfs('a code gives an access token and a refresh token that lives eight hours', async () => {
  const one = tenant({ accessTokenSeconds: 3_600 })
  const body = await send(one, redeem(one, await signIn(one)))
  assert.equal(Object.keys(body).sort(), [
    'access_token',
    'expires_in',
    'refresh_token',
    'refresh_token_expires_in',
    'resource',
    'status',
    'token_type',
    'type',
  ])
  assert.equal([body.token_type, body.expires_in, body.refresh_token_expires_in, body.resource], ['bearer', 3_600, 28_800, `${origin}/`])
})

adfs('a renewal brings no refresh token, and the sign-in ends whatever happens', async () => {
  const one = tenant()
  const { refresh_token } = await send(one, redeem(one, await signIn(one)), '/')
  const renew = () => send(one, { grant_type: 'refresh_token', ...publicClient(one), refresh_token: refresh_token! })
  one.later(28_799)
  const renewed = await renew()
  assert.is(renewed.status, 200)
  assert.is(renewed.refresh_token, undefined)
  one.later(1)
  const over = await renew()
  assert.equal([over.status, over.type, over.error], [401, 'application/json;charset=UTF-8', 'invalid_grant'])
  assert.match(String(over.error_description), /^MSIS9615: The refresh token received in 'refresh_token' parameter has expired\.$/)
  assert.equal(Object.keys(over).sort(), ['error', 'error_description', 'status', 'type'])
  one.directory.switches.adfs_expired_status = 400
  assert.is((await renew()).status, 400)
})

adfs('rotation is a switch, and does not move the end', async () => {
  const one = tenant()
  one.directory.switches.adfs_rotation = 'on'
  const first = await send(one, redeem(one, await signIn(one)))
  one.later(20_000)
  const second = await send(one, { grant_type: 'refresh_token', ...publicClient(one), refresh_token: first.refresh_token! })
  assert.is(second.refresh_token_expires_in, 8_800)
  one.later(8_800)
  assert.is((await send(one, { grant_type: 'refresh_token', ...publicClient(one), refresh_token: second.refresh_token! })).status, 401)
})

adfs('a failed proof key uses the code up', async () => {
  const one = tenant()
  const code = await signIn(one)
  assert.match(String((await send(one, redeem(one, code, { code_verifier: `${verifier}x` }))).error_description), /^MSIS9720/)
  const again = await send(one, redeem(one, code))
  assert.is(again.status, 400)
  assert.match(String(again.error_description), /^MSIS9612/)
})

adfs('redirects are exact', async () => {
  const one = tenant()
  const ask = (redirect_uri: string) =>
    one.get(
      `/adfs/oauth2/authorize?${new URLSearchParams({ ...publicClient(one), response_type: 'code', redirect_uri, resource: origin })}`,
    )
  assert.is((await ask(redirect)).status, 200)
  for (const wrong of ['http://localhost:54321', 'http://localhost:54322/', 'http://localhost:54321/callback'])
    assert.is((await ask(wrong)).status, 400, wrong)
  await one.control('/adfs/redirects', { redirect_uri: 'http://localhost:54322/' })
  assert.is((await ask('http://localhost:54322/')).status, 200)
})

adfs('wrong requests get its numbers, with status 400', async () => {
  const one = tenant()
  const app = { grant_type: 'client_credentials', ...one.client, resource: origin }
  assert.is((await send(one, app)).status, 200)
  const user = { ...app, grant_type: 'password', username: one.directory.user.principalName, password: one.directory.password }
  assert.is((await send(one, user)).status, 200)
  for (const [change, error, number] of [
    [{ client_secret: 'wrong' }, 'invalid_client', 'MSIS9622'],
    [{ client_id: '00000000-0000-0000-0000-000000000000' }, 'invalid_client', 'MSIS9607'],
    [{ resource: 'https://other.example/' }, 'invalid_resource', 'MSIS9602'],
    [{ ...user, password: 'wrong' }, 'invalid_grant', 'MSIS9659'],
  ] as const) {
    const body = await send(one, { ...app, ...change })
    assert.equal([body.status, body.error], [400, error], number)
    assert.ok(String(body.error_description).startsWith(`${number}: `), String(body.error_description))
  }
})

adfs('without a resource the token is worth nothing at the organization, and Entra knows no token of AD FS', async () => {
  const one = tenant()
  const code = await signIn(one, { resource: '', scope: 'openid' })
  const body = await send(one, redeem(one, code))
  assert.is(body.resource, 'urn:microsoft:userinfo')
  const entra = await one.refused({ grant_type: 'refresh_token', ...publicClient(one), refresh_token: String(body.refresh_token) })
  assert.equal(entra.error_codes, [70000])
})

adfs('its document names endpoints with a slash and no proof keys', async () => {
  const document = (await (await tenant().get('/adfs/.well-known/openid-configuration')).json()) as Record<string, unknown>
  assert.equal([document.issuer, document.token_endpoint], [`${origin}/adfs`, `${origin}/adfs/oauth2/token/`])
  assert.not('code_challenge_methods_supported' in document)
})

adfs.run()
