import { ConnectorError } from '../connector/index.ts'
import { authorities } from './authorities/index.ts'
import { askOrganization } from './challenge.ts'
import { secretsOf } from './fingerprint.ts'
import { assertSecure, openHttp } from './http.ts'
import { predictedEnd } from './kept.ts'
import type { ConnectionPorts, ConnectionSpec } from './open.ts'
import { openRecords } from './record.ts'
import { renewed } from './renew.ts'
import type { TokenRecord } from './token-store.ts'
import { type Invitation, type Way, ways } from './ways/index.ts'

export interface ConnectOptions {
  way: Way
  /** Called once, when a person must do something. */
  show(invitation: Invitation): void
  /** What the person enters in the terminal; needed for `paste`. */
  readAnswer(signal: AbortSignal): Promise<string>
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
 * Lets a person sign in, in one of the ways, and keeps what comes in place of whatever was kept.
 * @throws ConnectorError `sign_in_not_needed`, `sign_in_refused`, `sign_in_timeout`, `redirect_invalid`, `port_taken`, and those of the challenge
 */
export async function signIn(
  { connector, name, environment, settings }: ConnectionSpec,
  ports: ConnectionPorts,
  { way, show, readAnswer, signal }: ConnectOptions,
): Promise<SignInResult> {
  const { clock, mask, tokens } = ports
  const [oauth, transport] = [connector.auth?.(settings), connector.transport?.(settings)]
  if (!oauth || !transport || oauth.grant === 'client_credentials') throw notNeeded(name)
  for (const secret of secretsOf(oauth)) mask.add(secret)
  assertSecure(transport.baseUrl)
  const records = openRecords({ name, environment, oauth, baseUrl: transport.baseUrl }, tokens, clock)
  const { before } = await records.replaced()
  const http = openHttp()
  try {
    const found = authorities[oauth.authority].known(oauth) ?? (await askOrganization(oauth, transport.baseUrl, http, signal))
    const got = await ways[way]({ oauth, found, before, http, clock, show, readAnswer, signal })
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
