import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import * as client from 'openid-client'
import selfsigned from 'selfsigned'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSandbox } from '../../../../../connectors/dynamics365/sandbox/start.ts'
import type { RunningSandbox } from '../../../../../runner/connector/index.ts'

const openid = suite<{ sandbox: RunningSandbox; settings: Record<string, string> }>('openid-client, unmodified')
const insecure = { execute: [client.allowInsecureRequests] }
const publicClient = '5a1db0c5-1111-4222-8333-777788889999'

openid.before(async (context) => {
  context.sandbox = await startSandbox({})
  context.settings = context.sandbox.settings as Record<string, string>
})
openid.after(({ sandbox }) => sandbox.close())

/** What a person does in a browser. */
async function press(address: URL): Promise<URL> {
  const form = new URLSearchParams({ decision: 'sign_in' })
  const answer = await fetch(address, { method: 'POST', body: form, redirect: 'manual' })
  return new URL(answer.headers.get('location')!)
}

async function signIn(config: client.Configuration, parameters: Record<string, string>, redirect: string) {
  const verifier = client.randomPKCECodeVerifier()
  const [state, nonce] = [client.randomState(), client.randomNonce()]
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: redirect,
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...parameters,
  })
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
  return client.authorizationCodeGrant(config, await press(address), checks)
}

openid('Entra: discovery, code with proof key, renewal, id token checked', async ({ sandbox, settings }) => {
  const issuer = new URL(`${sandbox.url}/${settings.tenant}/v2.0`)
  const config = await client.discovery(issuer, settings.client_id!, settings.client_secret, undefined, insecure)
  const scope = `${sandbox.url}/.default openid profile offline_access`
  const tokens = await signIn(config, { scope }, 'http://localhost:49152/callback')
  assert.is(tokens.claims()?.tid, settings.tenant)
  const renewed = await client.refreshTokenGrant(config, tokens.refresh_token!)
  const answer = await fetch(`${sandbox.url}/api/data/v9.2/WhoAmI()`, { headers: { authorization: `Bearer ${renewed.access_token}` } })
  assert.is(answer.status, 200)
})

openid('Entra: client credentials by secret and by certificate', async ({ sandbox, settings }) => {
  const issuer = new URL(`${sandbox.url}/${settings.tenant}/v2.0`)
  const scope = `${sandbox.url}/.default`
  const bySecret = await client.discovery(issuer, settings.client_id!, settings.client_secret, undefined, insecure)
  assert.is((await client.clientCredentialsGrant(bySecret, { scope })).refresh_token, undefined)

  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString()
  const { cert } = await selfsigned.generate([{ name: 'commonName', value: 'app' }], { keyPair: { privateKey: pkcs8, publicKey: spki } })
  await fetch(`${sandbox.url}/sandbox/certificates`, { method: 'POST', body: JSON.stringify({ pem: cert }) })
  const der = Buffer.from(pkcs8.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  const key = await crypto.subtle.importKey('pkcs8', der, { name: 'RSA-PSS', hash: 'SHA-256' }, false, ['sign'])
  const byKey = await client.discovery(issuer, settings.client_id!, undefined, client.PrivateKeyJwt(key), insecure)
  assert.is((await client.clientCredentialsGrant(byKey, { scope })).token_type, 'bearer')
  const refused = await client.clientCredentialsGrant(byKey, { scope: 'https://other.example/.default' }).catch((error) => error)
  assert.equal([refused.error, refused.cause.error_codes], ['invalid_resource', [500011]])
})

openid('Entra: device code', async ({ sandbox, settings }) => {
  const issuer = new URL(`${sandbox.url}/${settings.tenant}/v2.0`)
  const config = await client.discovery(issuer, publicClient, undefined, client.None(), insecure)
  const begun = await client.initiateDeviceAuthorization(config, { scope: `${sandbox.url}/.default offline_access` })
  const form = new URLSearchParams({ code: begun.user_code, decision: 'sign_in' })
  await fetch(begun.verification_uri, { method: 'POST', body: form })
  // The interval is what the server asks for; nobody waits here, since the person has finished.
  const tokens = await client.pollDeviceAuthorizationGrant(config, { ...begun, interval: 0 })
  assert.ok(tokens.refresh_token)
})

openid('AD FS: discovery, code, and renewal without a new refresh token', async ({ sandbox }) => {
  const config = await client.discovery(new URL(`${sandbox.url}/adfs`), publicClient, undefined, client.None(), insecure)
  const tokens = await signIn(config, { resource: `${sandbox.url}/`, scope: 'openid' }, 'http://localhost:54321/')
  assert.is(tokens.refresh_token_expires_in, 28_800)
  const renewed = await client.refreshTokenGrant(config, tokens.refresh_token!)
  assert.is(renewed.refresh_token, undefined)
  assert.ok(renewed.access_token)
})

openid.run()
