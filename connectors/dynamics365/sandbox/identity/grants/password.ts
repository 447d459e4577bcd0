import type { Directory, Registration } from '../directory.ts'
import { EntraError } from '../errors.ts'
import { type Issued, issueToUser } from '../issue.ts'
import { requiredField, type TokenRequest } from '../token-request.ts'

/** User name and password, as headless clients on-premises do (facts sheet "Username/password (ROPC)"). */
export function password(directory: Directory, client: Registration, request: TokenRequest): Promise<Issued> {
  const { dialect, form, origin } = request
  const [name, secret] = [requiredField(request, 'username'), requiredField(request, 'password')]
  const scope = dialect.readScope(form, origin, directory)
  if (!scope) throw new EntraError(900144, { parameter: 'scope' })
  // At AD FS the name may come as DOMAIN\user.
  const known = [directory.user.principalName, `SANDBOX\\${directory.user.principalName.split('@')[0]}`]
  if (!known.some((one) => one.toLowerCase() === name.toLowerCase()))
    throw new EntraError(50034, { user: name, tenant: directory.tenantId })
  if (secret !== directory.password) throw new EntraError(50126)
  return issueToUser(directory, { clientId: client.clientId, scope }, request)
}
