import type { Dialect } from './dialect.ts'
import { entraV2 } from './entra-v2.ts'
import { readResource } from './resource.ts'

/** Azure AD v1: `resource` names the API, `scope` is ignored, and numbers are texts (facts sheet "URLs", "Entra v1 token answer"). */
export const entraV1: Dialect = {
  ...entraV2,
  base: ({ tenantId }) => `/${tenantId}/oauth2`,
  scopeAtOnce: false,
  readScope(fields, origin, { tenantId }) {
    const resource = fields.get('resource')
    return resource ? readResource(resource, fields, origin, tenantId) : undefined
  },
  answer({ scope, issuedAt, expiresIn, accessToken, refreshToken, idToken, clientInfo }) {
    const now = Math.floor(issuedAt.getTime() / 1_000)
    return {
      token_type: 'Bearer',
      ...(scope.delegated && { scope: 'user_impersonation' }),
      expires_in: String(expiresIn),
      ext_expires_in: String(expiresIn),
      expires_on: String(now + expiresIn),
      not_before: String(now),
      resource: scope.asked,
      access_token: accessToken,
      ...(refreshToken && { refresh_token: refreshToken }),
      ...(idToken && { id_token: idToken }),
      ...(clientInfo && { client_info: clientInfo }),
    }
  },
}
