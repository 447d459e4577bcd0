import type { Clock, OAuthSettings } from '../../connector/index.ts'
import type { Http } from '../http.ts'
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
}

/** One sign-in of a person. */
export interface PersonSignIn {
  oauth: OAuthSettings
  found: FoundAuthority
  /** What was kept before. */
  before: TokenRecord | undefined
  http: Http
  clock: Clock
  show(invitation: Invitation): void
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
