import { type Clock, ConnectorError, type Log } from '../connector/index.ts'
import { generalTodo, type Refusal } from './authorities/authority.ts'
import type { End } from './ends.ts'
import { credentials } from './fingerprint.ts'
import type { Http } from './http.ts'
import { asked, notSignedIn, stillBlocks } from './marks.ts'
import type { MaskRegistry } from './mask.ts'
import { openRecords, type SignInSpec } from './record.ts'
import { renewal } from './renew.ts'
import { retrying } from './retry.ts'
import { isAlive, isFresh, stateOf } from './states.ts'
import type { AccessToken, Mark, TokenRecord, TokenStore } from './token-store.ts'

/** Before the second, third, … try; facts sheet "Throttling of the token endpoint". */
const retryDelaysMs = [1_000, 2_000, 4_000, 8_000, 16_000]
/** How long an access token that still holds is used before the token endpoint is asked again. */
const restMs = 30_000
/** How long the token in memory is used before the store is asked again: elsewhere somebody may have signed in as another person, or dropped the sign-in. */
const trustMs = 60_000

export interface AccessPorts {
  tokens: TokenStore
  http: Http
  clock: Clock
  log: Log
  random(): number
  mask: MaskRegistry
  /** How long a request may wait for its token while the token endpoint fails; milliseconds, default what the tries take. */
  patienceMs?: number
}

/** The access token of one connection, renewed in one place for all who wait. */
export interface Access {
  /**
   * @throws ConnectorError `auth` `reconnect_needed`, `credentials_refused`, `sign_in_needed`; `transient` `token_endpoint_unavailable`; `rejected` `connection_changed`
   */
  token(signal?: AbortSignal): Promise<string>
  /**
   * A new token, though the old one may still hold: this is what prolongs a sign-in that lives on with use.
   * @throws ConnectorError as `token`
   */
  renew(): Promise<void>
  /**
   * The system refused this token: it is not used again, here or from the store.
   * @param claims what it wants of the next one
   */
  drop(token: string, claims?: string): void
  /** The system's claims were not met by a renewal, so that a person must meet them. @returns the error of the mark; undefined where no person signs in */
  unmet(claims: string): Promise<Error | undefined>
  /** The system refuses whoever signed in. Keeps that with the time that it began. @returns what `fault` makes of that time */
  bar(fault: (since: string) => ConnectorError): Promise<ConnectorError>
  /** The system took a request, so that nobody is barred. */
  admit(): Promise<void>
  /** Reads the store, asks nobody. */
  signInNeeded(): Promise<Mark | undefined>
  /** Lets the next use ask the token endpoint, though it refused and the credentials are the same, or asked for a pause that is not over. */
  askAgain(): Promise<void>
  /** What is known to end, soonest first. Reads the store, asks nobody. */
  ends(): Promise<End[]>
  /** Ends a renewal that is under way. */
  close(): Promise<void>
}

