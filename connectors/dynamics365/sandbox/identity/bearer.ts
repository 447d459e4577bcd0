import type { Directory } from './directory.ts'

/** Refused, with the answer of the Web API (facts sheet "Discovery from a 401", "What Dataverse answers"). */
export interface Challenge {
  status: 401
  headers: Record<string, string>
  body: string
}

/** Who calls the Web API: `systemuserid`, or the challenge for a token that is missing, unknown, expired or for another audience. */
export function checkBearer(directory: Directory, authorization: string | undefined, origin: string): { userId: string } | Challenge {
  const text = authorization?.match(/^Bearer +(\S+)$/i)?.[1]
  const token = text === undefined ? undefined : directory.accessTokens.get(text)
  const good = token?.audience === 'organization' && directory.clock() < token.expiresAt
  return good ? { userId: directory.user.userId } : challenge(directory, origin)
}

/** Values are not quoted, and the authorize path is that of v1: so it was recorded. */
function challenge({ tenantId }: Directory, origin: string): Challenge {
  return {
    status: 401,
    headers: {
      'WWW-Authenticate': `Bearer authorization_uri=${origin}/${tenantId}/oauth2/authorize, resource_id=${origin}/`,
      'Content-Type': 'text/plain; charset=utf-8',
    },
    body: 'HTTP Error 401 - Unauthorized: Access is denied',
  }
}
