import { randomUUID } from 'node:crypto'
import type { Clock } from '../connector/index.ts'
import type { Refusal } from './authorities/authority.ts'
import { credentials } from './fingerprint.ts'
import type { GrantResult, Tokens } from './grant-result.ts'
import { type Http, NoAnswer, retryAfterMs } from './http.ts'
import { killsRefreshToken, markError, markOf, notSignedIn, stillBlocks } from './marks.ts'
import type { MaskRegistry } from './mask.ts'
import type { Records, SignInSpec, Stored } from './record.ts'
import { tokenSource } from './token-source.ts'
import type { AccessToken, FoundAuthority, RefreshToken, TokenRecord, Trouble } from './token-store.ts'

/** Longer than one request to the token endpoint may take. */
const leaseMs = 35_000
const leaseLookMs = 250
/** Ends are told in whole seconds from a moment that lies between the request and its answer. */
const slackMs = 60_000

/** The token endpoint did not give a token; what follows is the caller's policy. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly refusal: Refusal
  readonly status: number
  /** The refresh token that was sent. */
  readonly sent: string | undefined
  constructor(refusal: Refusal, status: number, sent: string | undefined) {
    super(refusal.words)
    this.refusal = refusal
    this.status = status
    this.sent = sent
  }
}

export interface RenewalPorts {
  records: Records
  http: Http
  clock: Clock
  mask: MaskRegistry
  signal: AbortSignal
}

export interface Renewal {
  /**
   * One request to the token endpoint, unless somebody else has brought a token meanwhile. What came is stored before it is returned.
   * @param claims what the system wants of the next token
   * @throws Refused; ConnectorError of a mark, or for a connection that nobody signed in to
   */
  once(usable: (access: AccessToken) => boolean, claims?: string): Promise<AccessToken>
  /** Keeps a refusal as the connection's mark. Undefined when somebody else signed in meanwhile. */
  mark(refused: Refused): Promise<Error | undefined>
  /** Lets others try. @param degraded what stands in their way, too */
  release(degraded: Trouble | undefined): Promise<void>
}

