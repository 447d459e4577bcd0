import type { AccessToken, Directory } from './directory.ts'

/** An answer before the Web API is reached; a challenge may come as several headers. */
export interface Refusal {
  status: number
  headers: Record<string, string | string[]>
  body: string
}

/** Who calls the Web API. */
export interface Bearer {
  /** `systemuserid` */
  userId: string
}

/**
 * Who calls the Web API, or the refusal: for a token that is missing, unknown, expired, revoked or for another audience, and for an app
 * that has no user in the organization (facts sheet "Discovery from a 401", "What Dataverse answers").
 */
export function checkBearer(directory: Directory, authorization: string | undefined, origin: string): Bearer | Refusal {
  const text = authorization?.match(/^Bearer +(\S+)$/i)?.[1]
  const token = text === undefined ? undefined : directory.accessTokens.get(text)
  if (token?.revoked && token.challengeable) return claimsChallenge(directory, origin)
  if (!token || !isGood(directory, token)) return challenge(directory, origin)
  if (token.subject === 'app' && directory.switches.application_user === 'missing') return notMember()
  return { userId: token.user.userId }
}

/** Tokens of another server are taken as they come: whoever sends one is the sandbox's user. */
export function takeAnyBearer(directory: Directory, authorization: string | undefined, origin: string): Bearer | Refusal {
  return /^Bearer +\S+$/i.test(authorization ?? '') ? { userId: directory.user.userId } : challenge(directory, origin)
}

function isGood({ clock }: Directory, { audience, expiresAt, revoked }: AccessToken): boolean {
  return audience === 'organization' && !revoked && clock() < expiresAt
}

/** Values are not quoted, and the authorize path is that of v1: so it was recorded. */
function challenge({ tenantId, switches }: Directory, origin: string): Refusal {
  const authority = switches.challenge_headers === 'bearer' ? `${origin}/${tenantId}` : `${origin}/adfs`
  const bearer = `Bearer authorization_uri=${authority}/oauth2/authorize, resource_id=${origin}/`
  const headers = {
    bearer: [bearer],
    bearer_and_windows: [bearer, 'Negotiate', 'NTLM'],
    windows: ['Negotiate', 'NTLM'],
  }[switches.challenge_headers]
  return unauthorized(headers)
}

/** The token was good and is not any more; the next one must be asked for with these claims (facts sheet "Continuous Access Evaluation"). */
function claimsChallenge({ clock }: Directory, origin: string): Refusal {
  const claims = { access_token: { nbf: { essential: true, value: String(Math.floor(clock().getTime() / 1_000)) } } }
  const encoded = Buffer.from(JSON.stringify(claims)).toString('base64')
  return unauthorized([
    `Bearer realm="", authorization_uri="${origin}/common/oauth2/authorize", error="insufficient_claims", claims="${encoded}"`,
  ])
}

function unauthorized(challenges: string[]): Refusal {
  return {
    status: 401,
    headers: { 'WWW-Authenticate': challenges, 'Content-Type': 'text/plain; charset=utf-8' },
    body: 'HTTP Error 401 - Unauthorized: Access is denied',
  }
}

function notMember(): Refusal {
  const error = { code: '0x80072560', message: 'The user is not a member of the organization.' }
  return { status: 403, headers: { 'Content-Type': 'application/json; odata.metadata=minimal' }, body: JSON.stringify({ error }) }
}
