import { EntraError } from '../errors.ts'
import { isRegistered } from '../redirect-uri.ts'
import { refusal } from '../refusal.ts'
import { parseScope } from '../scope.ts'
import type { Dialect } from './dialect.ts'

/** The Microsoft identity platform: `scope` names the API, `resource` is refused (facts sheet "URLs"). */
export const entraV2: Dialect = {
  realm: 'entra',
  base: ({ tenantId }) => `/${tenantId}/oauth2/v2.0`,
  readScope(fields, origin, { tenantId }) {
    if (fields.get('resource')) throw new EntraError(901002)
    const text = fields.get('scope')
    return text ? parseScope(text, origin, tenantId) : undefined
  },
  scopeAtOnce: true,
  isRegistered,
  burnsCode: false,
  assertionAlgorithms: ['PS256', 'RS256'],
  renewsRefreshToken: () => true,
  answer: ({ scope, expiresIn, accessToken, refreshToken, idToken, clientInfo }) => ({
    token_type: 'Bearer',
    ...(scope.delegated && { scope: scope.permissions.join(' ') }),
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    access_token: accessToken,
    ...(refreshToken && { refresh_token: refreshToken }),
    ...(idToken && { id_token: idToken }),
    ...(clientInfo && { client_info: clientInfo }),
  }),
  refuse: (directory, c, error) => refusal(directory, c, error),
}
