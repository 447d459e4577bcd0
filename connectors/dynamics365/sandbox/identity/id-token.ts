import { createHash } from 'node:crypto'
import { SignJWT } from 'jose'
import type { Directory } from './directory.ts'

const lifeSeconds = 3_600

/** An OpenID Connect id token with the claims that clients of Entra v2 read; lives an hour (facts sheet "Lifetimes"). */
export async function idToken(directory: Directory, origin: string, clientId: string, nonce?: string): Promise<string> {
  const { tenantId, user, clock } = directory
  const now = Math.floor(clock().getTime() / 1_000)
  const key = await directory.signingKey()
  return (
    new SignJWT({
      ver: '2.0',
      tid: tenantId,
      oid: user.objectId,
      name: user.name,
      preferred_username: user.principalName,
      ...(nonce !== undefined && { nonce }),
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.id })
      .setIssuer(issuer(origin, tenantId))
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
