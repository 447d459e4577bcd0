import { authenticateClient } from './client.ts'
import type { Directory } from './directory.ts'
import { EntraError } from './errors.ts'
import { authorizationCode } from './grants/authorization-code.ts'
import { clientCredentials } from './grants/client-credentials.ts'
import { refreshToken } from './grants/refresh-token.ts'
import type { TokenAnswer } from './issue.ts'
import { checkTenant } from './tenant.ts'
import { requiredField, type TokenRequest } from './token-request.ts'

export const grants: readonly string[] = ['authorization_code', 'refresh_token', 'client_credentials']

/**
 * One call of the token endpoint.
 * @throws EntraError
 */
export async function token(directory: Directory, request: TokenRequest): Promise<TokenAnswer> {
  const grant = requiredField(request, 'grant_type')
  checkTenant(directory, request.tenant, request.form.get('client_id'))
  if (request.form.has('resource')) throw new EntraError(901002)
  const client = authenticateClient(directory, request)
  switch (grant) {
    case 'authorization_code':
      return authorizationCode(directory, client, request)
    case 'refresh_token':
      return refreshToken(directory, client, request)
    case 'client_credentials':
      return clientCredentials(directory, request)
    default:
      throw new EntraError(70003, { grant })
  }
}
