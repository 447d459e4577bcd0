import { leaseMs } from './lease.ts'
import type { AccessToken, Mark, TokenRecord } from './token-store.ts'

/**
 * The states of a connection. Facts sheet "State machine of a connection".
 *
 * Which one a connection is in follows from its stored row and the time, see {@link stateOf}; none is stored by name.
 */
export const states = {
  new: { means: 'nobody has signed in yet; nothing is stored', todo: '`runner connect`; nothing where the app signs in by itself' },
  connected: { means: 'an access token holds', todo: '' },
  access_expired: { means: 'the access token has ended; the next use renews it. Between two runs this is normal', todo: '' },
  refreshing: { means: 'a process is asking the token endpoint right now; others wait for what it stores', todo: '' },
  degraded: {
    means: 'the token endpoint does not answer, is throttled or has a fault. The sign-in is not in doubt; every use tries again',
    todo: 'nothing at first; if it stays, the network, a proxy, or the state of the authority',
  },
  reconnect_needed: { means: 'the authority wants a person: see the kinds below', todo: '`runner connect`, and what the kind says' },
  config_error: {
    means: 'the app registration, the connection block, or the place of user or app in the organization is wrong; nobody needs to sign in',
    todo: 'what the message names',
  },
  forbidden: {
    means: 'the organization lets us in, but not do this: of one request, never of the connection',
    todo: 'a security role with the privilege that the message names',
  },
  disconnected: {
    means: 'nothing is left to renew with: the sign-in brought no refresh token, and its access token has ended',
    todo: 'allow refresh tokens, then `runner connect`',
  },
} as const satisfies Record<string, { means: string; todo: string }>

export type State = keyof typeof states

/** What follows from a refusal of one kind. */
export interface MarkRule {
  state: State
  /** Code of the error that every use ends with. */
  code: Mark['code']
  /** `dead`: it never works again and is deleted. `kept`: the same one works once the cause is gone. */
  refreshToken: 'dead' | 'kept'
  /** What makes the runner ask the token endpoint again. Until then every use fails at once. */
  again: 'sign-in' | 'credentials' | 'hour'
  /** Who must act. */
  who: string
  means: string
}

/** Kinds of refusals, and what follows from each. Others than these never ask for a person. */
export const kinds = {
  expired: {
    state: 'reconnect_needed',
    code: 'reconnect_needed',
    refreshToken: 'dead',
    again: 'sign-in',
    who: 'the person who signs in',
    means: 'the refresh token has reached its end: not used for too long, a fixed life, or the sign-in frequency',
  },
  revoked: {
    state: 'reconnect_needed',
    code: 'reconnect_needed',
    refreshToken: 'dead',
    again: 'sign-in',
    who: 'the person who signs in',
    means: 'the refresh token was taken back: a changed password, an administrator, a token that is not known',
  },
  mfa: {
    state: 'reconnect_needed',
    code: 'reconnect_needed',
    refreshToken: 'kept',
    again: 'hour',
    who: 'the person who signs in',
    means: 'the authority wants a further proof, such as a second factor',
  },
  consent: {
    state: 'reconnect_needed',
    code: 'reconnect_needed',
    refreshToken: 'kept',
    again: 'hour',
    who: 'the person who signs in, or an administrator',
    means: 'nobody has agreed to what the app may do, or the agreement was taken back',
  },
  policy: {
    state: 'reconnect_needed',
    code: 'reconnect_needed',
    refreshToken: 'kept',
    again: 'hour',
    who: 'an administrator',
    means: 'a policy of the organization blocks the sign-in',
  },
  password: {
    state: 'reconnect_needed',
    code: 'reconnect_needed',
    refreshToken: 'kept',
    again: 'hour',
    who: 'the person whose password it is',
    means: 'the password has expired, is wrong, or the account is locked',
  },
  config: {
    state: 'config_error',
    code: 'credentials_refused',
    refreshToken: 'kept',
    again: 'credentials',
    who: 'whoever keeps the app registration and the connection block',
    means: 'the credentials or the registration of the app are refused: secret, certificate, client id, tenant, scope',
  },
  new: {
    state: 'new',
    code: 'sign_in_needed',
    refreshToken: 'dead',
    again: 'sign-in',
    who: 'the person who signs in',
    means: 'nobody has signed in, or what was brought cannot be renewed',
  },
} as const satisfies Record<Mark['kind'], MarkRule>

/** One way from state to state. */
export interface Transition {
  from: readonly State[] | 'any'
  /** What is seen on the wire, or happens here. */
  signal: string
  to: State
  then: string
}

const signedIn = ['connected', 'access_expired', 'degraded', 'refreshing'] as const

