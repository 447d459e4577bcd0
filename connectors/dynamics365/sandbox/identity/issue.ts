import { type Directory, randomText } from './directory.ts'
import { idToken } from './id-token.ts'
import type { Scope } from './scope.ts'

export interface TokenAnswer {
  token_type: 'Bearer'
  scope?: string
  expires_in: number
  ext_expires_in: number
  access_token: string
  refresh_token?: string
  id_token?: string
}

/** What the app itself gets: never a refresh token (facts sheet "Client credentials"). */
export function issueToApp(directory: Directory, scope: Scope): TokenAnswer {
  return accessToken(directory, scope)
}

/** What a person's sign-in, or its renewal, gets: a refresh token with `offline_access`, an id token with `openid`. */
export async function issueToUser(
  directory: Directory,
  { clientId, scope, origin, nonce }: { clientId: string; scope: Scope; origin: string; nonce?: string | undefined },
): Promise<TokenAnswer> {
  const { token_type, ...rest } = accessToken(directory, scope)
  return {
    token_type,
    scope: scope.permissions.join(' '),
    ...rest,
    ...(scope.offlineAccess && { refresh_token: issueRefreshToken(directory, clientId, scope) }),
    ...(scope.openid && { id_token: await idToken(directory, origin, clientId, nonce) }),
  }
}

export function issueRefreshToken({ refreshTokens, clock }: Directory, clientId: string, scope: Scope): string {
  const token = randomText('refreshToken')
  refreshTokens.set(token, { clientId, scope, issuedAt: clock(), usedAt: clock() })
  return token
}

function accessToken({ accessTokens, accessTokenSeconds, clock }: Directory, scope: Scope): TokenAnswer {
  const token = randomText('accessToken')
  accessTokens.set(token, { audience: scope.resource, expiresAt: new Date(clock().getTime() + accessTokenSeconds * 1_000) })
  return { token_type: 'Bearer', expires_in: accessTokenSeconds, ext_expires_in: accessTokenSeconds, access_token: token }
}