export function openAccess(spec: SignInSpec, { tokens, http, clock, log, random, mask, patienceMs }: AccessPorts): Access {
  const closing = new AbortController()
  const records = openRecords(spec, tokens, clock)
  const patience = patienceMs === undefined ? {} : { patienceMs }
  const renew = renewal(spec, { records, tokens, http, clock, log, mask, signal: closing.signal, ...patience })
  let current: AccessToken | undefined
  let dropped: string | undefined
  let claims: string | undefined
  let barred = false
  let resting = 0
  let readAt = 0
  let renewing: Promise<string> | undefined
  /** What stands in the way while tokens are waited for. */
  let trouble: ConnectorError | undefined

  const holds = (access: AccessToken) => access.token !== dropped && isAlive(access, clock.now())
  const fresh = (access: AccessToken) => access.token !== dropped && isFresh(access, clock.now())

  /** The stored token first: another process may have renewed it. */
  async function next(): Promise<string> {
    const { record } = await records.read()
    readAt = clock.now().getTime()
    barred = record.barred !== undefined
    const stored = record.access
    if (stored && holds(stored)) {
      mask.add(stored.token)
      current = stored
      if (fresh(stored)) return stored.token
    }
    const spare = current && holds(current) ? current : undefined
    try {
      current = await renewedToken(spare === undefined)
      mask.add(current.token)
      return current.token
    } catch (thrown) {
      if (!spare || !(thrown instanceof ConnectorError) || thrown.kind !== 'transient') throw thrown
      resting = clock.now().getTime() + restMs
      log.warn('the access token could not be renewed yet; the old one still holds', {
        connection: spec.name,
        until: spare.expiresAt,
        why: thrown.message,
      })
      return spare.token
    }
  }

  /**
   * @param patient whether nothing goes on without a token, so that a failure that may pass is waited out
   * @param usable which stored token makes asking needless
   */
  async function renewedToken(patient: boolean, usable = fresh): Promise<AccessToken> {
    const mayPass = (error: Error) => {
      if (closing.signal.aborted) return undefined
      trouble = error instanceof ConnectorError && error.kind === 'transient' ? error : undefined
      if (!trouble || !patient) return undefined
      return trouble.retryAfterMs === undefined ? {} : { atLeastMs: trouble.retryAfterMs }
    }
    try {
      const token = await retrying(() => renew.once(usable, claims), {
        delays: retryDelaysMs,
        clock,
        random,
        signal: closing.signal,
        ...(patienceMs !== undefined && { mostWaitMs: patienceMs }),
        mayPass,
      })
      claims = undefined
      return token
    } catch (thrown) {
      throw closing.signal.aborted ? (trouble ?? thrown) : thrown
    }
  }

  /** Reads, changes and writes until nobody else was faster; a row that was deleted does not come back. @param change undefined: leave it */
  async function update(change: (record: TokenRecord) => TokenRecord | undefined): Promise<void> {
    for (;;) {
      const stored = await records.read()
      const changed = stored.version > 0 ? change(stored.record) : undefined
      if (!changed || (await records.write(stored, changed))) return
    }
  }

  return {
    async token(signal) {
      signal?.throwIfAborted()
      const now = clock.now().getTime()
      if (current && now - readAt < trustMs && (fresh(current) || (holds(current) && now < resting))) return current.token
      renewing ??= next().finally(() => {
        renewing = undefined
        trouble = undefined
      })
      return orAborted(renewing, signal, () => trouble ?? signal?.reason)
    },

    async renew() {
      const began = clock.now().getTime()
      // Whoever renews at the same moment does it for us as well.
      current = await renewedToken(true, ({ obtainedAt }) => Date.parse(obtainedAt) > began)
      readAt = clock.now().getTime()
      mask.add(current.token)
    },

    drop(token, wanted) {
      dropped = token
      claims = wanted
      if (current?.token === token) current = undefined
    },

    async unmet(wanted) {
      const stored = await records.read()
      if (stored.record.actor === 'app') return undefined
      current = undefined
      claims = undefined
      return renew.mark(stored, unmetClaims(wanted), 401)
    },

    async bar(fault) {
      const now = clock.now().toISOString()
      let error = fault(now)
      await update((record) => {
        const { barred: before } = record
        error = fault(before?.code === error.code ? before.since : now)
        // Shown by commands that know no secrets.
        const words = mask.mask(error.message)
        return before?.code === error.code ? undefined : { ...record, barred: { code: error.code, words, since: now } }
      })
      barred = true
      return error
    },

    async admit() {
      if (!barred) return
      barred = false
      await update(({ barred: was, ...record }) => was && record)
    },

    async signInNeeded() {
      const { record } = await records.read()
      const now = clock.now()
      if (record.mark && stillBlocks(record.mark, now, credentials(spec.oauth))) return record.mark
      const { access, mark: _, ...rest } = record
      const state = stateOf(access && holds(access) ? { ...rest, access } : rest, now)
      return state === 'new' || state === 'disconnected' ? notSignedIn(record, now) : undefined
    },

    askAgain: () =>
      update(({ mark, degraded, ...record }) => {
        const at = clock.now().toISOString()
        const again = { ...record, ...(mark && { mark: asked(mark) }), ...(degraded && { degraded: { ...degraded, notBefore: at } }) }
        return mark || degraded ? again : undefined
      }),
    ends: () => records.ends(),

    async close() {
      closing.abort(new ConnectorError('transient', 'no_answer', `The connection "${spec.name}" was closed meanwhile. Open it again.`))
      await renewing?.catch(() => undefined)
    },
  }
}

function unmetClaims(claims: string): Refusal {
  return {
    class: 'reconnect',
    kind: 'mfa',
    by: 'the organization',
    error: 'insufficient_claims',
    words: 'it wants more of the sign-in than a renewal can bring.',
    claims,
    todo: generalTodo.mfa,
  }
}

/** The renewal goes on for the others when one caller gives up. @param reason what the caller is told then */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined, reason: () => unknown): Promise<T> {
  if (!signal) return promise
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(reason())
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
