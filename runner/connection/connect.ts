import { type Clock, ConnectorError, type OAuthSettings } from '../connector/index.ts'
import { authorities } from './authorities/index.ts'
import { askOrganization } from './challenge.ts'
import { assertSecure, type Http, NoAnswer, openHttp } from './http.ts'
import { predictedEnd } from './kept.ts'
import { listen } from './loopback.ts'
import { AuthorizationRefused, newSignIn, openGrants, type Tokens } from './oauth.ts'
import type { ConnectionPorts, ConnectionSpec } from './open.ts'
import { openRecords } from './record.ts'
import { renewed } from './renew.ts'
import type { FoundAuthority, TokenRecord } from './token-store.ts'

/** A person who has not finished by then has gone away. */
const patienceMs = 600_000

export interface ConnectOptions {
  /** Called once with the address that a person must open. */
  show(address: string): void
  signal: AbortSignal
}

export interface SignInResult {
  /** Who signed in, where the authority tells. */
  who?: string
  /** Who had signed in before, when that was somebody else. */
  insteadOf?: string
  /** ISO 8601: when a person must sign in again if the connection is not used before. */
  predictedEnd?: string
  /** Without a refresh token the sign-in ends with its access token. */
  canRenew: boolean
}

/**
 * Lets a person sign in with a browser (authorization code, PKCE, state and nonce) and keeps what comes, in place of whatever was kept.
 * @throws ConnectorError `sign_in_not_needed`, `sign_in_refused`, `sign_in_timeout`, `redirect_invalid`, `port_taken`, and those of the challenge
 */
export async function signIn(
  { connector, name, environment, settings }: ConnectionSpec,
  ports: ConnectionPorts,
  { show, signal }: ConnectOptions,
): Promise<SignInResult> {
  const { clock, mask, tokens } = ports
  const [oauth, transport] = [connector.auth?.(settings), connector.transport?.(settings)]
  if (!oauth || !transport || oauth.grant === 'client_credentials') throw notNeeded(name)
  if (oauth.clientSecret !== undefined) mask.add(oauth.clientSecret)
  assertSecure(transport.baseUrl)
  const records = openRecords({ name, environment, oauth, baseUrl: transport.baseUrl }, tokens, clock)
  const { before } = await records.replaced()
  const http = openHttp()
  try {
    const found = authorities[oauth.authority].known(oauth) ?? (await askOrganization(oauth, transport.baseUrl, http, signal))
    const got = await inBrowser(oauth, found, before, { http, clock, show, signal })
    mask.add(got.accessToken)
    if (got.refreshToken !== undefined) mask.add(got.refreshToken)
    for (;;) {
      const { fresh } = await records.replaced()
      const { refresh: _, ...clean } = fresh.record
      const record = renewed(clean, got, found, clock.now())
      if (await records.write(fresh, record)) return result(record, before)
    }
  } finally {
    http.close()
  }
}

interface BrowserPorts extends ConnectOptions {
  http: Http
  clock: Clock
}

async function inBrowser(
  oauth: OAuthSettings,
  found: FoundAuthority,
  before: TokenRecord | undefined,
  { http, clock, show, signal }: BrowserPorts,
): Promise<Tokens> {
  const secrets = await newSignIn()
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const listener = await listen(oauth.redirectUri, secrets.state)
  try {
    const grants = openGrants(oauth, found, { http, clock, signal: either })
    show(await grants.authorizeUrl(listener.redirectUri, secrets, hints(before)))
    const callback = await Promise.race([listener.callback, tooLate(clock, either)])
    try {
      const result = await grants.code(callback, listener.redirectUri, secrets)
      if ('refused' in result) {
        const { words, number, todo } = authorities[oauth.authority].classify(result.refused)
        throw refused(`${result.refused.status}: ${words || (number ?? 'no words')}`, todo)
      }
      listener.finish()
      return result.tokens
    } catch (thrown) {
      const error = toRefusal(thrown)
      listener.finish(error)
      throw error
    }
  } finally {
    stop.abort(new Error('the sign-in is over'))
    await listener.close()
  }
}

/** The last refusal may say what the next sign-in must fulfil. Facts sheet "State machine of a connection". */
function hints(before: TokenRecord | undefined): Record<string, string> {
  const { identity, mark } = before ?? {}
  return {
    ...(identity?.user !== undefined && { login_hint: identity.user }),
    ...(mark?.claims !== undefined && { claims: mark.claims }),
    ...(mark?.kind === 'consent' && { prompt: 'consent' }),
  }
}

async function tooLate(clock: Clock, signal: AbortSignal): Promise<never> {
  await clock.sleep(patienceMs, signal).catch(() => undefined)
  signal.throwIfAborted()
  throw new ConnectorError('auth', 'sign_in_timeout', 'Nobody signed in within 10 minutes. Start `runner connect` again.')
}

function toRefusal(thrown: unknown): Error {
  if (thrown instanceof AuthorizationRefused)
    return refused(`${thrown.error}: ${thrown.message}`, 'Accept what the authority asks for, or ask an administrator; then start again.')
  if (thrown instanceof NoAnswer)
    return new ConnectorError(
      'transient',
      'no_answer',
      `The token endpoint did not answer (${thrown.code}). Check the network, then sign in again.`,
    )
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

function refused(what: string, todo: string): ConnectorError {
  return new ConnectorError('auth', 'sign_in_refused', `The sign-in was refused: ${what} ${todo}`)
}

function notNeeded(name: string): ConnectorError {
  return new ConnectorError(
    'rejected',
    'sign_in_not_needed',
    `The connection "${name}" needs no person to sign in: it uses credentials of its own. Leave \`runner connect\` out, or set \`auth: authorization_code\`.`,
  )
}

function result(record: TokenRecord, before: TokenRecord | undefined): SignInResult {
  const [now, then] = [record.identity, before?.identity]
  const other = then?.oid !== undefined && now?.oid !== undefined && (then.oid !== now.oid || then.tid !== now.tid)
  const end = predictedEnd(record)
  return {
    canRenew: record.refresh !== undefined,
    ...(now?.user !== undefined && { who: now.user }),
    ...(other && { insteadOf: then.user ?? then.oid ?? 'somebody else' }),
    ...(end !== undefined && { predictedEnd: end }),
  }
}
