import type { Directory } from '../directory.ts'
import { EntraError } from '../errors.ts'
import { issueToApp, type TokenAnswer } from '../issue.ts'
import { parseScope } from '../scope.ts'
import { requiredField, type TokenRequest } from '../token-request.ts'

/** The app signs in as itself; only `.default` names what it may do (facts sheet "Client credentials"). */
export function clientCredentials(directory: Directory, request: TokenRequest): TokenAnswer {
  const text = requiredField(request, 'scope')
  const scope = parseScope(text, request.origin, directory.tenantId)
  if (scope.permissions.length === 0 || !scope.permissions.every((one) => one === '.default' || one.endsWith('/.default')))
    throw new EntraError(70011, { scope: text })
  return issueToApp(directory, scope)
}