export function renewal(spec: SignInSpec, { records, http, clock, mask, signal }: RenewalPorts): Renewal {
  const { oauth } = spec
  const source = tokenSource(spec, { http, clock, signal })
  const owner = randomUUID()

  /** A lease in the row keeps other processes from renewing at the same moment; they read what we stored. */
  async function lease(usable: (access: AccessToken) => boolean): Promise<AccessToken | Stored> {
    for (;;) {
      const stored = await records.read()
      const { record, version } = stored
      if (record.access && usable(record.access)) return record.access
      const now = clock.now()
      if (record.mark && stillBlocks(record.mark, now, credentials(oauth))) throw markError(record.mark)
      if (record.actor === 'person' && !record.refresh) throw markError(notSignedIn(record, now))
      const waitMs = record.lease && record.lease.owner !== owner ? Date.parse(record.lease.until) - now.getTime() : 0
      // A lease that lies further ahead than one can be comes from a clock that was wrong.
      if (waitMs > 0 && waitMs <= leaseMs) {
        await clock.sleep(Math.min(waitMs, leaseLookMs), signal)
        continue
      }
      const leased = { ...record, lease: { owner, until: new Date(now.getTime() + leaseMs).toISOString() } }
      if (await records.write(stored, leased)) return { record: leased, version: version + 1 }
    }
  }

  async function ask(record: TokenRecord, claims: string | undefined): Promise<{ result: GrantResult; found: FoundAuthority }> {
    try {
      return await source.ask(record, claims)
    } catch (thrown) {
      if (!(thrown instanceof NoAnswer)) throw thrown
      throw new Refused(
        { class: 'transient', words: thrown.seen, todo: 'Check the network, proxies and `authority`.' },
        0,
        record.refresh?.token,
      )
    }
  }

  return {
    async once(usable, claims) {
      const leased = await lease(usable)
      if ('token' in leased) return leased
      if (leased.record.refresh) mask.add(leased.record.refresh.token)
      const { result, found } = await ask(leased.record, claims)
      if ('refused' in result) {
        // What the endpoint repeats of the request is kept with the refusal, and shown by commands that know no secrets.
        const refusal = source.classify({ ...result.refused, body: mask.mask(result.refused.body) })
        const wait = retryAfterMs(result.refused.headers, clock.now()) ?? refusal.atLeastMs
        throw new Refused(
          { ...refusal, ...(wait !== undefined && { atLeastMs: wait }) },
          result.refused.status,
          leased.record.refresh?.token,
        )
      }
      const { tokens } = result
      mask.add(tokens.accessToken)
      if (tokens.refreshToken !== undefined) mask.add(tokens.refreshToken)
      const record = renewed(leased.record, tokens, found, clock.now())
      // Whoever was faster has signed in or dropped the sign-in: what is stored then counts.
      return (await records.write(leased, record)) ? (record.access as AccessToken) : this.once(usable, claims)
    },

    async mark({ refusal, status, sent }) {
      for (;;) {
        const stored = await records.read()
        const { lease: _, access: __, degraded: ___, ...record } = stored.record
        if (record.refresh?.token !== sent) return undefined
        const mark = markOf(refusal, {
          name: spec.name,
          status,
          now: clock.now(),
          credentials: credentials(oauth),
          actor: record.actor,
          before: record.mark,
        })
        const { refresh: ____, ...dead } = record
        if (await records.write(stored, { ...(killsRefreshToken(mark.kind) ? dead : record), mark })) return markError(mark)
      }
    },

    async release(degraded) {
      const stored = await records.read()
      const { lease: held, ...record } = stored.record
      if (held?.owner === owner) await records.write(stored, degraded ? { ...record, degraded } : record)
    },
  }
}

/** The record after a grant: marks, faults and leases are gone, an old refresh token stays where no new one came. */
export function renewed(before: TokenRecord, tokens: Tokens, found: FoundAuthority, now: Date): TokenRecord {
  const { lease: _, mark: __, access: ___, degraded: ____, ...kept } = before
  const identity = tokens.identity ?? before.identity
  const refresh = refreshAfter(before.refresh, tokens, now)
  return {
    ...kept,
    found,
    access: { token: tokens.accessToken, obtainedAt: now.toISOString(), expiresAt: after(now, tokens.expiresIn) },
    ...(refresh && { refresh }),
    ...(identity && { identity }),
  }
}

function refreshAfter(before: RefreshToken | undefined, { refreshToken, refreshExpiresIn }: Tokens, now: Date): RefreshToken | undefined {
  if (refreshToken === undefined || refreshToken === before?.token) return before && { ...before, usedAt: now.toISOString() }
  const told = refreshExpiresIn === undefined ? undefined : after(now, refreshExpiresIn)
  return {
    token: refreshToken,
    obtainedAt: now.toISOString(),
    ...(before && { signedInAt: before.signedInAt ?? before.obtainedAt }),
    ...endAfter(before, told, now),
  }
}

/** Renewed tokens inherit a fixed end, told again or not (facts sheet "Lifetimes and revocation (Entra)"); one that moved, or has passed, is not fixed. */
function endAfter(before: RefreshToken | undefined, told: string | undefined, now: Date): Pick<RefreshToken, 'expiresAt' | 'moves'> {
  const inherited = before?.expiresAt
  if (inherited === undefined) return told === undefined ? {} : { expiresAt: told }
  if (told === undefined) return Date.parse(inherited) > now.getTime() ? { expiresAt: inherited } : {}
  const moves = before?.moves || Date.parse(told) - Date.parse(inherited) > slackMs
  return { expiresAt: told, ...(moves && { moves: true }) }
}

function after(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString()
}