/** Every transition by name; a test walks each one with the real answer of the other side. */
export const transitions = {
  signed_in: {
    from: 'any',
    signal: '200 with `access_token` and `refresh_token`, after `runner connect`',
    to: 'connected',
    then: 'both are stored, marks are gone; who had signed in before is compared',
  },
  signed_in_for_once: {
    from: 'any',
    signal: '200 without `refresh_token`',
    to: 'connected',
    then: 'a warning: allow `offline_access` (Entra) or `IssueOAuthRefreshTokensTo` (AD FS)',
  },
  ended_for_good: {
    from: ['connected'],
    signal: 'the access token ends, and there is no refresh token',
    to: 'disconnected',
    then: 'fails with `sign_in_needed`',
  },
  declined: { from: ['new'], signal: 'the browser comes back with `error=access_denied`', to: 'new', then: 'nothing is stored' },
  ended: { from: ['connected'], signal: 'the access token is nearly at its end', to: 'access_expired', then: 'nothing, until it is used' },
  refused_token: {
    from: ['connected'],
    signal: 'Dataverse 401, for the first time with this request',
    to: 'access_expired',
    then: 'the access token is dropped and renewed, the request is sent once more',
  },
  wanted: {
    from: ['access_expired'],
    signal: 'a request wants a token',
    to: 'refreshing',
    then: 'one process asks, the others wait',
  },
  renewed: {
    from: ['refreshing'],
    signal: '200 with `refresh_token`',
    to: 'connected',
    then: 'both are replaced at once, before the new one is used',
  },
  renewed_without_rotation: {
    from: ['refreshing'],
    signal: '200 without `refresh_token`',
    to: 'connected',
    then: 'the old one stays, with its end (AD FS)',
  },
  passing: {
    from: ['refreshing'],
    signal:
      'no answer, TLS or name not resolved, 5xx, 429, `Retry-After`, a body that is no JSON, `temporarily_unavailable`, `server_error`, a number of the class transient',
    to: 'degraded',
    then: 'tried again after 1, 2, 4, 8 and 16 s or `Retry-After`, no longer than `timeout`; an old access token is used while it holds; then fails with `token_endpoint_unavailable`',
  },
  recovered: { from: ['degraded'], signal: 'a later 200', to: 'connected', then: 'as if nothing had been' },
  dead: {
    from: ['refreshing'],
    signal: '`invalid_grant` of the kinds expired and revoked; AADSTS70000 only when it comes twice',
    to: 'reconnect_needed',
    then: 'the refresh token is deleted; every use fails at once with `reconnect_needed`, and the token endpoint is asked no more',
  },
  needs_person: {
    from: ['refreshing'],
    signal: '`interaction_required`, `consent_required`, or `invalid_grant` of the kinds mfa, consent, policy and password',
    to: 'reconnect_needed',
    then: 'the refresh token is kept and tried again hourly; `claims` and the user are handed to the next sign-in',
  },
  refused_credentials: {
    from: ['refreshing'],
    signal:
      '`invalid_client` (401; AD FS 400), `unauthorized_client`, `invalid_resource`, `invalid_scope`, `invalid_request`, a number of the class config',
    to: 'config_error',
    then: 'the refresh token is kept; every use fails at once with `credentials_refused`',
  },
  other_credentials: {
    from: ['config_error'],
    signal: 'another secret, certificate or refresh token is configured, or `runner connections test`',
    to: 'access_expired',
    then: 'asked again at once',
  },
  refused_fresh_token: {
    from: signedIn,
    signal: 'Dataverse 401 again, with a token that was just issued',
    to: 'config_error',
    then: 'fails with `token_refused`; every use tries again',
  },
  not_at_home: {
    from: signedIn,
    signal: 'Dataverse 403 with 0x80072560 (no user there) or 0x80095ffc (app blocked)',
    to: 'config_error',
    then: 'fails with `user_not_in_organization` or `app_blocked`, without a renewal; every use tries again',
  },
  forbidden: {
    from: ['connected'],
    signal: 'any other Dataverse 403',
    to: 'forbidden',
    then: 'the request fails as rejected, without a renewal; the connection stays connected',
  },
  claims: {
    from: ['connected'],
    signal: 'Dataverse 401 with `error="insufficient_claims"` and `claims`',
    to: 'refreshing',
    then: 'the claims go along with the renewal; if they are not met, reconnect_needed (mfa), and they go along with the next sign-in',
  },
  forgotten: { from: 'any', signal: '`runner connections forget`', to: 'new', then: 'tokens and mark are wiped' },
} as const satisfies Record<string, Transition>

const mostSkewMs = 300_000

/** Whether an access token needs no renewal yet: renewed 5 minutes before its end, or at half the life of a short one. */
export function isFresh({ obtainedAt, expiresAt }: AccessToken, now: Date): boolean {
  const end = Date.parse(expiresAt)
  return now.getTime() < end - Math.min(mostSkewMs, (end - Date.parse(obtainedAt)) / 2)
}

/** Whether an access token still counts. */
export function isAlive({ expiresAt }: AccessToken, now: Date): boolean {
  return now.getTime() < Date.parse(expiresAt)
}

/** The state that a stored row says, at this moment. */
export function stateOf(record: TokenRecord | undefined, now: Date): State {
  if (!record) return 'new'
  const { mark, barred, degraded, lease, access, refresh, actor } = record
  if (mark) return kinds[mark.kind].state
  if (barred) return 'config_error'
  if (degraded) return 'degraded'
  if (lease && now.getTime() - Date.parse(lease.since) < leaseMs) return 'refreshing'
  if (access && isFresh(access, now)) return 'connected'
  if (refresh || actor !== 'person') return 'access_expired'
  if (!access) return 'new'
  return isAlive(access, now) ? 'connected' : 'disconnected'
}
