import { type Directory, looksLike, type RefreshToken, type Registration } from '../directory.ts'
import { EntraError } from '../errors.ts'
import { type Issued, issueRenewal } from '../issue.ts'
import { requiredField, type TokenRequest } from '../token-request.ts'

/** A renewal leaves the old refresh token alive (facts sheet "Lifetimes and revocation"), unless a switch makes its reuse an alarm. */
export async function refreshToken(directory: Directory, client: Registration, request: TokenRequest): Promise<Issued> {
  const { dialect, form, origin } = request
  const text = requiredField(request, 'refresh_token')
  const token = directory.refreshTokens.get(text)
  // The number is also seen with `invalid_grant`, and so for a garbled token (facts sheet "AADSTS table").
  if (!token || token.realm !== dialect.realm)
    throw looksLike('refreshToken', text) ? new EntraError(70000) : new EntraError(9002313, {}, 'invalid_grant')
  if (token.clientId !== client.clientId) throw new EntraError(700005)
  const scope = dialect.readScope(form, origin, directory) ?? token.scope
  checkAlive(directory, token)
  token.usedAt = directory.clock()
  const issued = await issueRenewal(directory, token, scope, request)
  const renewed = issued.refreshToken === undefined ? undefined : directory.refreshTokens.get(issued.refreshToken)
  if (renewed) token.renewedBy = renewed
  return issued
}

/** @throws EntraError 700082, 700084, 65001, 50173 for a reuse, or what the control plane has ordered */
function checkAlive(directory: Directory, token: RefreshToken): void {
  const { clock, refreshTokenSeconds } = directory
  if (token.renewedBy && directory.switches.refresh_token_reuse === 'revokes') revoke(token)
  const code = token.dead ?? ending(directory, token)
  if (code === undefined) return
  const facts = {
    client: token.clientId,
    issued: sevenDigits(token.issuedAt),
    now: sevenDigits(clock()),
    inactive: timeSpan(refreshTokenSeconds),
  }
  throw new EntraError(code, facts)
}

function ending({ clock, refreshTokenSeconds, consented }: Directory, { clientId, realm, usedAt, endsAt }: RefreshToken) {
  const now = clock().getTime()
  if (endsAt && now >= endsAt.getTime()) return realm === 'adfs' ? 700082 : 700084
  if ((now - usedAt.getTime()) / 1_000 >= refreshTokenSeconds) return 700082
  return realm === 'entra' && !consented.has(clientId) ? 65001 : undefined
}

/** The token and all that came from it: somebody has a copy. */
function revoke(token: RefreshToken): void {
  for (let one: RefreshToken | undefined = token; one; one = one.renewedBy) one.dead = 50173
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
