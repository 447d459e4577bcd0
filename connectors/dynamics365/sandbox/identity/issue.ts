import type { Dialect } from './dialects/dialect.ts'
import { type Directory, type RefreshToken, randomText, registration } from './directory.ts'
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
  return issueAccess(directory, { ...scope, delegated: false }, request, 'app')
}

/** What a person's sign-in gets: a refresh token with `offline_access`, an id token with `openid`. */
export async function issueToUser(
  directory: Directory,
  { clientId, scope, nonce }: { clientId: string; scope: Scope; nonce?: string | undefined },
  request: TokenRequest,
): Promise<Issued> {
  return {
    ...(await issueWithoutRefresh(directory, { clientId, scope, nonce }, request)),
    ...(scope.offlineAccess && issueRefreshToken(directory, request.dialect, clientId, scope)),
  }
}

/** What a renewal gets: another refresh token where the dialect gives one; of a fixed end, with the same end. */
export async function issueRenewal(
  directory: Directory,
  { clientId, endsAt }: RefreshToken,
  scope: Scope,
  request: TokenRequest,
): Promise<Issued> {
  const { dialect } = request
  const renews = scope.offlineAccess && dialect.renewsRefreshToken(directory)
  return {
    ...(await issueWithoutRefresh(directory, { clientId, scope }, request)),
    ...(renews && issueRefreshToken(directory, dialect, clientId, scope, endsAt)),
  }
}

export function issueRefreshToken(
  directory: Directory,
  { realm, fixedRefreshSeconds }: Pick<Dialect, 'realm' | 'fixedRefreshSeconds'>,
  clientId: string,
  scope: Scope,
  inherited?: Date,
): { refreshToken: string; refreshExpiresIn?: number } {
  const now = directory.clock()
  const seconds = registration(directory, clientId)?.kind === 'spa' ? spaRefreshSeconds : fixedRefreshSeconds
  const endsAt = inherited ?? (seconds === undefined ? undefined : new Date(now.getTime() + seconds * 1_000))
  const refreshToken = randomText('refreshToken')
  directory.refreshTokens.set(refreshToken, { realm, clientId, scope, issuedAt: now, usedAt: now, ...(endsAt && { endsAt }) })
  return { refreshToken, ...(endsAt && { refreshExpiresIn: Math.round((endsAt.getTime() - now.getTime()) / 1_000) }) }
}

async function issueWithoutRefresh(
  directory: Directory,
  { clientId, scope, nonce }: { clientId: string; scope: Scope; nonce?: string | undefined },
  request: TokenRequest,
): Promise<Issued> {
  return {
    ...issueAccess(directory, scope, request, 'user'),
    ...(scope.openid && { idToken: await idToken(directory, request, clientId, nonce) }),
    ...(request.form.get('client_info') === '1' && { clientInfo: clientInfo(directory) }),
  }
}

function issueAccess(directory: Directory, scope: Scope, { form }: TokenRequest, subject: 'user' | 'app'): Issued {
  const { accessTokens, clock } = directory
  const accessToken = randomText('accessToken')
  const [issuedAt, expiresIn] = [clock(), directory.accessTokenSeconds()]
  const challengeable = /"xms_cc".*"cp1"/is.test(form.get('claims') ?? '')
  const expiresAt = new Date(issuedAt.getTime() + expiresIn * 1_000)
  accessTokens.set(accessToken, { audience: scope.resource, expiresAt, challengeable, subject })
  return { scope, issuedAt, expiresIn, accessToken }
}

/** Who signed in, as MSAL reads it. */
function clientInfo({ tenantId, user }: Directory): string {
  return Buffer.from(JSON.stringify({ uid: user.objectId, utid: tenantId })).toString('base64url')
}
