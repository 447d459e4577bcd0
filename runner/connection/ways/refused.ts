import { ConnectorError, type OAuthSettings } from '../../connector/index.ts'
import type { TokenAnswer } from '../authorities/authority.ts'
import { authorities } from '../authorities/index.ts'
import { NoAnswer } from '../http.ts'
import { AuthorizationRefused } from '../oauth.ts'

export function signInRefused(what: string, todo: string): ConnectorError {
  return new ConnectorError('auth', 'sign_in_refused', `The sign-in was refused: ${what} ${todo}`)
}

/** A refusal of the token endpoint, in its own words. */
export function answerRefused({ authority }: OAuthSettings, answer: TokenAnswer): ConnectorError {
  const { words, number, todo } = authorities[authority].classify(answer)
  return signInRefused(`${answer.status}: ${words || (number ?? 'no words')}`, todo)
}

export function signInTimeout(minutes: number): ConnectorError {
  return new ConnectorError('auth', 'sign_in_timeout', `Nobody signed in within ${minutes} minutes. Start \`runner connect\` again.`)
}

/** Whatever ended a sign-in, as an error for people. */
export function toSignInError(thrown: unknown): Error {
  if (thrown instanceof AuthorizationRefused)
    return signInRefused(
      `${thrown.error}: ${thrown.message}`,
      'Accept what the authority asks for, or ask an administrator; then start again.',
    )
  if (thrown instanceof NoAnswer)
    return new ConnectorError(
      'transient',
      'no_answer',
      `The token endpoint did not answer (${thrown.code}). Check the network, then sign in again.`,
    )
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
