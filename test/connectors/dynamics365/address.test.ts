import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { apiUrl, organizationUrl, signIn, transport } from '../../../connectors/dynamics365/address.ts'
import { rules, type Settings, settings as schema } from '../../../connectors/dynamics365/settings.ts'

const test = suite('dynamics365 address')

const cloud = (more: Partial<Settings> = {}): Settings => ({ account_type: 'cloud', client_id: 'c', ...more })
const onPremise = (more: Partial<Settings> = {}): Settings => ({
  account_type: 'on_premise',
  client_id: 'c',
  ad_domain: 'adfs.contoso.com',
  ...more,
})

test('a subdomain is short for a host', () => {
  assert.is(organizationUrl(cloud({ subdomain: 'contoso' })), 'https://contoso.crm.dynamics.com')
  assert.is(organizationUrl(cloud({ subdomain: 'contoso.crm4' })), 'https://contoso.crm4.dynamics.com')
  assert.is(organizationUrl(cloud({ subdomain: 'contoso.crm.microsoftdynamics.us' })), 'https://contoso.crm.microsoftdynamics.us')
  assert.is(organizationUrl(onPremise({ subdomain: 'crm.contoso.com' })), 'https://crm.contoso.com')
})

test('the version follows from the account type unless it is set', () => {
  assert.is(apiUrl(cloud({ subdomain: 'contoso' })), 'https://contoso.crm.dynamics.com/api/data/v9.2/')
  assert.is(apiUrl(onPremise({ url: 'https://server/org1/' })), 'https://server/org1/api/data/v9.1/')
  assert.is(apiUrl(cloud({ subdomain: 'contoso', api_version: '9.0' })), 'https://contoso.crm.dynamics.com/api/data/v9.0/')
})

test('plain http reaches this machine only', () => {
  assert.is(organizationUrl(cloud({ url: 'http://127.0.0.1:8365/' })), 'http://127.0.0.1:8365')
  for (const url of ['http://crm.contoso.com', 'ftp://127.0.0.1', 'not a url', 'https://user@contoso.com', 'https://contoso.com/?a=1'])
    assert.throws(
      () => organizationUrl(cloud({ url })),
      (error: { code: string }) => error.code === 'invalid_address',
      url,
    )
})

test('sign-in is derived from the settings', () => {
  assert.equal(signIn(cloud({ subdomain: 'contoso.crm4', client_secret: 's', auth: 'client_credentials', tenant: 't' })), {
    authority: 'entra',
    clientId: 'c',
    grant: 'client_credentials',
    resource: 'https://contoso.crm4.dynamics.com',
    resourceGuessed: true,
    tenant: 't',
    clientSecret: 's',
  })
  assert.equal(signIn(onPremise({ subdomain: 'crm.contoso.com' })), {
    authority: 'adfs',
    authorityUrl: 'https://adfs.contoso.com/adfs',
    clientId: 'c',
    grant: 'authorization_code',
    resource: 'https://crm.contoso.com',
    resourceGuessed: true,
  })
})

test('transport carries impersonation, cookies and times', () => {
  const { headers, cookies, timeoutMs, atOnce } = transport(
    cloud({ subdomain: 'contoso', act_as: { object_id: 'o' }, affinity: true, timeout: '2m', limits: { at_once: 3 } }),
  )
  assert.is(headers?.callerobjectid, 'o')
  assert.is(cookies, true)
  assert.is(timeoutMs, 120_000)
  assert.is(atOnce, 3)
  assert.is(transport(cloud({ subdomain: 'contoso' })).timeoutMs, 100_000)
})

/** Messages of the rules that a block breaks. */
async function broken(block: Record<string, unknown>): Promise<string[]> {
  const { Ajv } = await import('ajv')
  const ajv = new Ajv({ strict: false })
  assert.ok(ajv.validate(schema, block), ajv.errorsText())
  return rules.flatMap((rule) => (ajv.validate(rule, block) ? [] : [String(rule.errorMessage)]))
}

test('one mistake breaks one rule', async () => {
  assert.equal(await broken(cloud({ subdomain: 'contoso' })), [])
  assert.equal(await broken(onPremise({ subdomain: 'crm.contoso.com' })), [])
  const mistakes: [Settings, RegExp][] = [
    [cloud(), /`subdomain` or `url`/],
    [cloud({ subdomain: 'a', url: 'https://b' }), /keep one/],
    [cloud({ subdomain: 'a', ad_domain: 'b' }), /Remove it/],
    [{ account_type: 'on_premise', client_id: 'c', subdomain: 'a' }, /required on-premises/],
    [cloud({ subdomain: 'a', auth: 'client_credentials' }), /needs `client_secret`/],
    [cloud({ subdomain: 'a', auth: 'refresh_token' }), /needs `refresh_token`/],
  ]
  for (const [block, message] of mistakes) {
    const messages = await broken(block)
    assert.is(messages.length, 1, JSON.stringify(block))
    assert.match(messages[0] ?? '', message)
  }
})

test('every setting says what it is', () => {
  for (const [name, field] of Object.entries(
    schema.properties as Record<string, { title?: string; description?: string; examples?: unknown[] }>,
  )) {
    assert.ok(field.title, name)
    assert.ok(field.description, name)
    assert.ok(name === 'account_type' || field.examples?.length, name)
  }
})

test.run()
