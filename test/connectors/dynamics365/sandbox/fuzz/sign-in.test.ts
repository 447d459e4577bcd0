import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { challenge, code, origin, redeem, signInQuery, tenant, verifier } from '../identity-tenant.ts'
import { fuzz, within } from './fuzz.ts'
import { damaged, joined, oneOf, sequence, usually } from './text.ts'

const test = suite('fuzzing: sign-ins')
const one = tenant()
const { client_id: clientId, client_secret: secret } = one.client
const query = signInQuery(one.client)
const issued = await one.token(redeem(one, await code(one)))

/** No page may hold it as it is, or it would run. */
const script = '"><script>steal()</script>'
const text = (...known: readonly string[]) =>
  fc.oneof({ weight: 9, arbitrary: oneOf(known) }, { weight: 1, arbitrary: fc.constant(script) })

const values: Record<string, fc.Arbitrary<string>> = {
  grant_type: text(
    ...['authorization_code', 'refresh_token', 'client_credentials', 'password', 'device_code'],
    'urn:ietf:params:oauth:grant-type:device_code',
    '__proto__',
  ),
  client_id: text(clientId, clientId, clientId.toUpperCase(), '00000000-0000-0000-0000-000000000000'),
  client_secret: text(secret, secret, 'wrong'),
  client_assertion: text(
    'a.b.c',
    `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.`,
    issued.access_token,
  ),
  client_assertion_type: text('urn:ietf:params:oauth:client-assertion-type:jwt-bearer'),
  code: text(await code(one), await code(one), 'x'),
  redirect_uri: text(
    query.redirect_uri,
    'http://localhost',
    'https://evil.example/',
    'javascript:alert(1)',
    'http://localhost:99999/',
    'urn:ietf:wg:oauth:2.0:oob',
    '//',
  ),
  code_verifier: text(verifier, 'short'),
  code_challenge: text(challenge, 'a'.repeat(43), 'short'),
  code_challenge_method: text('S256', 'plain', 's256'),
  refresh_token: text(issued.refresh_token!, issued.refresh_token!, 'sbx-rt-x'),
  scope: text(query.scope, `${origin}/.default`, `${origin}/user_impersonation`, 'openid', 'https://other.example/.default', ' ', 'a b c'),
  resource: text(origin, `${origin}/`, 'https://other.example'),
  response_type: text('code', 'code id_token', 'token'),
  response_mode: text('query', 'fragment', 'form_post', 'web_message'),
  state: text('s', ''),
  nonce: text('n'),
  prompt: text('none', 'login', 'consent', 'select_account'),
  username: text('sandbox.user@sandbox.example'),
  password: text('x'),
  device_code: text('sbx-device-x'),
  claims: text('{"access_token":{"nbf":{"essential":true,"value":"1"}}}', '{', 'null', '[]'),
  decision: text('sign_in', 'cancel'),
  tenant: text('common'),
}
const field = fc.constantFrom(...Object.keys(values)).chain((name) =>
  sequence(
    `${name}=`,
    values[name]!.map((value) => encodeURIComponent(value.toWellFormed())),
  ),
)
/** Fields that belong together, some of them left out or given twice. */
const form = fc
  .constantFrom(
    ['grant_type', 'client_id', 'client_secret', 'scope'],
    ['grant_type', 'client_id', 'client_secret', 'code', 'redirect_uri', 'code_verifier', 'scope'],
    ['grant_type', 'client_id', 'client_secret', 'refresh_token', 'scope', 'resource'],
    ['grant_type', 'client_id', 'client_assertion', 'client_assertion_type', 'scope'],
    ['client_id', 'response_type', 'redirect_uri', 'scope', 'state', 'nonce', 'code_challenge', 'code_challenge_method', 'response_mode'],
    ['client_id', 'scope', 'decision', 'code'],
  )
  .chain((names) => {
    const known = fc.tuple(
      ...names.map((name) =>
        sequence(
          `${name}=`,
          values[name]!.map((value) => encodeURIComponent(value.toWellFormed())),
        ),
      ),
    )
    return fc.tuple(
      fc.oneof({ weight: 3, arbitrary: known }, { weight: 1, arbitrary: known.chain((all) => fc.subarray([...all])) }),
      joined(field, '&', 2, 0),
    )
  })
  .map(([known, more]) => [...known, more].filter((part) => part !== '').join('&'))

const place = oneOf([
  one.directory.tenantId,
  one.directory.tenantId,
  'common',
  'organizations',
  'consumers',
  'adfs',
  'sandbox.example',
  '%2e%2e',
])
const path = fc.oneof(
  {
    weight: 6,
    arbitrary: sequence(
      '/',
      place,
      '/oauth2/',
      usually('v2.0/', ''),
      oneOf(['token', 'token', 'authorize', 'authorize', 'devicecode', 'logout']),
    ),
  },
  {
    weight: 2,
    arbitrary: sequence(
      '/',
      place,
      oneOf(['/adminconsent', '/v2.0/.well-known/openid-configuration', '/discovery/v2.0/keys', '/discovery/instance', '/userinfo', '/ls']),
    ),
  },
  { weight: 1, arbitrary: oneOf(['/devicelogin', '/adfs/oauth2/deviceauth', '/common/discovery/instance', '/']) },
)
/** What a header can hold. */
const onTheWire = (value: string) => value.replaceAll(/[^\t -~\x80-\xff]/g, '?').trim()
const input = fc.record({
  method: usually('POST', 'GET', 'PUT', 'HEAD', 'OPTIONS'),
  path: damaged(path).map((value) => value.replaceAll(/[^!-~]/g, '')),
  query: fc.oneof({ weight: 1, arbitrary: fc.constant('') }, { weight: 2, arbitrary: damaged(form) }),
  body: damaged(form),
  type: usually(
    'application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded;charset=utf-16',
    'application/json',
    'multipart/form-data; boundary=b',
    '',
  ).map(onTheWire),
  authorization: usually(
    '',
    'Basic !',
    `Basic ${Buffer.from('a').toString('base64')}`,
    `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`,
    'Bearer x',
  ),
})

const statuses = new Set([200, 302, 400, 401, 404, 429, 501])

test('every form is answered as its endpoint answers', () =>
  fuzz(
    input,
    async ({ method, path, query, body, type, authorization }) => {
      const hasBody = method !== 'GET' && method !== 'HEAD'
      const headers = { ...(type && { 'content-type': type }), ...(authorization && { authorization }) }
      const answer = await within(
        Promise.resolve(one.request(`${path.startsWith('/') ? '' : '/'}${path}?${query}`, { method, headers, ...(hasBody && { body }) })),
      )
      const content = await answer.text()
      assert.ok(statuses.has(answer.status), `answered ${answer.status} ${content}`)
      const kind = answer.headers.get('content-type') ?? ''
      if (kind.startsWith('text/html')) assert.not.match(content, script)
      if (kind.startsWith('application/json') && method !== 'HEAD') checkJson(answer.status, JSON.parse(content))
      const location = answer.headers.get('location')
      if (location !== null) assert.match(location, /^http:\/\/localhost(?::\d+)?\//)
      return answer.status
    },
    3,
  ))

function checkJson(status: number, body: Record<string, unknown>): void {
  if (status < 400) return
  assert.type(body.error, 'string')
  assert.type(body.error_description, 'string')
}

test.run()
