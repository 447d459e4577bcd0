import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { challenge, code, origin, redeem, signIn, signInQuery, tenant, verifier } from './identity-tenant.ts'

const authorize = suite('sandbox identity: authorize')

authorize('shows a page with one button, and sends a code and the state back', async () => {
  const one = tenant()
  const page = await one.authorize(signInQuery(one.client))
  assert.is(page.status, 200)
  assert.match(await page.text(), /<form method="post">[\s\S]*<button[^>]*>Sign in<\/button>/)

  const answer = await one.authorize(signInQuery(one.client), { decision: 'sign_in' })
  assert.is(answer.status, 302)
  const target = new URL(answer.headers.get('location') as string)
  assert.is(target.origin + target.pathname, 'http://localhost:51234/', 'a redirect without a path comes back with /')
  assert.is(target.searchParams.get('state'), 'state-1')
  assert.match(target.searchParams.get('code') as string, /^sbx-code-/)
})

authorize('a page shows hostile parameters as text', async () => {
  const one = tenant()
  const page = await one.authorize({ ...signInQuery(one.client), client_id: '<script>alert(1)</script>' })
  assert.is(page.status, 400)
  assert.not.match(await page.text(), /<script>alert/)
})

authorize('answers in the fragment or by form where that is asked', async () => {
  const one = tenant()
  const fragment = await one.authorize({ ...signInQuery(one.client), response_mode: 'fragment' }, {})
  const target = new URL(fragment.headers.get('location') as string)
  assert.is(target.search, '')
  assert.match(target.hash, /^#code=sbx-code-.*&state=state-1$/)
  const form = await (await one.authorize({ ...signInQuery(one.client), response_mode: 'form_post' }, {})).text()
  assert.match(form, /<form method="post" action="http:\/\/localhost:51234">.*name="code" value="sbx-code-/s)
})

authorize('an unusable client, tenant or redirect is shown and never redirected', async () => {
  const one = tenant()
  const query = signInQuery(one.client)
  const cases: [Record<string, string>, string | undefined, RegExp][] = [
    [{ client_id: '00000000-0000-0000-0000-000000000000' }, undefined, /AADSTS700016/],
    [{}, 'contoso.example', /AADSTS90002/],
    [{}, 'common', /AADSTS50194/],
    [{ redirect_uri: 'http://evil.example/' }, undefined, /AADSTS50011/],
    [{ redirect_uri: 'https://localhost/' }, undefined, /AADSTS50011/],
    [{ redirect_uri: 'http://localhost:1/other' }, undefined, /AADSTS50011/],
    [{ redirect_uri: 'http://localhost:1/Callback' }, undefined, /AADSTS50011/],
    [{ redirect_uri: 'http://[::1]:1/' }, undefined, /AADSTS50011/],
    [{ redirect_uri: '' }, undefined, /AADSTS900144/],
    [{ response_mode: 'web_message' }, undefined, /AADSTS90023/],
  ]
  for (const [change, name, text] of cases) {
    const answer = await one.authorize({ ...query, ...change }, { decision: 'sign_in' }, name)
    assert.is(answer.status, 400, String(text))
    assert.match(await answer.text(), text)
  }
})

authorize('any port of this machine is registered, with the paths / and /callback', async () => {
  const one = tenant()
  for (const redirect_uri of ['http://localhost', 'http://127.0.0.1:8080', 'http://localhost:7/callback', 'http://127.0.0.1/'])
    assert.ok(await code(one, { redirect_uri }), redirect_uri)
})

authorize('other errors travel to the redirect with the state', async () => {
  const one = tenant()
  const cases: [Record<string, string>, Record<string, string>, string, string][] = [
    [{ response_type: 'token' }, {}, 'unsupported_response_type', 'AADSTS90023'],
    [{ scope: '' }, {}, 'invalid_request', 'AADSTS900144'],
    [{ scope: 'https://other.crm.example/.default' }, {}, 'invalid_resource', 'AADSTS500011'],
    [{ scope: `${origin}/.default ${origin}/user_impersonation` }, {}, 'invalid_scope', 'AADSTS70011'],
    [{ prompt: 'none' }, {}, 'login_required', 'AADSTS50058'],
    [{ code_challenge_method: 'S512' }, {}, 'invalid_request', 'AADSTS90023'],
    [{ code_challenge: 'short' }, {}, 'invalid_request', 'AADSTS501491'],
    [{}, { decision: 'cancel' }, 'access_denied', 'AADSTS65004'],
  ]
  for (const [change, form, error, description] of cases) {
    const answer = await one.authorize({ ...signInQuery(one.client), ...change }, form)
    const sent = new URL(answer.headers.get('location') as string).searchParams
    assert.is(sent.get('error'), error)
    assert.ok(sent.get('error_description')?.startsWith(description), sent.get('error_description') ?? '')
    assert.is(sent.get('state'), 'state-1')
    assert.is(sent.get('code'), null)
  }
})

authorize('a code gives tokens once, and only with its verifier, redirect and client', async () => {
  const one = tenant()
  const text = await code(one)
  assert.is((await one.refused(redeem(one, text, { code_verifier: challenge }))).error_codes[0], 501481)
  const without = redeem(one, text)
  delete without.code_verifier
  assert.is((await one.refused(without)).error_codes[0], 501481)
  assert.is((await one.refused(redeem(one, text, { redirect_uri: 'http://localhost:51235' }))).error_codes[0], 500112)
  const publicClient = { client_id: one.directory.publicClient.clientId, client_secret: '' }
  assert.is((await one.refused(redeem(one, text, publicClient))).error_codes[0], 700005)

  // The refusals above have not used the code up.
  const body = await one.token(redeem(one, text))
  assert.match(body.access_token, /^sbx-at-/)
  assert.match(body.refresh_token as string, /^sbx-rt-/)
  assert.is(body.scope, `${origin}/.default`)
  assert.ok(body.expires_in >= 3_600 && body.expires_in <= 5_400, String(body.expires_in))

  const twice = await one.refused(redeem(one, text))
  assert.equal([twice.status, twice.error, twice.error_codes], [400, 'invalid_grant', [54005]])
})

authorize('a code lives ten minutes', async () => {
  const one = tenant()
  const text = await code(one)
  one.later(599)
  const late = await code(one)
  assert.ok(await one.token(redeem(one, text)))
  one.later(600)
  assert.is((await one.refused(redeem(one, late))).error_codes[0], 70008)
})

authorize('PKCE with plain works; without a challenge no verifier is asked for', async () => {
  const one = tenant()
  const plain = await code(one, { code_challenge: verifier, code_challenge_method: 'plain' })
  assert.ok(await one.token(redeem(one, plain)))
  const query: Record<string, string> = signInQuery(one.client)
  delete query.code_challenge
  const answer = await one.authorize(query, {})
  const text = new URL(answer.headers.get('location') as string).searchParams.get('code') as string
  assert.ok(await one.token(redeem(one, text)))
})

authorize('refresh and id tokens come only where they are asked for', async () => {
  const one = tenant()
  const bare = await one.token(redeem(one, await code(one, { scope: `${origin}/user_impersonation` })))
  assert.is(bare.refresh_token, undefined)
  assert.is(bare.id_token, undefined)
  const returned = await signIn(one)
  const claims = JSON.parse(
    Buffer.from((await one.token(redeem(one, returned.get('code') as string))).id_token?.split('.')[1] as string, 'base64url').toString(),
  )
  assert.is(claims.nonce, 'nonce-1')
  assert.is(claims.tid, one.directory.tenantId)
  assert.is(claims.oid, 'object-1')
  assert.is(claims.preferred_username, 'sandbox.user@sandbox.example')
  assert.is(claims.aud, one.client.client_id)
  assert.is(claims.exp - claims.iat, 3_600)
})

authorize.run()
