import { createHash } from 'node:crypto'
import type { OAuthSettings } from '../connector/index.ts'

/** Which sign-in this is, as configured: a stored row of another fingerprint is never used, so no token travels to another host. */
export function fingerprint(oauth: OAuthSettings, baseUrl: string): string {
  const { authority, authorityUrl, tenant, clientId, resource } = oauth
  return hash([authority, authorityUrl, tenant, clientId, resource, new URL(baseUrl).host, actor(oauth)])
}

/** An app's own token must never serve a connection that acts as a person, nor the other way round. */
export function actor({ grant }: OAuthSettings): 'app' | 'person' {
  return grant === 'client_credentials' ? 'app' : 'person'
}

/** Changes when the secret, the certificate or the given refresh token is exchanged. */
export function credentials({ clientSecret, clientCertificate, refreshToken }: OAuthSettings): string {
  return hash([clientSecret, clientCertificate?.pem, refreshToken])
}

/** Recognizes a given refresh token without keeping it twice. */
export function seedOf({ refreshToken }: OAuthSettings): string | undefined {
  return refreshToken === undefined ? undefined : hash([refreshToken])
}

/** What must never be shown. */
export function secretsOf({ clientSecret, clientCertificate, refreshToken }: OAuthSettings): string[] {
  return [clientSecret, clientCertificate?.pem, clientCertificate?.password, refreshToken].filter((one) => one !== undefined)
}

function hash(parts: (string | undefined)[]): string {
  return createHash('sha256')
    .update(JSON.stringify(parts.map((part) => part ?? null)))
    .digest('hex')
}
