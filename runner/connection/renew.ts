import { type Clock, ConnectorError, type Log } from '../connector/index.ts'
import type { Refusal } from './authorities/authority.ts'
import { degradedBy, judge, stillDegraded, unavailable } from './degraded.ts'
import { credentials } from './fingerprint.ts'
import type { Tokens } from './grant-result.ts'
import { type Http, NoAnswer } from './http.ts'
import { endLease, takeLease } from './lease.ts'
import { killsRefreshToken, markError, markOf, notSignedIn, stillBlocks } from './marks.ts'
import type { MaskRegistry } from './mask.ts'
import { changeWhile, type Records, type SignInSpec, type Stored } from './record.ts'
import { tokenSource } from './token-source.ts'
import type { AccessToken, FoundAuthority, Mark, RefreshToken, TokenRecord, TokenStore } from './token-store.ts'

/** Ends are told in whole seconds from a moment that lies between the request and its answer. */
const slackMs = 60_000
/** Seconds, a hundred years: what is told beyond is no date. */
const longestLife = 3_153_600_000

export interface RenewalPorts {
  records: Records
  tokens: Pick<TokenStore, 'lifeSign' | 'isGone'>
  http: Http
  clock: Clock
  log: Log
  mask: MaskRegistry
  /** Ends all waiting but that for the answer to a refresh token: it may hold the only valid one there is. */
  signal: AbortSignal
  /** How long one request for a token may take, but for one with a refresh token; milliseconds. */
  patienceMs?: number
}

export interface Renewal {
  /**
   * One request to the token endpoint for all processes together, or none where another has brought a token meanwhile.
   *
   * What came is stored before anything else is done with it. Only a process that dies between the authority's commit and this one write can lose a refresh token
   * that is taken once only; the row then tells so (`unanswered`). A failure that may pass is left in the row (`degraded`), so that nobody asks before its time.
   * @param claims what the system wants of the next token
   * @throws ConnectorError `auth` of a mark, or for a connection that nobody signed in to; `transient` with `retryAfterMs`
   */
  once(usable: (access: AccessToken) => boolean, claims?: string): Promise<AccessToken>
  /** Keeps a refusal as the connection's mark. @returns its error; undefined when somebody else has signed in since the row was read */
  mark(stored: Stored, refusal: Refusal, status: number): Promise<ConnectorError | undefined>
}

