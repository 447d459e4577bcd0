import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Body } from './data-plane.ts'
import { origin, type Tenant, tenant } from './identity-tenant.ts'

const device = suite('sandbox identity: device code')
const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'

async function begin(
  one: Tenant,
  path = `/${one.directory.tenantId}/oauth2/v2.0/devicecode`,
  fields: Record<string, string> = {},
): Promise<Body> {
  const answer = await one.post(path, {
    client_id: one.directory.publicClient.clientId,
    scope: `${origin}/.default offline_access`,
    ...fields,
  })
  return { status: answer.status, ...((await answer.json()) as Body) }
}

const poll = (one: Tenant, device_code: string) => one.send({ grant_type, client_id: one.directory.publicClient.clientId, device_code })
const decide = (one: Tenant, code: string, decision: string) => one.post('/devicelogin', { code, decision })

async function errorOf(one: Tenant, code: string): Promise<string> {
  return ((await (await poll(one, code)).json()) as { error: string }).error
}

device('a person signs in on another device while the client asks', async () => {
  const one = tenant()
  const begun = await begin(one)
  assert.equal([begun.expires_in, begun.interval, begun.verification_uri], [900, 5, `${origin}/devicelogin`])
  assert.match(begun.message!, new RegExp(`${begun.user_code}`))
  assert.not('verification_uri_complete' in begun)
  assert.is(await errorOf(one, begun.device_code!), 'authorization_pending')
  assert.is((await decide(one, 'WRONG', 'sign_in')).status, 400)
  assert.is((await decide(one, begun.user_code!.toLowerCase(), 'sign_in')).status, 200)
  const tokens = (await (await poll(one, begun.device_code!)).json()) as Record<string, string>
  assert.match(tokens.refresh_token!, /^sbx-rt-/)
  assert.is(await errorOf(one, begun.device_code!), 'invalid_grant')
})

device('declined, expired and unknown codes', async () => {
  const one = tenant()
  const [declined, expired] = [await begin(one), await begin(one)]
  await decide(one, declined.user_code!, 'cancel')
  assert.is(await errorOf(one, declined.device_code!), 'authorization_declined')
  one.later(900)
  assert.is(await errorOf(one, expired.device_code!), 'expired_token')
  assert.is((await decide(one, expired.user_code!, 'sign_in')).status, 400)
  assert.is(await errorOf(one, 'sbx-device-unknown'), 'bad_verification_code')
})

device('only a public client may', async () => {
  const one = tenant()
  const body = await begin(one, undefined, { client_id: one.directory.confidentialClient.clientId })
  assert.equal([body.status, body.error], [401, 'invalid_client'])
})

device('AD FS has it too', async () => {
  const one = tenant()
  const begun = await begin(one, '/adfs/oauth2/devicecode', { resource: origin })
  assert.is(begun.verification_uri, `${origin}/adfs/oauth2/deviceauth`)
  await one.post('/adfs/oauth2/deviceauth', { code: begun.user_code!, decision: 'sign_in' })
  const fields = { grant_type, client_id: one.directory.publicClient.clientId, device_code: begun.device_code! }
  const tokens = (await (await one.post('/adfs/oauth2/token', fields)).json()) as Record<string, unknown>
  assert.is(tokens.refresh_token_expires_in, 28_800)
})

device.run()
