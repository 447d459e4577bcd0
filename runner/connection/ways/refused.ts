import { ConnectorError, type OAuthSettings } from '../../connector/index.ts'
import type { TokenAnswer } from '../authorities/authority.ts'
import { authorities } from '../authorities/index.ts'
import { NoAnswer } from '../http.ts'
import { AuthorizationRefused } from '../oauth.ts'

export function signInRefused(what: string, todo: string): ConnectorError {
  return new ConnectorError('auth', 'sign_in_refused', `The sign-in was refused: ${printable(what)} ${todo}`)
}

/** A refusal of the token endpoint, in its own words. */
export function answerRefused({ authority }: OAuthSettings, answer: TokenAnswer): ConnectorError {
  const { words, number, todo, class: kind } = authorities[authority].classify(answer)
  return signInRefused(`${answer.status}: ${words || (number ?? 'no words')}`, kind === 'transient' ? later : todo)
}

const later = 'It may pass: start again in a few minutes.'

/** A refusal that came by the browser: `error` and a description, which says the number. Facts sheet "Authorization code + PKCE". */
function browserRefused({ authority }: OAuthSettings, { error, message }: AuthorizationRefused): ConnectorError {
  const number = /^AADSTS(\d+)/.exec(message)?.[1]
  const body = JSON.stringify({ error, error_description: message, ...(number && { error_codes: [Number(number)] }) })
  const { words, todo, class: kind } = authorities[authority].classify({ status: 400, headers: {}, body })
  const known = kind === 'reconnect' || error !== 'access_denied'
  const accept = 'Sign in again and accept what is asked for, or ask an administrator.'
  return signInRefused(`${error}: ${words}`, kind === 'transient' ? later : known ? todo : accept)
}

/** Words from elsewhere, as one line that a terminal can show. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').slice(0, 600)
}

export function signInTimeout(minutes: number): ConnectorError {
  return new ConnectorError('auth', 'sign_in_timeout', `Nobody signed in within ${minutes} minutes. Start \`runner connect\` again.`)
}

/** Whatever ended a sign-in, as an error for people. */
export function toSignInError(oauth: OAuthSettings, thrown: unknown): Error {
  if (thrown instanceof AuthorizationRefused) return browserRefused(oauth, thrown)
  if (thrown instanceof NoAnswer)
    return new ConnectorError(
      'transient',
      'no_answer',
      `The token endpoint did not answer (${thrown.code}). Check the network, then sign in again.`,
    )
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
