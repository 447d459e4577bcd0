import type { Clock } from '../../connector/index.ts'
import type { Tokens } from '../grant-result.ts'
import type { Http } from '../http.ts'
import type { SignInSettings } from '../surroundings.ts'
import type { FoundAuthority, TokenRecord } from '../token-store.ts'

/** What a person is asked to do. */
export interface Invitation {
  /** To open in a browser. */
  address: string
  /** To enter there (device code). */
  code?: string
  /** The address that the browser ends on must be brought back to the terminal. */
  paste?: true
  /** ISO 8601: until when the code holds. */
  until?: string
  /** Who is signed in already, while all is well. */
  signedInAlready?: string
}

export interface SignInResult {
  /** Who signed in, where the authority tells. */
  who?: string
  /** Who had signed in before, when that was somebody else. */
  insteadOf?: string
  /** ISO 8601: when a person must sign in again. */
  predictedEnd?: string
  /** How the next sign-in lasts longer, where use does not move that end. */
  longerNextTime?: string
  /** Whether use of the connection moves that end. */
  prolongedByUse: boolean
  /** Without a refresh token the sign-in ends with its access token. */
  canRenew: boolean
}

/** One sign-in of a person. */
export interface PersonSignIn {
  /** Of the connection. */
  name: string
  oauth: SignInSettings
  found: FoundAuthority
  /** What was kept before. */
  before: TokenRecord | undefined
  http: Http
  clock: Clock
  show(invitation: Invitation): void
  /** Stores what came, in place of what was kept. Durable when it resolves. */
  keep(tokens: Tokens): Promise<SignInResult>
  /** Without secrets, for what leaves the program. */
  mask(text: string): string
  /** A line that the person enters in the terminal. */
  readAnswer(signal: AbortSignal): Promise<string>
  signal: AbortSignal
}

/** The last refusal may say what the next sign-in must fulfil. Facts sheet "State machine of a connection". */
export function hints(before: TokenRecord | undefined): Record<string, string> {
  const { identity, mark } = before ?? {}
  return {
    ...(identity?.user !== undefined && { login_hint: identity.user }),
    ...(mark?.claims !== undefined && { claims: mark.claims }),
    ...(mark?.kind === 'consent' && { prompt: 'consent' }),
  }
}