export function renewal(spec: SignInSpec, ports: RenewalPorts): Renewal {
  const { name, oauth } = spec
  const { records, clock, log, mask, signal } = ports
  const source = tokenSource(spec, ports)

  /** A stored token, where there is one that serves; undefined when one must be asked for. */
  function served(record: TokenRecord, usable: (access: AccessToken) => boolean): AccessToken | undefined {
    const { access, mark, degraded, lease } = record
    if (access && usable(access)) return access
    const now = clock.now()
    if (mark && stillBlocks(mark, now, credentials(oauth))) throw markError(mark)
    if (record.actor === 'person' && !record.refresh) throw markError(notSignedIn(record, now))
    // While somebody asks, what comes of it counts.
    const error = degraded && !lease && stillDegraded(degraded, now)
    if (error) throw error
    return undefined
  }

  /** Also where another process has taken over our lease meanwhile, as long as the sign-in is the one that the tokens came from. */
  async function keep(leased: Stored, tokens: Tokens, found: FoundAuthority): Promise<AccessToken | undefined> {
    mask.add(tokens.accessToken)
    if (tokens.refreshToken !== undefined) mask.add(tokens.refreshToken)
    const kept = await changeWhile(records, leased, sameSignIn(leased), (record) => renewed(record, tokens, found, clock.now()))
    return kept?.record.access
  }

  /** A failure that may pass, for us and in the row for all others. @param lost whether an answer may have been lost with it */
  async function fail(leased: Stored, fault: (since: string) => ConnectorError, lost = false): Promise<ConnectorError> {
    const now = clock.now()
    const since = leased.record.degraded?.since ?? now.toISOString()
    const error = fault(since)
    const degraded = degradedBy(error, since, now)
    const unanswered = lost && leased.record.refresh ? (leased.record.unanswered ?? leased.record.lease?.since) : undefined
    await endLease(records, leased, (record) => ({ ...record, degraded, ...(unanswered !== undefined && { unanswered }) }))
    return stillDegraded(degraded, now) ?? error
  }

  /** There is no answer that can be read; the lease goes back, whatever it was. */
  async function notAnswered(leased: Stored, thrown: unknown): Promise<unknown> {
    if (thrown instanceof NoAnswer) {
      const refusal: Refusal = { class: 'transient', words: thrown.seen, todo: 'Check the network, proxies and `authority`.' }
      return fail(leased, (since) => unavailable(name, refusal, 0, since), thrown.sent)
    }
    if (thrown instanceof ConnectorError && thrown.kind === 'transient' && !signal.aborted) {
      return fail(leased, () => thrown, thrown.code === 'token_answer_unusable')
    }
    await endLease(records, leased, (record) => record)
    return thrown
  }

  /** How a refusal that does not pass is kept. */
  function refused(record: TokenRecord, refusal: Refusal, status: number): TokenRecord & { mark: Mark } {
    const { lease: _, access: __, degraded: ___, ...rest } = record
    const facts = { name, status, now: clock.now(), credentials: credentials(oauth), actor: record.actor, before: record.mark }
    const mark = explained(markOf(refusal, facts), record.unanswered)
    const { refresh: ____, unanswered: _____, ...dead } = rest
    return { ...(killsRefreshToken(mark.kind) ? dead : rest), mark }
  }

  function told(marked: Stored | undefined): ConnectorError | undefined {
    const mark = marked?.record.mark
    if (!mark) return undefined
    log.warn(mark.message, { connection: name })
    return markError(mark)
  }

  return {
    async once(usable, claims) {
      const taken = await takeLease((record) => served(record, usable), ports)
      if ('found' in taken) return taken.found
      const { leased } = taken
      if (leased.record.refresh) mask.add(leased.record.refresh.token)
      const { result, found } = await source.ask(leased.record, claims).catch(async (thrown) => {
        throw await notAnswered(leased, thrown)
      })
      if ('tokens' in result) {
        const access = await keep(leased, result.tokens, found)
        if (access) return access
      } else {
        const { status, body } = result.refused
        // What the endpoint repeats of the request is kept with the refusal, and shown by commands that know no secrets.
        const classified = source.classify({ ...result.refused, body: mask.mask(body) })
        const refusal = judge(classified, result.refused, leased.record.degraded, clock.now())
        if (refusal.class === 'transient') throw await fail(leased, (since) => unavailable(name, refusal, status, since))
        const unmet = claims === undefined ? refusal : { claims, ...refusal }
        const error = told(await endLease(records, leased, (record) => refused(record, unmet, status)))
        if (error) throw error
      }
      // Somebody signed in or dropped the sign-in meanwhile: what is stored then counts.
      return this.once(usable, claims)
    },

    async mark(stored, refusal, status) {
      return told(await changeWhile(records, stored, sameSignIn(stored), (record) => refused(record, refusal, status)))
    },
  }
}

/** Whether a row still holds the sign-in that it held. */
function sameSignIn({ record }: Stored): (now: Stored) => boolean {
  return (now) => now.version > 0 && now.record.refresh?.token === record.refresh?.token
}

/** A refusal may come from an answer that was lost before it. */
function explained(mark: Mark, unanswered: string | undefined): Mark {
  if (unanswered === undefined || !killsRefreshToken(mark.kind)) return mark
  const message = `${mark.message} The runner was killed or cut off while it renewed this sign-in at ${unanswered}: where the authority takes each refresh token once only, the next one was lost with that answer.`
  return { ...mark, message, details: { ...mark.details, rotation_lost: unanswered } }
}

/** The record after a grant: whatever told of earlier requests is gone, an old refresh token stays where no new one came. */
export function renewed(before: TokenRecord, tokens: Tokens, found: FoundAuthority, now: Date): TokenRecord {
  const { lease: _, mark: __, access: ___, degraded: ____, unanswered: _____, ...kept } = before
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
  return new Date(now.getTime() + Math.min(seconds, longestLife) * 1000).toISOString()
}
