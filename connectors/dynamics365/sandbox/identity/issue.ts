import type { Dialect } from './dialects/dialect.ts'
import { type Directory, type RefreshToken, randomText, registration, type User } from './directory.ts'
import { idToken } from './id-token.ts'
import type { Scope } from './scope.ts'
import type { TokenRequest } from './token-request.ts'

const spaRefreshSeconds = 86_400

/** What a grant gives, before a dialect writes it down. */
export interface Issued {
  scope: Scope
  issuedAt: Date
  expiresIn: number
  accessToken: string
  refreshToken?: string
  /** Seconds until the fixed end of the refresh token. */
  refreshExpiresIn?: number
  idToken?: string
  /** Of Entra, for clients that ask with `client_info=1`. */
  clientInfo?: string
}

/** What the app itself gets: never a refresh token (facts sheet "Client credentials"). */
export function issueToApp(directory: Directory, scope: Scope, request: TokenRequest): Issued {
  return issueAccess(directory, { ...scope, delegated: false }, request, 'app', directory.user)
}

interface Grant {
  clientId: string
  scope: Scope
  nonce?: string | undefined
  /** Default the directory's own. */
  user?: User
}

/** What a person's sign-in gets: a refresh token with `offline_access`, an id token with `openid`. */
export async function issueToUser(
  directory: Directory,
  { clientId, scope, nonce, user = directory.user }: Grant,
  request: TokenRequest,
): Promise<Issued> {
  return {
    ...(await issueWithoutRefresh(directory, { clientId, scope, nonce, user }, request)),
    ...(scope.offlineAccess && issueRefreshToken(directory, request.dialect, { clientId, scope, user })),
  }
}

/** What a renewal gets: another refresh token where the dialect gives one; of a fixed end, with the same end. */
export async function issueRenewal(
  directory: Directory,
  { clientId, endsAt, user }: RefreshToken,
  scope: Scope,
  request: TokenRequest,
): Promise<Issued> {
  const { dialect } = request
  const renews = scope.offlineAccess && dialect.renewsRefreshToken(directory)
  return {
    ...(await issueWithoutRefresh(directory, { clientId, scope, user }, request)),
    ...(renews && issueRefreshToken(directory, dialect, { clientId, scope, user }, endsAt)),
  }
}

export function issueRefreshToken(
  directory: Directory,
  { realm, fixedRefreshSeconds }: Pick<Dialect, 'realm' | 'fixedRefreshSeconds'>,
  { clientId, scope, user = directory.user }: Grant,
  inherited?: Date,
): { refreshToken: string; refreshExpiresIn?: number } {
  const now = directory.clock()
  const seconds = registration(directory, clientId)?.kind === 'spa' ? spaRefreshSeconds : fixedRefreshSeconds
  const endsAt = inherited ?? (seconds === undefined ? undefined : new Date(now.getTime() + seconds * 1_000))
  const refreshToken = randomText('refreshToken')
  directory.refreshTokens.set(refreshToken, { realm, clientId, user, scope, issuedAt: now, usedAt: now, ...(endsAt && { endsAt }) })
  return { refreshToken, ...(endsAt && { refreshExpiresIn: Math.round((endsAt.getTime() - now.getTime()) / 1_000) }) }
}

async function issueWithoutRefresh(
  directory: Directory,
  { clientId, scope, nonce, user = directory.user }: Grant,
  request: TokenRequest,
): Promise<Issued> {
  return {
    ...issueAccess(directory, scope, request, 'user', user),
    ...(scope.openid && { idToken: await idToken(directory, request, { clientId, nonce, user }) }),
    ...(request.form.get('client_info') === '1' && { clientInfo: clientInfo(directory, user) }),
  }
}

function issueAccess(directory: Directory, scope: Scope, { form }: TokenRequest, subject: 'user' | 'app', user: User): Issued {
  const { accessTokens, clock } = directory
  const accessToken = randomText('accessToken')
  const [issuedAt, expiresIn] = [clock(), directory.accessTokenSeconds()]
  const challengeable = /"xms_cc".*"cp1"/is.test(form.get('claims') ?? '')
  const expiresAt = new Date(issuedAt.getTime() + expiresIn * 1_000)
  accessTokens.set(accessToken, { audience: scope.resource, expiresAt, challengeable, subject, user })
  return { scope, issuedAt, expiresIn, accessToken }
}

/** Who signed in, as MSAL reads it. */
function clientInfo({ tenantId }: Directory, user: User): string {
  return Buffer.from(JSON.stringify({ uid: user.objectId, utid: tenantId })).toString('base64url')
}
