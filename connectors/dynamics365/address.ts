import { ConnectorError, type OAuthSettings, type Transport } from '../../runner/connector/index.ts'
import type { Settings } from './settings.ts'
import { bars } from './webapi/errors.ts'

const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Base URL of the organization, without trailing slash.
 *
 * Hosts are never checked against a list of regions: new ones appear (facts sheet "Region host labels").
 * @throws ConnectorError `invalid_address`
 */
export function organizationUrl({ account_type, subdomain, url }: Settings): string {
  const written = url ?? `https://${account_type === 'cloud' ? cloudHost(subdomain ?? '') : subdomain}`
  const parsed = URL.canParse(written) ? new URL(written) : undefined
  if (!parsed || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') || parsed.search || parsed.hash || parsed.username)
    throw invalidAddress(written, 'is not the base URL of an organization; write it as `https://contoso.crm4.dynamics.com`')
  if (parsed.protocol === 'http:' && !loopback.has(parsed.hostname))
    throw invalidAddress(written, 'would send tokens over plain http, which is allowed only to this machine; use https')
  return parsed.href.replace(/\/+$/, '')
}

function invalidAddress(address: string, what: string): ConnectorError {
  return new ConnectorError('rejected', 'invalid_address', `The address ${address} ${what}.`)
}

/** `contoso` and `contoso.crm4` are short for a host below `dynamics.com`. */
function cloudHost(subdomain: string): string {
  if (!subdomain.includes('.')) return `${subdomain}.crm.dynamics.com`
  return /^[^.]+\.crm\d*$/.test(subdomain) ? `${subdomain}.dynamics.com` : subdomain
}

/** Where the Web API begins; ends with `/`. */
export function apiUrl(settings: Settings): string {
  const version = settings.api_version ?? (settings.account_type === 'cloud' ? '9.2' : '9.1')
  return `${organizationUrl(settings)}/api/data/v${version}/`
}

export function signIn(settings: Settings): OAuthSettings {
  const { account_type, ad_domain, authority, tenant, client_id, client_secret, refresh_token, scopes, redirect_uri } = settings
  const { auth = 'authorization_code', client_secret_expires: expires, federated_token_file: file, username, password } = settings
  const certificate = clientCertificate(settings)
  const authorityUrl = authority ?? (ad_domain === undefined ? undefined : `https://${ad_domain}/adfs`)
  return {
    authority: account_type === 'cloud' ? 'entra' : 'adfs',
    // A workload identity is an app that signs in with its own credentials; only what proves it comes from elsewhere.
    grant: auth === 'workload_identity' ? 'client_credentials' : auth,
    resource: settings.resource ?? organizationUrl(settings),
    ...(settings.resource === undefined && { resourceGuessed: true }),
    ...(client_id !== undefined && { clientId: client_id }),
    ...(authorityUrl !== undefined && { authorityUrl }),
    ...(tenant !== undefined && { tenant }),
    ...(client_secret !== undefined && { clientSecret: client_secret }),
    ...(expires !== undefined && { clientSecretExpires: expires }),
    ...(certificate && { clientCertificate: certificate }),
    ...(auth === 'workload_identity' && { federatedToken: { ...(file !== undefined && { file }) } }),
    ...(username !== undefined && password !== undefined && { account: { username, password } }),
    ...(refresh_token !== undefined && { refreshToken: refresh_token }),
    ...(scopes !== undefined && { scopes }),
    ...(redirect_uri !== undefined && { redirectUri: redirect_uri }),
  }
}

function clientCertificate(settings: Settings): OAuthSettings['clientCertificate'] {
  const { client_certificate: text, client_certificate_file: file, client_certificate_password: password } = settings
  const secured = { ...(password !== undefined && { password }) }
  if (text !== undefined) return { text, ...secured }
  return file === undefined ? undefined : { file, ...secured }
}

/** Headers that every request carries, and every part of a batch again: whether parts inherit them is not documented. */
export function commonHeaders({ act_as }: Settings): Record<string, string> {
  return {
    accept: 'application/json',
    'odata-maxversion': '4.0',
    'odata-version': '4.0',
    ...(act_as?.object_id !== undefined && { callerobjectid: act_as.object_id }),
    ...(act_as?.system_user_id !== undefined && { mscrmcallerid: act_as.system_user_id }),
  }
}

export const defaultAtOnce = 8

export function transport(settings: Settings): Transport {
  return {
    baseUrl: apiUrl(settings),
    headers: commonHeaders(settings),
    cookies: settings.affinity ?? false,
    timeoutMs: milliseconds(settings.timeout ?? '100s'),
    atOnce: settings.limits?.at_once ?? defaultAtOnce,
    bars,
  }
}

function milliseconds(duration: string): number {
  const unit = duration.endsWith('ms') ? 1 : duration.endsWith('s') ? 1_000 : 60_000
  return Number.parseInt(duration, 10) * unit
}
