import { createHash } from 'node:crypto'
import { type AuthorizationCode, type Directory, looksLike, type Registration } from '../directory.ts'
import { EntraError } from '../errors.ts'
import { issueToUser, type TokenAnswer } from '../issue.ts'
import { requiredField, type TokenRequest } from '../token-request.ts'

const codeLifeMs = 10 * 60_000

/** Redeems a code. A refusal does not use it up: the right verifier may follow a wrong one (facts sheet "Authorization code + PKCE"). */
export function authorizationCode(directory: Directory, client: Registration, request: TokenRequest): Promise<TokenAnswer> {
  const text = requiredField(request, 'code')
  const code = directory.codes.get(text)
  if (!code) throw looksLike('code', text) ? new EntraError(70000) : new EntraError(9002313, {}, 'invalid_grant')
  if (code.clientId !== client.clientId) throw new EntraError(700005)
  if (code.redeemed) throw new EntraError(54005)
  if (directory.clock().getTime() - code.issuedAt.getTime() >= codeLifeMs) throw new EntraError(70008)
  const redirect = requiredField(request, 'redirect_uri')
  if (redirect !== code.redirectUri) throw new EntraError(500112, { redirect })
  if (!verifies(code, request.form.get('code_verifier'))) throw new EntraError(501481)
  code.redeemed = true
  return issueToUser(directory, { clientId: client.clientId, scope: code.scope, origin: request.origin, nonce: code.nonce })
}

function verifies({ challenge }: AuthorizationCode, verifier: string | undefined): boolean {
  if (!challenge) return true
  if (verifier === undefined) return false
  const sent = challenge.method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url')
  return sent === challenge.value
}
