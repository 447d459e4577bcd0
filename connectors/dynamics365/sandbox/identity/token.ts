import { authenticateClient } from './client.ts'
import type { Directory } from './directory.ts'
import { EntraError } from './errors.ts'
import { authorizationCode } from './grants/authorization-code.ts'
import { clientCredentials } from './grants/client-credentials.ts'
import { deviceCode } from './grants/device-code.ts'
import { password } from './grants/password.ts'
import { refreshToken } from './grants/refresh-token.ts'
import type { Issued } from './issue.ts'
import { checkTenant } from './tenant.ts'
import { requiredField, type TokenRequest } from './token-request.ts'

const grantTypes = {
  authorization_code: authorizationCode,
  refresh_token: refreshToken,
  client_credentials: (directory: Directory, _client: unknown, request: TokenRequest) => clientCredentials(directory, request),
  password,
  'urn:ietf:params:oauth:grant-type:device_code': deviceCode,
  // The name of Microsoft's first version of it, which some clients still send.
  device_code: deviceCode,
}

export const grants: readonly string[] = Object.keys(grantTypes)

/**
 * One call of the token endpoint.
 * @throws EntraError
 */
export async function token(directory: Directory, request: TokenRequest): Promise<Issued> {
  const grant = requiredField(request, 'grant_type')
  checkTenant(directory, request.tenant, request.form.get('client_id'))
  if (!Object.hasOwn(grantTypes, grant)) throw new EntraError(70003, { grant })
  const client = await authenticateClient(directory, request)
  return grantTypes[grant as keyof typeof grantTypes](directory, client, request)
}
