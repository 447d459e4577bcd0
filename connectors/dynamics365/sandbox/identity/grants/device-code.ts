import { type Directory, looksLike, type Registration } from '../directory.ts'
import { EntraError } from '../errors.ts'
import { type Issued, issueToUser } from '../issue.ts'
import { requiredField, type TokenRequest } from '../token-request.ts'

export const deviceCodeLifeSeconds = 900

/** Asked again and again until the person has finished on the other device (facts sheet "Device code"). */
export async function deviceCode(directory: Directory, client: Registration, request: TokenRequest): Promise<Issued> {
  if (client.kind !== 'public') throw new EntraError(7000218)
  const text = requiredField(request, 'device_code')
  const code = directory.deviceCodes.get(text)
  if (!code || !looksLike('deviceCode', text) || code.clientId !== client.clientId || code.realm !== request.dialect.realm)
    throw new EntraError(70018)
  if (directory.clock().getTime() - code.issuedAt.getTime() >= deviceCodeLifeSeconds * 1_000) throw new EntraError(70019)
  if (code.state === 'pending') throw new EntraError(70016)
  if (code.state === 'declined') throw new EntraError(65004, {}, 'authorization_declined')
  if (code.state === 'redeemed') throw new EntraError(54005)
  code.state = 'redeemed'
  return issueToUser(directory, { clientId: client.clientId, scope: code.scope }, request)
}
