import { ConnectorError } from '../connector/index.ts'
import { authorities } from './authorities/index.ts'
import { askOrganization } from './challenge.ts'
import { longerNextTime, signInEnd } from './ends.ts'
import { actor, secretsOf } from './fingerprint.ts'
import type { Tokens } from './grant-result.ts'
import { assertSecure, longestTokenAnswer, openHttp } from './http.ts'
import type { ConnectionPorts, ConnectionSpec } from './open.ts'
import { openRecords, type Records } from './record.ts'
import { renewed } from './renew.ts'
import { withSurroundings } from './surroundings.ts'
import type { FoundAuthority, TokenRecord } from './token-store.ts'
import { type Invitation, type SignInResult, type Way, ways } from './ways/index.ts'

export interface ConnectOptions {
  way: Way
  /** Called once, when a person must do something. */
  show(invitation: Invitation): void
  /** What the person enters in the terminal; needed for `paste`. */
  readAnswer(signal: AbortSignal): Promise<string>
  signal: AbortSignal
}

/**
 * Lets a person sign in, in one of the ways, and keeps what comes in place of whatever was kept.
 * @throws ConnectorError `sign_in_not_needed`, `sign_in_refused`, `sign_in_timeout`, `redirect_invalid`, `port_taken`, and those of the challenge
 */
export async function signIn(
  { connector, name, environment, folder, settings }: ConnectionSpec,
  ports: ConnectionPorts,
  { way, show, readAnswer, signal }: ConnectOptions,
): Promise<SignInResult> {
  const { clock, mask, tokens, scope } = ports
  const [declared, transport] = [connector.auth?.(settings), connector.transport?.(settings)]
  if (!declared || !transport || actor(declared) !== 'person') throw notNeeded(name)
  const oauth = withSurroundings(declared, { folder, env: scope.env })
  for (const secret of secretsOf(oauth)) mask.add(secret)
  assertSecure(transport.baseUrl)
  const records = openRecords({ name, environment, oauth, baseUrl: transport.baseUrl }, tokens, clock)
  const { before } = await records.replaced()
  const http = openHttp({ mostBytes: longestTokenAnswer })
  try {
    const found = authorities[oauth.authority].known(oauth) ?? (await askOrganization(oauth, transport.baseUrl, http, signal))
    const already = await signedInAlready(records)
    return await ways[way]({
      ...{ name, oauth, found, before, http, clock, readAnswer, signal },
      show: (invitation) => show({ ...invitation, ...(already !== undefined && { signedInAlready: already }) }),
      mask: (text) => mask.mask(text),
      async keep(got) {
        mask.add(got.accessToken)
        if (got.refreshToken !== undefined) mask.add(got.refreshToken)
        return result(await replace(records, got, found, clock.now()), before)
      },
    })
  } finally {
    http.close()
  }
}

/** Whatever was kept until then is gone; until then it stays. */
async function replace(records: Records, got: Tokens, found: FoundAuthority, now: Date): Promise<TokenRecord> {
  for (;;) {
    const { fresh } = await records.replaced()
    const { refresh: _, ...clean } = fresh.record
    const record = renewed(clean, got, found, now)
    if (await records.write(fresh, record)) return record
  }
}

/** Undefined also for a sign-in of another host, client or tenant. */
async function signedInAlready(records: Records): Promise<string | undefined> {
  const record = await records.read().then(
    ({ record }) => record,
    () => undefined,
  )
  return record?.access && record.refresh && !record.mark ? (record.identity?.user ?? 'somebody') : undefined
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
  const end = signInEnd(record)
  return {
    canRenew: record.refresh !== undefined,
    prolongedByUse: record.refresh !== undefined && !end?.fixed,
    ...(now?.user !== undefined && { who: now.user }),
    ...(other && { insteadOf: then.user ?? then.oid ?? 'somebody else' }),
    ...(end !== undefined && { predictedEnd: end.at }),
    ...(end?.fixed && { longerNextTime: longerNextTime[record.authority] }),
  }
}
