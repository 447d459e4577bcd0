import { createHash } from 'node:crypto'
import { SignJWT } from 'jose'
import type { Directory, User } from './directory.ts'
import type { TokenRequest } from './token-request.ts'

const lifeSeconds = 3_600

/** An OpenID Connect id token with the claims that clients of Entra and AD FS read; lives an hour (facts sheet "Lifetimes"). */
export async function idToken(
  directory: Directory,
  { origin, dialect }: Pick<TokenRequest, 'origin' | 'dialect'>,
  { clientId, nonce, user }: { clientId: string; nonce?: string | undefined; user: User },
): Promise<string> {
  const { tenantId, clock } = directory
  const now = Math.floor(clock().getTime() / 1_000)
  const key = await directory.signingKey()
  const ofEntra = { ver: '2.0', tid: tenantId, oid: user.objectId, preferred_username: user.principalName }
  const ofAdfs = { upn: user.principalName, unique_name: user.principalName }
  return (
    new SignJWT({ ...(dialect.realm === 'entra' ? ofEntra : ofAdfs), name: user.name, ...(nonce !== undefined && { nonce }) })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.id })
      .setIssuer(dialect.realm === 'entra' ? issuer(origin, tenantId) : `${origin}/adfs`)
      .setAudience(clientId)
      // Pairwise: another client sees another subject.
      .setSubject(createHash('sha256').update(`${clientId} ${user.objectId}`).digest('base64url'))
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + lifeSeconds)
      .sign(key.privateKey)
  )
}

export function issuer(origin: string, tenant: string): string {
  return `${origin}/${tenant}/v2.0`
}
