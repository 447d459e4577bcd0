import { createHash } from 'node:crypto'
import { type AuthorizationCode, type Directory, looksLike, type Registration } from '../directory.ts'
import { EntraError } from '../errors.ts'
import { type Issued, issueToUser } from '../issue.ts'
import { requiredField, type TokenRequest } from '../token-request.ts'

const codeLifeMs = 10 * 60_000

/** Redeems a code. At Entra a refusal does not use it up: the right verifier may follow a wrong one (facts sheet "Authorization code + PKCE"). */
export function authorizationCode(directory: Directory, client: Registration, request: TokenRequest): Promise<Issued> {
  const text = requiredField(request, 'code')
  const code = directory.codes.get(text)
  if (!code) throw looksLike('code', text) ? new EntraError(70000) : new EntraError(9002313, {}, 'invalid_grant')
  if (code.clientId !== client.clientId || code.realm !== request.dialect.realm) throw new EntraError(700005)
  if (code.redeemed) throw new EntraError(54005)
  if (directory.clock().getTime() - code.issuedAt.getTime() >= codeLifeMs) throw new EntraError(70008)
  const redirect = requiredField(request, 'redirect_uri')
  if (redirect !== code.redirectUri) throw new EntraError(500112, { redirect })
  const scope = code.scope ?? request.dialect.readScope(request.form, request.origin, directory)
  if (!scope) throw new EntraError(900144, { parameter: 'resource' })
  const verified = verifies(code, request.form.get('code_verifier'))
  code.redeemed = verified || request.dialect.burnsCode
  if (!verified) throw new EntraError(501481)
  return issueToUser(directory, { clientId: client.clientId, scope, nonce: code.nonce, user: code.user }, request)
}

function verifies({ challenge }: AuthorizationCode, verifier: string | undefined): boolean {
  if (!challenge) return true
  if (verifier === undefined) return false
  const sent = challenge.method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url')
  return sent === challenge.value
}
