import { createHash } from 'node:crypto'
import type { SignInSettings } from './surroundings.ts'
import type { TokenRecord } from './token-store.ts'

/** Which sign-in this is, as configured: a stored row of another fingerprint is never used, so no token travels to another host. */
export function fingerprint(oauth: SignInSettings, baseUrl: string): string {
  const { authority, authorityUrl, tenant, clientId, resource } = oauth
  return hash([authority, authorityUrl, tenant, clientId, resource, new URL(baseUrl).host, actor(oauth)])
}

/** An app's own token must never serve a connection that acts as a person, nor the other way round. */
export function actor({ grant }: Pick<SignInSettings, 'grant'>): TokenRecord['actor'] {
  if (grant === 'password') return 'account'
  return grant === 'client_credentials' || grant === 'managed_identity' ? 'app' : 'person'
}

/** Changes when the secret, the certificate, the password or the given refresh token is exchanged, or another way to sign in is chosen. */
export function credentials({ grant, clientSecret, clientCertificate, tokenSource, refreshToken, account }: SignInSettings): string {
  const { text, password } = clientCertificate ?? {}
  const place = tokenSource && ('file' in tokenSource ? tokenSource.file : tokenSource.url)
  return hash([grant, clientSecret, text, password, place, refreshToken, account?.username, account?.password])
}

/** Recognizes a given refresh token without keeping it twice. */
export function seedOf({ refreshToken }: SignInSettings): string | undefined {
  return refreshToken === undefined ? undefined : hash([refreshToken])
}

/** What must never be shown. */
export function secretsOf(settings: SignInSettings): string[] {
  const { clientSecret, clientCertificate, tokenSource, identityService, refreshToken, account } = settings
  const ofPlatform = [
    tokenSource && 'bearer' in tokenSource ? tokenSource.bearer : undefined,
    identityService?.headers['X-IDENTITY-HEADER'],
  ]
  const own = [clientSecret, clientCertificate?.text, clientCertificate?.password, refreshToken, account?.password]
  return [...own, ...ofPlatform].filter((one) => one !== undefined)
}

function hash(parts: (string | undefined)[]): string {
  return createHash('sha256')
    .update(JSON.stringify(parts.map((part) => part ?? null)))
    .digest('hex')
}
