import { type Directory, looksLike, type RefreshToken, type Registration } from '../directory.ts'
import { EntraError } from '../errors.ts'
import { issueToUser, type TokenAnswer } from '../issue.ts'
import { parseScope } from '../scope.ts'
import { requiredField, type TokenRequest } from '../token-request.ts'

/** Every use gives a new refresh token and leaves the old one alive (facts sheet "Lifetimes and revocation"). */
export function refreshToken(directory: Directory, client: Registration, request: TokenRequest): Promise<TokenAnswer> {
  const text = requiredField(request, 'refresh_token')
  const token = directory.refreshTokens.get(text)
  // The number is also seen with `invalid_grant`, and so for a garbled token (facts sheet "AADSTS table").
  if (!token) throw looksLike('refreshToken', text) ? new EntraError(70000) : new EntraError(9002313, {}, 'invalid_grant')
  if (token.clientId !== client.clientId) throw new EntraError(700005)
  const asked = request.form.get('scope')
  const scope = asked ? parseScope(asked, request.origin, directory.tenantId) : token.scope
  checkAlive(directory, token)
  token.usedAt = directory.clock()
  return issueToUser(directory, { clientId: client.clientId, scope, origin: request.origin })
}

/** @throws EntraError 700082, or what the control plane has ordered */
function checkAlive({ clock, refreshTokenSeconds }: Directory, { clientId, issuedAt, usedAt, dead }: RefreshToken): void {
  const inactive = (clock().getTime() - usedAt.getTime()) / 1_000 >= refreshTokenSeconds
  const code = dead ?? (inactive ? 700082 : undefined)
  if (code === undefined) return
  const facts = { client: clientId, issued: sevenDigits(issuedAt), now: sevenDigits(clock()), inactive: timeSpan(refreshTokenSeconds) }
  throw new EntraError(code, facts)
}

/** As .NET writes a time. */
function sevenDigits(time: Date): string {
  return time.toISOString().replace(/Z$/, '0000Z')
}

/** As .NET writes a duration: `90.00:00:00`. */
function timeSpan(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const days = Math.floor(seconds / 86_400)
  return `${days ? `${days}.` : ''}${two((seconds % 86_400) / 3_600)}:${two((seconds % 3_600) / 60)}:${two(seconds % 60)}`
}
