import type { Directory } from '../directory.ts'
import { EntraError } from '../errors.ts'
import { type Issued, issueToApp } from '../issue.ts'
import { manyTenants } from '../tenant.ts'
import type { TokenRequest } from '../token-request.ts'

/** The app signs in as itself; only `.default` names what it may do, and only in a tenant that is named (facts sheet "Client credentials", "Tenant forms"). */
export function clientCredentials(directory: Directory, request: TokenRequest): Issued {
  const { dialect, form, origin, tenant } = request
  if (manyTenants.has(tenant)) throw new EntraError(50194, { client: form.get('client_id') ?? '' })
  const scope = dialect.readScope(form, origin, directory)
  if (!scope) throw new EntraError(900144, { parameter: 'scope' })
  if (scope.permissions.length === 0 || !scope.permissions.every((one) => one === '.default' || one.endsWith('/.default')))
    throw new EntraError(70011, { scope: form.get('scope') ?? '' })
  return issueToApp(directory, scope, request)
}
