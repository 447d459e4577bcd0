import { type Clock, ConnectorError } from '../connector/index.ts'
import { credentialEnds, type End, endsOf } from './ends.ts'
import { actor, fingerprint, seedOf } from './fingerprint.ts'
import type { SignInSettings } from './surroundings.ts'
import { type TokenRecord, type TokenStore, tokenKey } from './token-store.ts'

/** Which connection this is and how it signs in. */
export interface SignInSpec {
  /** Name of the connection. */
  name: string
  environment: string
  oauth: SignInSettings
  /** Of the transport; ends with `/`. */
  baseUrl: string
}

export interface Stored {
  record: TokenRecord
  version: number
}

/** The stored row of one connection. */
export interface Records {
  /** What is kept, or a new record. @throws ConnectorError `connection_changed` */
  read(): Promise<Stored>
  /** Whatever is there, for a new sign-in that replaces it. */
  replaced(): Promise<{ before: TokenRecord | undefined; fresh: Stored }>
  /** What is known to end, soonest first, as the settings are now. @throws ConnectorError `connection_changed` */
  ends(): Promise<End[]>
  /** What is stored then; undefined when somebody else wrote since it was read. Durable when it resolves. */
  write(stored: Stored, record: TokenRecord): Promise<Stored | undefined>
}

/** Changes a row until nobody else was faster, for as long as it is still the one that is meant. */
export async function changeWhile(
  records: Records,
  stored: Stored,
  isStill: (stored: Stored) => boolean,
  change: (record: TokenRecord) => TokenRecord,
): Promise<Stored | undefined> {
  for (let row = stored; isStill(row); row = await records.read()) {
    const written = await records.write(row, change(row.record))
    if (written) return written
  }
  return undefined
}

export function openRecords({ name, environment, oauth, baseUrl }: SignInSpec, tokens: TokenStore, clock: Clock): Records {
  const key = tokenKey(name, environment)
  const print = fingerprint(oauth, baseUrl)
  const seed = seedOf(oauth)
  let reading: Promise<End[]> | undefined
  const credentials = () => {
    reading ??= credentialEnds(oauth)
    return reading
  }

  const fresh = (): TokenRecord => ({
    connection: name,
    environment,
    authority: oauth.authority,
    actor: actor(oauth),
    ...(seed !== undefined && { seed }),
    ...(oauth.grant === 'refresh_token' &&
      oauth.refreshToken !== undefined && { refresh: { token: oauth.refreshToken, obtainedAt: clock.now().toISOString() } }),
  })

  return {
    async read() {
      const row = await tokens.get(key)
      if (!row) return { record: fresh(), version: 0 }
      const record = row.payload as TokenRecord
      if (row.fingerprint !== print) {
        if (holdsSignIn(record, clock.now())) throw connectionChanged(name, environment)
        return { record: fresh(), version: row.version }
      }
      // Another given refresh token than the one this row began with is a new beginning.
      return { record: seed !== undefined && record.seed !== seed ? fresh() : record, version: row.version }
    },

    async replaced() {
      const row = await tokens.get(key)
      return { before: row?.payload as TokenRecord | undefined, fresh: { record: fresh(), version: row?.version ?? 0 } }
    },

    async ends() {
      return endsOf((await this.read()).record, await credentials())
    },

    async write({ version: before }, { ends: _, ...record }) {
      const ends = await credentials()
      const payload = { ...record, ...(ends.length > 0 && { ends }) }
      const version = await tokens.put(key, { fingerprint: print, payload }, before)
      return version === undefined ? undefined : { record: payload, version }
    },
  }
}

/** What only a person can bring back. Whoever else signs in fetches a new token, so the row is simply begun anew. */
function holdsSignIn({ actor, refresh, access }: TokenRecord, now: Date): boolean {
  return actor === 'person' && (refresh !== undefined || (access !== undefined && Date.parse(access.expiresAt) > now.getTime()))
}

function connectionChanged(name: string, environment: string): ConnectorError {
  return new ConnectorError(
    'rejected',
    'connection_changed',
    `The sign-in kept for the connection "${name}" (environment ${environment}) was made with another authority, tenant, client id, resource or host. Sign in anew with \`runner connect\`, drop it with \`runner connections forget\`, or give this connection another name.`,
  )
}
