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
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: issuer(origin, many ? '{tenantid}' : directory.tenantId),
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nonce', 'preferred_username', 'name', 'tid', 'ver'],
  }
}
