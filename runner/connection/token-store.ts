import type { End } from './ends.ts'

/** Where sign-ins are kept. The store satisfies it by shape; encrypting what is kept is its business. */
export interface TokenStore {
  get(name: string): Promise<TokenRow | undefined>
  /**
   * Compare-and-swap: stores the row if `version` is still the stored one (0: there is none). Durable when it resolves, with the new version, which no row of
   * this name has had before, not even one that was deleted. Undefined when somebody else was faster.
   */
  put(name: string, row: Omit<TokenRow, 'version'>, version: number): Promise<number | undefined>
  delete(name: string): Promise<boolean>
  list(): Promise<({ name: string } & TokenRow)[]>
  /** Under this name others can see that our process lives. */
  readonly lifeSign: string
  /** Whether the process of a life sign is gone. */
  isGone(lifeSign: string): boolean
}

export interface TokenRow {
  /** Of authority, tenant, client id, resource and host: a row of another fingerprint belongs to another connection. */
  fingerprint: string
  /** A {@link TokenRecord}. */
  payload: unknown
  version: number
}

/** All that is kept of one connection's sign-in. Times are ISO 8601 texts. */
export interface TokenRecord {
  connection: string
  environment: string
  authority: 'entra' | 'adfs'
  /** Who acts: the app itself; a user account whose password is given, which signs in by itself; or a person, who must sign in. */
  actor: 'app' | 'account' | 'person'
  access?: AccessToken
  refresh?: RefreshToken
  identity?: Identity
  mark?: Mark
  /** Since when renewals fail without a word that counts. Gone with the next one that succeeds. */
  degraded?: Degraded
  /** Since when the system refuses whoever signed in, whatever is asked. Gone with the next request that it takes. */
  barred?: Trouble
  /** Ends that only the settings know (client secret, certificate), as they were when this was written. */
  ends?: End[]
  /** Hash of the given refresh token that this row began with: another one starts over. */
  seed?: string
  /** What the organization's 401 challenge told, so that it is asked once only. */
  found?: FoundAuthority
  /** Whose request to the token endpoint is under way, so that several processes send one. */
  lease?: Lease
  /**
   * When a refresh token was sent whose answer was never stored: the process was killed meanwhile, or the connection broke. Gone with the next token.
   * Where an authority takes each refresh token once only, the sign-in is lost with that answer.
   */
  unanswered?: string
}

export interface Lease {
  owner: string
  /** Life sign of the owner's process. */
  process: string
  since: string
}

export interface AccessToken {
  token: string
  obtainedAt: string
  expiresAt: string
}

export interface RefreshToken {
  token: string
  obtainedAt: string
  /** When it last brought an access token. */
  usedAt?: string
  /** Where the authority tells (AD FS, and Entra for single-page apps: `refresh_token_expires_in`). */
  expiresAt?: string
  /** When the first one of this sign-in came, where this is a later one: an end that use does not move counts from there. */
  signedInAt?: string
  /** A renewal has moved the end that the authority tells, so use prolongs it. */
  moves?: true
}

/** What stands in the way without being a mark: every use tries again. */
export interface Trouble {
  /** Code of the error. */
  code: string
  /** What was seen, and what to do. */
  words: string
  since: string
}

/** A failure that may pass, as all get it who wait for the same token. */
export interface Degraded extends Trouble {
  /** Nobody asks before. */
  notBefore: string
  /** HTTP status, where there was an answer. */
  status?: number
  /** Of the error. */
  details: Record<string, unknown>
}

/** Who signed in, as the id token says. */
export interface Identity {
  /** User principal name, or what the authority has in its place. */
  user?: string
  /** Object id (Entra) or subject (AD FS). */
  oid?: string
  /** Tenant id. */
  tid?: string
}

export interface FoundAuthority {
  authorityUrl: string
  tenant?: string
  resource: string
}

export type ReconnectKind = 'expired' | 'revoked' | 'mfa' | 'consent' | 'policy' | 'password'

/**
 * Why the token endpoint refused us: the connection fails at once, without asking again, until the cause is gone.
 * `new`: nobody has signed in yet (never stored). `config`: the credentials of the app are refused. The others need a person.
 */
export interface Mark {
  kind: ReconnectKind | 'config' | 'new'
  /** Code of the error that every use of the connection ends with. */
  code: 'reconnect_needed' | 'credentials_refused' | 'sign_in_needed'
  /** Message of that error: the endpoint's own words and what to do. */
  message: string
  /** HTTP status of the refusal. */
  status?: number
  /** `error`, AADSTS or MSIS number, trace id, correlation id. */
  details: Record<string, string>
  since: string
  /** Last time the endpoint said so. */
  checkedAt: string
  /** Hash of the credentials that were refused: others are tried at once. */
  credentials: string
  /** Each further try may lock the account, so that none is made by itself. */
  locksOut?: true
  /** What is wrong is mended where the runner does not see it, so that it is asked again hourly. */
  elsewhere?: true
  /** Conditional-access claims to hand to the next interactive sign-in. */
  claims?: string
}

/** Key of a connection's sign-in; JSON, because both names may hold any character. */
export function tokenKey(connection: string, environment: string): string {
  return JSON.stringify([environment, connection])
}
