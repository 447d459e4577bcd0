import { ConnectorError } from '../connector/index.ts'
import type { Refusal } from './authorities/authority.ts'
import { kinds, type MarkRule } from './states.ts'
import type { Mark, TokenRecord } from './token-store.ts'

const hour = 3_600_000

/** A refusal that does not pass, as it is kept. */
export function markOf(
  refusal: Refusal,
  facts: { name: string; status: number; now: Date; credentials: string; actor: TokenRecord['actor']; before: Mark | undefined },
): Mark {
  const { name, status, now, credentials, actor, before } = facts
  const kind = refusal.class === 'reconnect' ? (refusal.kind ?? 'revoked') : 'config'
  const { code, state }: MarkRule = kinds[kind]
  const person = state === 'reconnect_needed' && actor === 'person'
  const at = now.toISOString()
  const since = before?.kind === kind ? before.since : at
  const { error, number, traceId, correlationId, claims, locksOut, elsewhere } = refusal
  const details = {
    sign_in: kind,
    since,
    ...(error && { error }),
    ...(number && { number }),
    ...(traceId && { trace_id: traceId }),
    ...(correlationId && { correlation_id: correlationId }),
  }
  const says = `${refusal.by ?? 'the token endpoint'} answers ${status}${error ? ` ${error}` : ''}: ${refusal.words || 'no words'}`
  const what = person ? 'needs a person to sign in' : 'cannot sign in'
  const then = person ? ' Command: `runner connect`.' : ''
  const trace = traceId ? ` (trace id ${traceId})` : ''
  const message = `The connection "${name}" ${what} since ${since}; ${says}${trace} ${refusal.todo}${then}`
  return {
    kind,
    code,
    message,
    status,
    details,
    since,
    checkedAt: at,
    credentials,
    ...(locksOut && { locksOut }),
    ...(elsewhere && { elsewhere }),
    ...(claims !== undefined && { claims }),
  }
}

/** Whether the connection still fails at once. */
export function stillBlocks(mark: Mark, now: Date, credentials: string): boolean {
  const { kind, credentials: refused, checkedAt, locksOut, elsewhere } = mark
  const { again }: MarkRule = kinds[kind]
  if (again === 'sign-in') return true
  if (refused !== credentials) return false
  return (again === 'credentials' && !elsewhere) || locksOut === true || now.getTime() - Date.parse(checkedAt) < hour
}

/** A mark that does not keep the next use from asking again. */
export function asked(mark: Mark): Mark {
  return { ...mark, credentials: '' }
}

/** Tokens of these kinds never work again. */
export function killsRefreshToken(kind: Mark['kind']): boolean {
  return kinds[kind].refreshToken === 'dead'
}

/** What a connection lacks that acts as a person and has nothing to renew with. */
export function notSignedIn({ connection, access }: TokenRecord, now: Date): Mark {
  const at = now.toISOString()
  const message = access
    ? `The connection "${connection}" has no refresh token, and its access token has ended. Allow refresh tokens (scope \`offline_access\` on Entra, \`IssueOAuthRefreshTokensTo\` on AD FS), then sign in with \`runner connect\`.`
    : `Nobody has signed in to the connection "${connection}" yet. Sign in with \`runner connect\`.`
  return { kind: 'new', code: kinds.new.code, message, details: {}, since: at, checkedAt: at, credentials: '' }
}

export function markError({ code, message, status, details }: Mark): ConnectorError {
  return new ConnectorError('auth', code, message, { details, ...(status !== undefined && { status }) })
}
