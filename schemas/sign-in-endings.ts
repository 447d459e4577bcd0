import { kinds, type MarkRule, type State, transitions } from '../runner/connection/states.ts'
import type { Code } from '../runner/connector/codes.ts'

/** What comes on the wire in one form of authority; a text says why it does not come there. */
export type OnTheWire = { status: number; signal: string } | string

/** One way in which a sign-in ends, or stops for a while. */
export interface Ending {
  what: string
  state: State
  /** Of the trigger error and of the job error. */
  code: Code
  entra: OnTheWire
  adfs: OnTheWire
  /** What becomes of the refresh token. */
  refreshToken: MarkRule['refreshToken']
  /** When the runner tries again by itself. */
  again: string
  /** What a person does. */
  todo: string
}

/** When the runner tries again by itself. */
export const whens: Record<MarkRule['again'], string> = {
  'sign-in': 'no: the token endpoint is not asked again before the next sign-in',
  credentials:
    'no: only with another secret, certificate or refresh token, or with `runner connections test`; a managed or federated identity, whose trust is mended elsewhere, hourly',
  hour: 'hourly, and with `runner connections test`',
}
const eachRun = 'each run'

function marked(kind: keyof typeof kinds, facts: Pick<Ending, 'what' | 'entra' | 'adfs' | 'todo'>): Ending {
  const { state, code, refreshToken, again }: MarkRule = kinds[kind]
  return { ...facts, state, code, refreshToken, again: whens[again] }
}

function passed(
  transition: keyof typeof transitions,
  facts: Pick<Ending, 'what' | 'code' | 'entra' | 'adfs' | 'todo'> & Partial<Pick<Ending, 'again'>>,
): Ending {
  return { state: transitions[transition].to, refreshToken: 'kept', again: eachRun, ...facts }
}

const expiredOnly = 'AD FS says no more than that the refresh token has expired'

/** Every end of a sign-in that a run can meet: rows of the page in the docs, and of the tests that let the real program meet each. */
export const endings = {
  expired: marked('expired', {
    what: 'the refresh token has expired',
    entra: { status: 400, signal: '`invalid_grant`, AADSTS700082 and others' },
    adfs: { status: 401, signal: '`invalid_grant`, MSIS9615; also seen with 400' },
    todo: '`runner connect`, then `runner jobs rerun --failed`',
  }),
  revoked: marked('revoked', {
    what: 'the refresh token was taken back',
    entra: { status: 400, signal: '`invalid_grant`, AADSTS50173 and others' },
    adfs: expiredOnly,
    todo: '`runner connect`, then `runner jobs rerun --failed`',
  }),
  mfa: marked('mfa', {
    what: 'a further proof is wanted',
    entra: { status: 400, signal: '`interaction_required` or `invalid_grant`, AADSTS50076 and others' },
    adfs: 'AD FS asks for it at the sign-in only, and does not say so to a renewal',
    todo: '`runner connect` and pass it; for runs without a person, an application user',
  }),
  consent: marked('consent', {
    what: 'consent was taken back',
    entra: { status: 400, signal: '`invalid_grant`, AADSTS65001 and others' },
    adfs: 'AD FS has no consent of users; a missing permission of the client is a wrong registration (MSIS9605)',
    todo: '`runner connect` and consent, or an administrator consents',
  }),
  policy: marked('policy', {
    what: 'a policy blocks the sign-in',
    entra: { status: 400, signal: '`invalid_grant`, AADSTS53003 and others' },
    adfs: 'no such answer of AD FS is known',
    todo: 'an administrator, who is given the correlation id; then `runner connect` where it still asks for it',
  }),
  wrong_secret: marked('config', {
    what: 'the client secret is wrong',
    entra: { status: 401, signal: '`invalid_client`, AADSTS7000215' },
    adfs: { status: 400, signal: '`invalid_client`, MSIS9622' },
    todo: 'correct the secret; it is tried at once, nobody signs in',
  }),
  lapsed_secret: marked('config', {
    what: 'the client secret has ended',
    entra: { status: 401, signal: '`invalid_client`, AADSTS7000222' },
    adfs: { status: 400, signal: '`invalid_client`, MSIS9622, as for a wrong one' },
    todo: 'make a new secret and configure it; it is tried at once, nobody signs in',
  }),
  endpoint_down: passed('passing', {
    what: 'the token endpoint is down',
    code: 'token_endpoint_unavailable',
    entra: { status: 503, signal: 'any 5xx, or no answer at all' },
    adfs: { status: 503, signal: 'any 5xx, or no answer at all' },
    todo: 'nothing at first: the next run tries again. If it stays, the network, proxies, `authority`',
  }),
  endpoint_throttles: passed('passing', {
    what: 'the token endpoint throttles',
    code: 'token_endpoint_unavailable',
    entra: { status: 429, signal: '`Too Many Requests` in plain text, with `Retry-After`' },
    adfs: { status: 429, signal: 'of a proxy before it; AD FS itself signals no throttling' },
    todo: 'fewer processes that sign in with this connection',
  }),
  user_throttled: passed('passing', {
    what: 'the authority throttles the user',
    code: 'token_endpoint_unavailable',
    entra: { status: 400, signal: '`invalid_grant`, AADSTS50196' },
    adfs: 'AD FS signals no throttling',
    todo: 'fewer processes that sign in with this connection',
  }),
  token_refused: passed('refused_fresh_token', {
    what: 'Dataverse refuses a fresh token',
    code: 'token_refused',
    entra: { status: 401, signal: 'Dataverse 401, and again with a new token' },
    adfs: { status: 401, signal: 'the Web API 401, and again with a new token' },
    todo: 'correct `resource`; look whether the user or app exists in the organization',
  }),
  not_a_member: passed('not_at_home', {
    what: 'whoever signed in has no user there',
    code: 'user_not_in_organization',
    entra: { status: 403, signal: 'Dataverse 403, 0x80072560' },
    adfs: { status: 403, signal: 'the Web API 403, 0x80072560' },
    todo: 'add the user or application user, with a security role',
  }),
  app_blocked: passed('not_at_home', {
    what: 'the app is blocked in the environment',
    code: 'app_blocked',
    entra: { status: 403, signal: 'Dataverse 403, 0x80095ffc' },
    adfs: 'app access control is a feature of the cloud',
    todo: 'an administrator allows the app',
  }),
  forbidden: passed('forbidden', {
    what: 'the user lacks a privilege',
    code: 'missing_privilege',
    entra: { status: 403, signal: 'Dataverse 403, any other code' },
    adfs: { status: 403, signal: 'the Web API 403, any other code' },
    todo: 'a security role with the privilege that the message names',
  }),
} as const satisfies Record<string, Ending>

export type EndingName = keyof typeof endings
