import type { Directory } from './directory.ts'
import { issuer } from './id-token.ts'
import { checkTenant, manyTenants } from './tenant.ts'

/**
 * The OpenID Connect discovery document of Entra v2; `common` and its like have the literal issuer `{tenantid}` (facts sheet "Tenant forms").
 * @throws EntraError 90002
 */
export function discoveryDocument(directory: Directory, origin: string, tenant: string): Record<string, unknown> {
  const many = manyTenants.has(tenant)
  if (!many) checkTenant(directory, tenant)
  const base = `${origin}/${many ? tenant : directory.tenantId}`
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: issuer(origin, many ? '{tenantid}' : directory.tenantId),
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nonce', 'preferred_username', 'name', 'tid', 'ver'],
  }
}

/** The document of AD FS 2016 and later: endpoints end with a slash, and proof keys are not named though they are enforced (facts sheet "Endpoints"). */
export function adfsDiscovery(origin: string): Record<string, unknown> {
  const base = `${origin}/adfs`
  return {
    issuer: base,
    authorization_endpoint: `${base}/oauth2/authorize/`,
    token_endpoint: `${base}/oauth2/token/`,
    jwks_uri: `${base}/discovery/keys`,
    token_endpoint_auth_methods_supported: [
      'client_secret_post',
      'client_secret_basic',
      'private_key_jwt',
      'windows_client_authentication',
    ],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token', 'code token', 'code id_token token'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      'client_credentials',
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      'implicit',
      'password',
      'srv_challenge',
    ],
    subject_types_supported: ['pairwise'],
    scopes_supported: ['allatclaims', 'email', 'user_impersonation', 'logon_cert', 'aza', 'profile', 'vpn_cert', 'winhello_cert', 'openid'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_signing_alg_values_supported: ['RS256'],
    access_token_issuer: `${base}/services/trust`,
    device_authorization_endpoint: `${base}/oauth2/devicecode`,
    microsoft_multi_refresh_token: true,
    userinfo_endpoint: `${base}/userinfo`,
    end_session_endpoint: `${base}/oauth2/logout`,
  }
}

/** Which host belongs to which cloud, as MSAL asks before it trusts an authority: here there is one. */
export function instanceDiscovery({ tenantId }: Directory, { origin, host }: URL): Record<string, unknown> {
  return {
    tenant_discovery_endpoint: `${origin}/${tenantId}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  }
}
