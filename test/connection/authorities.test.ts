import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { adfs } from '../../runner/connection/authorities/adfs.ts'
import type { Refusal, TokenAnswer } from '../../runner/connection/authorities/authority.ts'
import { entra } from '../../runner/connection/authorities/entra.ts'
import type { OAuthSettings } from '../../runner/connector/index.ts'
import { entraError } from '../support/organization-server.ts'

const test = suite('connection: authorities')

const answer = (status: number, body: unknown, headers: Record<string, string> = {}): TokenAnswer => ({
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
const verdict = ({ class: meaning, kind }: Refusal) => (kind === undefined ? meaning : `${meaning} ${kind}`)

/** Expected verdict, `error` the number comes with, numbers. Facts sheet "AADSTS table". */
const numbers: [verdict: string, error: string, numbers: number[]][] = [
  ['reconnect expired', 'invalid_grant', [70008, 700082, 700084, 70043, 50089, 54005, 501481, 50147, 501491]],
  ['reconnect revoked', 'invalid_grant', [50173, 50132, 50133, 70000]],
  ['reconnect mfa', 'invalid_grant', [50085, 700020, 16000, 50058, 50199, 50140, 50076, 50078, 50079, 50072, 50074, 50158, 50161]],
  ['reconnect mfa', 'interaction_required', [50076, 50079]],
  ['reconnect password', 'user_password_expired', [50055, 50144]],
  ['reconnect password', 'invalid_grant', [50055, 50144, 50126, 50056, 50053, 50135, 50125]],
  ['reconnect password', 'unauthorized_client', [50053]],
  [
    'reconnect policy',
    'invalid_grant',
    [
      50057, 53003, 53000, 53001, 53002, 50097, 50129, 50005, 530032, 530034, 530035, 53004, 53011, 50131, 50105, 500021, 500022, 500212,
      500213, 50002, 530099,
    ],
  ],
  ['reconnect policy', 'interaction_required', [53003]],
  ['reconnect consent', 'invalid_grant', [65001, 65004, 90094, 90095, 90008]],
  ['config', 'invalid_grant', [700005, 50034, 51004, 50020, 50014, 65005, 650056, 650057, 650054, 650052, 9002313]],
  ['config', 'invalid_client', [7000215, 7000222, 70002, 7000218, 700025, 700027, 700030, 50012, 50027, 50048, 900384]],
  ['config', 'unauthorized_client', [700016, 700011, 70001, 7000112, 1000031]],
  [
    'config',
    'invalid_request',
    [
      90002, 90038, 900382, 900432, 90051, 50049, 50194, 90130, 90124, 9001023, 50011, 900971, 70004, 901002, 9002313, 90014, 900144, 90023,
      90013, 90100, 90056, 900561, 700229,
    ],
  ],
  ['config', 'invalid_resource', [500011, 50001]],
  ['config', 'invalid_scope', [70011, 28002, 28003, 700022, 700023]],
  ['config', 'unsupported_grant_type', [70003]],
  ['config', 'invalid_grant', [50000, 90036, 90092, 50086, 40008]],
  [
    'transient',
    'invalid_grant',
    [50196, 90055, 90006, 90024, 90033, 90090, 90091, 90012, 50033, 40010, 50087, 50088, 80001, 80002, 80005, 80007, 80014],
  ],
]

for (const [expected, error, list] of numbers) {
  for (const number of list) {
    test(`Entra ${error} ${number} is ${expected}`, () => {
      const refusal = entra.classify(answer(error === 'invalid_client' ? 401 : 400, entraError(number, error)))
      assert.is(verdict(refusal), expected)
      assert.is(refusal.number, `AADSTS${number}`)
      assert.is(refusal.words, `AADSTS${number}: Made up for a test.`)
      assert.is(refusal.traceId, '0c9b1111-2222-4333-8444-555566667778')
      assert.ok(refusal.todo.length > 10)
    })
  }
}

/** Without a number that is known: `error` and `suberror` decide. */
const words: [verdict: string, body: Record<string, unknown>][] = [
  ['reconnect revoked', { error: 'invalid_grant' }],
  ['reconnect revoked', { error: 'invalid_grant', error_codes: [12345] }],
  ['reconnect expired', { error: 'invalid_grant', error_codes: [70002, 70008] }],
  ['reconnect revoked', { error: 'invalid_grant', error_codes: [70002] }],
  ['reconnect mfa', { error: 'invalid_grant', suberror: 'basic_action' }],
  ['reconnect mfa', { error: 'invalid_grant', suberror: 'additional_action' }],
  ['reconnect policy', { error: 'invalid_grant', suberror: 'message_only' }],
  ['reconnect consent', { error: 'invalid_grant', suberror: 'consent_required' }],
  ['reconnect revoked', { error: 'invalid_grant', suberror: 'bad_token' }],
  ['reconnect expired', { error: 'invalid_grant', suberror: 'token_expired' }],
  ['reconnect password', { error: 'invalid_grant', suberror: 'user_password_expired' }],
  ['reconnect mfa', { error: 'interaction_required' }],
  ['reconnect mfa', { error: 'login_required' }],
  ['reconnect consent', { error: 'consent_required' }],
  ['reconnect revoked', { error: 'bad_token' }],
  ['reconnect mfa', { error: 'interrupted_user' }],
  ['reconnect mfa', { error: 'ux_not_allowed' }],
  ['config', { error: 'invalid_client' }],
  ['config', { error: 'invalid_client', error_codes: [70008] }],
  ['config', { error: 'something_new' }],
  ['config', {}],
  ['transient', { error: 'temporarily_unavailable' }],
  ['transient', { error: 'server_error' }],
  ['pending', { error: 'authorization_pending' }],
  ['pending', { error: 'slow_down' }],
]

for (const [expected, body] of words) {
  test(`Entra ${JSON.stringify(body)} is ${expected}`, () => assert.is(verdict(entra.classify(answer(400, body))), expected))
}

for (const [name, authority] of Object.entries({ entra, adfs })) {
  for (const [what, raw] of Object.entries({
    'a 429 of text': answer(429, 'Too Many Requests', { 'retry-after': '60' }),
    'a 500 of JSON': answer(500, { error: 'invalid_grant' }),
    'a 400 of HTML': answer(400, '<html>proxy</html>'),
    'a refusal with Retry-After': answer(400, { error: 'invalid_grant' }, { 'retry-after': '3' }),
    'a 200 that is no JSON': answer(200, 'hello'),
  })) {
    test(`${name}: ${what} is transient`, () => assert.is(authority.classify(raw).class, 'transient'))
  }
}

test('50196 waits a minute; 70000 and faults of the service get a second look', () => {
  assert.is(entra.classify(answer(400, entraError(50196))).atLeastMs, 60_000)
  for (const number of [70000, 50000, 90036]) assert.is(entra.classify(answer(400, entraError(number))).tryOnceMore, true)
  assert.is(entra.classify(answer(400, entraError(700082))).tryOnceMore, undefined)
})

test('claims of Conditional Access are kept for the next sign-in', () => {
  assert.is(
    entra.classify(answer(400, entraError(53003, 'invalid_grant', { claims: '{"access_token":{}}' }))).claims,
    '{"access_token":{}}',
  )
})

/** Facts sheet "Error payload and MSIS codes": status, error, number, verdict. */
const msis: [status: number, error: string, number: string, verdict: string][] = [
  [401, 'invalid_grant', 'MSIS9615', 'reconnect expired'],
  [400, 'invalid_grant', 'MSIS9615', 'reconnect expired'],
  [400, 'invalid_grant', 'MSIS9612', 'reconnect expired'],
  [400, 'invalid_grant', 'MSIS9720', 'reconnect expired'],
  [400, 'invalid_grant', 'MSIS9659', 'reconnect password'],
  [400, 'invalid_resource', 'MSIS9602', 'config'],
  [400, 'access_denied', 'MSIS9605', 'config'],
  [400, 'invalid_client', 'MSIS9607', 'config'],
  [400, 'invalid_client', 'MSIS9622', 'config'],
  [400, 'invalid_grant', 'MSIS9999', 'reconnect expired'],
  [400, 'invalid_client', 'MSIS9999', 'config'],
  [400, 'interaction_required', 'MSIS9999', 'reconnect mfa'],
  [400, 'server_error', 'MSIS9999', 'transient'],
]

for (const [status, error, number, expected] of msis) {
  test(`AD FS ${status} ${error} ${number} is ${expected}`, () => {
    const refusal = adfs.classify(
      answer(status, { error, error_description: `${number}: The token received in 'refresh_token' parameter has expired.` }),
    )
    assert.is(verdict(refusal), expected)
    assert.is(refusal.number, number)
  })
}

test('AD FS: an empty 404 is a wrong address', () => assert.is(adfs.classify(answer(404, '')).class, 'config'))

const settings: OAuthSettings = {
  authority: 'entra',
  clientId: 'c',
  grant: 'authorization_code',
  resource: 'https://contoso.crm4.dynamics.com',
  tenant: 't',
}

test('scopes: confidential, public, app-only, overridden', () => {
  assert.equal(entra.scopes({ ...settings, clientSecret: 's' }, settings.resource), [
    'https://contoso.crm4.dynamics.com/.default',
    'offline_access',
    'openid',
    'profile',
  ])
  assert.equal(entra.scopes(settings, settings.resource)[0], 'https://contoso.crm4.dynamics.com/user_impersonation')
  assert.equal(entra.scopes({ ...settings, grant: 'client_credentials' }, 'https://contoso.crm4.dynamics.com/'), [
    'https://contoso.crm4.dynamics.com/.default',
  ])
  assert.equal(entra.scopes({ ...settings, scopes: ['own'] }, settings.resource), ['own'])
})

test('the authority follows from the host of the organization, or must be asked for', () => {
  const host = (resource: string) => entra.known({ ...settings, resource })?.authorityUrl
  assert.is(host('https://contoso.crm4.dynamics.com'), 'https://login.microsoftonline.com')
  assert.is(host('https://contoso.crm.microsoftdynamics.us'), 'https://login.microsoftonline.us')
  assert.is(host('https://contoso.crm.dynamics.cn'), 'https://login.partner.microsoftonline.cn')
  assert.is(host('https://crm.contoso.example'), undefined)
  assert.is(host('https://contoso.dynamics.com.evil.example'), undefined)
  const { tenant: _, ...noTenant } = settings
  assert.is(entra.known(noTenant), undefined)
})

test('endpoints', () => {
  assert.equal(entra.endpoints({ authorityUrl: 'https://login.microsoftonline.com', tenant: 'contoso.com', resource: '' }), {
    issuer: 'https://login.microsoftonline.com/contoso.com/v2.0',
    authorize: 'https://login.microsoftonline.com/contoso.com/oauth2/v2.0/authorize',
    token: 'https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token',
    device: 'https://login.microsoftonline.com/contoso.com/oauth2/v2.0/devicecode',
  })
  assert.is(
    adfs.endpoints({ authorityUrl: 'https://adfs.contoso.com/adfs', resource: '' }).token,
    'https://adfs.contoso.com/adfs/oauth2/token',
  )
  assert.equal(adfs.parameters('https://crm/'), { resource: 'https://crm/' })
})

test.run()
