import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { askOrganization, parseChallenge } from '../../runner/connection/challenge.ts'
import type { Http } from '../../runner/connection/http.ts'
import type { ConnectorError, OAuthSettings } from '../../runner/connector/index.ts'

const test = suite('connection: challenge')

const uri = 'https://login.microsoftonline.com/3f2c/oauth2/authorize'
const headers: [name: string, header: string][] = [
  ['as Dataverse writes it', `Bearer authorization_uri=${uri}, resource_id=https://contoso.crm4.dynamics.com/`],
  [
    'quoted, other order, more parameters',
    `Bearer realm="", resource_id="https://contoso.crm4.dynamics.com/", error=x, authorization_uri="${uri}"`,
  ],
  ['lower case, after others', `Negotiate, NTLM, bearer authorization_uri=${uri}, resource_id=https://contoso.crm4.dynamics.com/`],
  ['before others', `Bearer authorization_uri=${uri}, resource_id=https://contoso.crm4.dynamics.com/, Negotiate, NTLM`],
]

for (const [name, header] of headers) {
  test(`a challenge ${name}`, () =>
    assert.equal(parseChallenge(header), { authorizationUri: uri, resourceId: 'https://contoso.crm4.dynamics.com/' }))
}

for (const header of ['', 'Negotiate, NTLM', 'Bearer realm="x"', 'Bearer authorization_uri=nonsense']) {
  test(`no challenge: ${header}`, () => assert.is(parseChallenge(header), undefined))
}

const settings: OAuthSettings = {
  authority: 'entra',
  clientId: 'c',
  grant: 'client_credentials',
  resource: 'https://contoso.crm4.dynamics.com',
}
const answering = (header: string): Http => ({
  send: async () => ({ status: 401, headers: { 'www-authenticate': header }, body: '' }),
  close() {},
})
const ask = (header: string, oauth: Partial<OAuthSettings> = {}, base = 'https://contoso.crm4.dynamics.com/api/data/v9.2/') =>
  askOrganization({ ...settings, ...oauth }, base, answering(header))

test('a known authority is believed', async () => {
  assert.equal(await ask(headers[0]?.[1] as string), {
    authorityUrl: 'https://login.microsoftonline.com',
    tenant: '3f2c',
    resource: 'https://contoso.crm4.dynamics.com/',
  })
})

test('an old name of a known authority is believed under the new one; `common` becomes `organizations`', async () => {
  const found = await ask('Bearer authorization_uri=https://login.windows.net/common/oauth2/authorize')
  assert.equal(found, {
    authorityUrl: 'https://login.microsoftonline.com',
    tenant: 'organizations',
    resource: 'https://contoso.crm4.dynamics.com',
  })
})

test('a resource that is not the base of the address is not taken over', async () => {
  const found = await ask(`Bearer authorization_uri=${uri}, resource_id=https://graph.microsoft.com/`)
  assert.is(found.resource, 'https://contoso.crm4.dynamics.com')
})

const hostile: [name: string, run: () => Promise<unknown>, code: string][] = [
  ['an unknown host', () => ask('Bearer authorization_uri=https://evil.example/t/oauth2/authorize'), 'authority_not_trusted'],
  [
    'a host that only looks known',
    () => ask('Bearer authorization_uri=https://login.microsoftonline.com.evil.example/t/oauth2/authorize'),
    'authority_not_trusted',
  ],
  [
    'a user name that looks like a host',
    () => ask('Bearer authorization_uri=https://login.microsoftonline.com@evil.example/t/oauth2/authorize'),
    'authority_not_trusted',
  ],
  [
    'another port',
    () => ask('Bearer authorization_uri=https://login.microsoftonline.com:8443/t/oauth2/authorize'),
    'authority_not_trusted',
  ],
  ['loopback, named from outside', () => ask('Bearer authorization_uri=http://127.0.0.1:1/t/oauth2/authorize'), 'authority_not_trusted'],
  ['plain http', () => ask('Bearer authorization_uri=http://login.microsoftonline.com/t/oauth2/authorize'), 'insecure_address'],
  [
    'an AD FS that is not the one in the settings',
    () =>
      ask('Bearer authorization_uri=https://evil.example/adfs/oauth2/authorize', {
        authority: 'adfs',
        authorityUrl: 'https://adfs.contoso.com/adfs',
      }),
    'authority_not_trusted',
  ],
  [
    'an AD FS without one in the settings',
    () => ask('Bearer authorization_uri=https://adfs.contoso.com/adfs/oauth2/authorize', { authority: 'adfs' }),
    'authority_not_trusted',
  ],
]

for (const [name, run, code] of hostile) {
  test(`not believed: ${name}`, async () => {
    const error = await run().then(
      () => undefined,
      (thrown: ConnectorError) => thrown,
    )
    assert.is(error?.code, code)
  })
}

test('loopback names loopback', async () => {
  const found = await ask('Bearer authorization_uri=http://127.0.0.1:8080/t1/oauth2/authorize', {}, 'http://127.0.0.1:8080/api/data/v9.2/')
  assert.is(found.authorityUrl, 'http://127.0.0.1:8080')
})

test('an AD FS named in the settings is believed, with the resource as the server spells it', async () => {
  const found = await ask(
    'Bearer authorization_uri=https://adfs.contoso.com/adfs/oauth2/authorize, resource_id=https://crm.contoso.com/, Negotiate, NTLM',
    { authority: 'adfs', authorityUrl: 'https://adfs.contoso.com/adfs', resource: 'https://crm.contoso.com' },
    'https://crm.contoso.com/api/data/v9.1/',
  )
  assert.equal(found, { authorityUrl: 'https://adfs.contoso.com/adfs', resource: 'https://crm.contoso.com/' })
})

test('no challenge is an error that says what to set', async () => {
  const error = (await ask('Basic').catch((thrown) => thrown)) as ConnectorError
  assert.is(error.code, 'challenge_missing')
  assert.match(error.message, /`authority` and `tenant`/)
})

test.run()
