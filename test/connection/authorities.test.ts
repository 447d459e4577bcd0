import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { adfs } from '../../runner/connection/authorities/adfs.ts'
import { entra } from '../../runner/connection/authorities/entra.ts'
import type { OAuthSettings } from '../../runner/connector/index.ts'

const test = suite('connection: authorities')

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
  assert.is(host('contoso.crm4.dynamics.com'), undefined, 'no address: the organization is asked, and says how it is named')
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
