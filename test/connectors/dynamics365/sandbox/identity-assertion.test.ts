import { createHash, randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import selfsigned from 'selfsigned'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { origin, type Tenant, tenant } from './identity-tenant.ts'

const assertion = suite('sandbox identity: assertions, consent, v1, challenges')
const { subtle } = globalThis.crypto

const pems = await selfsigned.generate([{ name: 'commonName', value: 'sandbox app' }], { keySize: 2048 })
const der = Buffer.from(pems.cert.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
const thumbprint = (algorithm: string) => createHash(algorithm).update(der).digest('base64url')

async function key(algorithm: 'PS256' | 'RS256') {
  const pkcs8 = Buffer.from(pems.private.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  const name = algorithm === 'PS256' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5'
  return subtle.importKey('pkcs8', pkcs8, { name, hash: 'SHA-256' }, false, ['sign'])
}

interface Change {
  algorithm?: 'PS256' | 'RS256'
  header?: Record<string, string>
  claims?: Record<string, unknown>
}

async function ask(one: Tenant, { algorithm = 'PS256', header = { 'x5t#S256': thumbprint('sha256') }, claims = {} }: Change = {}) {
  const { clientId } = one.directory.confidentialClient
  const now = Math.floor(one.directory.clock().getTime() / 1_000)
  const audience = `${origin}/${one.directory.tenantId}/oauth2/v2.0/token`
  const payload = { aud: audience, iss: clientId, sub: clientId, jti: randomUUID(), nbf: now, iat: now, exp: now + 600, ...claims }
  const jwt = await new SignJWT(payload).setProtectedHeader({ alg: algorithm, typ: 'JWT', ...header }).sign(await key(algorithm))
  const answer = await one.send({
    grant_type: 'client_credentials',
    client_id: clientId,
    scope: `${origin}/.default`,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: jwt,
  })
  const body = (await answer.json()) as { access_token?: string; error_codes?: number[] }
  return answer.status === 200 ? 200 : body.error_codes![0]
}

assertion('a registered certificate signs the app in, and every fault has its number', async () => {
  const one = tenant()
  assert.is(await ask(one), 700027)
  await one.control('/certificates', { pem: pems.cert })
  assert.is(await ask(one), 200)
  assert.is(await ask(one, { algorithm: 'RS256', header: { x5t: thumbprint('sha1') } }), 200)
  assert.is(await ask(one, { header: { 'x5t#S256': 'another' } }), 700027)
  assert.is(await ask(one, { claims: { aud: 'https://login.example/token' } }), 50027)
  assert.is(await ask(one, { claims: { sub: 'another' } }), 50048)
  assert.is(await ask(one, { claims: { iss: 'another', sub: 'another' } }), 50012)
  assert.is(await ask(one, { claims: { exp: Math.floor(one.directory.clock().getTime() / 1_000) - 600 } }), 50027)
})

assertion('tokens of a trusted issuer stand in for a secret', async () => {
  const one = tenant()
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const [issuer, subject] = ['https://token.ci.example', 'repo:northwind/crm']
  const credential = { issuer, subject, keys: [await exportJWK(publicKey)] }
  assert.is((await one.control('/federated-credentials', { issuer, subject })).status, 400)
  assert.is((await one.control('/federated-credentials', credential)).status, 200)
  const now = Math.floor(one.directory.clock().getTime() / 1_000)
  const sign = (audience: string) =>
    new SignJWT({})
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(issuer)
      .setSubject(subject)
      .setAudience(audience)
      .setExpirationTime(now + 60)
      .sign(privateKey)
  const send = async (audience: string) =>
    (
      await one.send({
        grant_type: 'client_credentials',
        client_id: one.client.client_id,
        scope: `${origin}/.default`,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await sign(audience),
      })
    ).status
  assert.is(await send('api://AzureADTokenExchange'), 200)
  assert.is(await send('somebody else'), 401)
})

assertion('v1 names the API by resource and writes numbers as texts', async () => {
  const one = tenant({ accessTokenSeconds: 3_599 })
  const path = `/${one.directory.tenantId}/oauth2/token`
  const user = { ...one.client, grant_type: 'password', username: one.directory.user.principalName, password: one.directory.password }
  const body = (await (await one.post(path, { ...user, resource: origin })).json()) as Record<string, unknown>
  assert.equal([body.expires_in, body.ext_expires_in, body.resource], ['3599', '3599', origin])
  assert.is(body.expires_on, String(Math.floor(one.directory.clock().getTime() / 1_000) + 3_599))
  assert.match(String(body.refresh_token), /^sbx-rt-/)
  const refused = (await (await one.post(path, { ...user, resource: 'https://other.example' })).json()) as { error_codes: number[] }
  assert.equal(refused.error_codes, [500011])
})

assertion('a single-page app redeems in a browser only, and its sign-in ends after a day', async () => {
  const one = tenant()
  const client_id = one.directory.spaClient.clientId
  const refresh = (refresh_token: string, headers: Record<string, string> = { origin: 'http://localhost:3000' }) =>
    one.send({ grant_type: 'refresh_token', client_id, refresh_token }, headers)
  const user = { grant_type: 'password', client_id, username: one.directory.user.principalName, password: one.directory.password }
  const scope = `${origin}/user_impersonation offline_access`
  const first = (await (await one.send({ ...user, scope }, { origin: 'http://localhost:3000' })).json()) as { refresh_token: string }
  assert.is((await refresh(first.refresh_token, {})).status, 400)
  one.later(50_000)
  const second = (await (await refresh(first.refresh_token)).json()) as { refresh_token: string }
  one.later(36_400)
  const over = (await (await refresh(second.refresh_token)).json()) as { error_codes: number[] }
  assert.equal(over.error_codes, [700084])
})

assertion('reuse of a renewed token revokes the sign-in where the switch says so', async () => {
  const one = tenant()
  one.directory.switches.refresh_token_reuse = 'revokes'
  const user = { ...one.client, grant_type: 'password', username: one.directory.user.principalName, password: one.directory.password }
  const first = (await one.token({ ...user, scope: `${origin}/.default offline_access` })).refresh_token!
  const renew = (refresh_token: string) => one.send({ grant_type: 'refresh_token', ...one.client, refresh_token })
  const second = ((await (await renew(first)).json()) as { refresh_token: string }).refresh_token
  assert.is((await renew(first)).status, 400)
  assert.is((await renew(second)).status, 400)
})

assertion('consent that was taken back is asked for again', async () => {
  const one = tenant()
  const user = { ...one.client, grant_type: 'password', username: one.directory.user.principalName, password: one.directory.password }
  const token = (await one.token({ ...user, scope: `${origin}/.default offline_access` })).refresh_token!
  const renew = { grant_type: 'refresh_token', ...one.client, refresh_token: token }
  await one.control('/consent/revoke', {})
  const refused = await one.refused(renew)
  assert.equal([refused.error, refused.suberror, refused.error_codes], ['invalid_grant', 'consent_required', [65001]])
  const query = { client_id: one.client.client_id, response_type: 'code', redirect_uri: 'http://localhost:1', scope: `${origin}/.default` }
  assert.match(await (await one.authorize(query)).text(), /permissions that you have not given/)
  await one.authorize(query, { decision: 'sign_in' })
  assert.is((await one.send(renew)).status, 200)
})

assertion.run()
