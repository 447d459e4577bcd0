import { type Clock, ConnectorError, type Log } from '../connector/index.ts'
import { credentials } from './fingerprint.ts'
import type { Http } from './http.ts'
import { notSignedIn, stillBlocks } from './marks.ts'
import type { MaskRegistry } from './mask.ts'
import { openRecords, type SignInSpec } from './record.ts'
import { Refused, renewal } from './renew.ts'
import { retrying } from './retry.ts'
import type { AccessToken, Mark, TokenStore } from './token-store.ts'

/** Before the second, third, … try; facts sheet "Throttling of the token endpoint". */
const retryDelaysMs = [1_000, 2_000, 4_000, 8_000, 16_000]
/** A refusal that is known to come and go is believed when it comes twice. */
const secondLookMs = 5_000
/** How long an access token that still holds is used before the token endpoint is asked again. */
const restMs = 30_000
const mostSkewMs = 300_000

export interface AccessPorts {
  tokens: TokenStore
  http: Http
  clock: Clock
  log: Log
  random(): number
  mask: MaskRegistry
}

/** The access token of one connection, renewed in one place for all who wait. */
export interface Access {
  /**
   * @throws ConnectorError `auth` `reconnect_needed`, `credentials_refused`, `sign_in_needed`; `transient` `token_endpoint_unavailable`; `rejected` `connection_changed`
   */
  token(signal?: AbortSignal): Promise<string>
  /** The system refused this token: it is not used again, here or from the store. */
  drop(token: string): void
  /** Reads the store, asks nobody. */
  signInNeeded(): Promise<Mark | undefined>
  /** Ends a renewal that is under way. */
  close(): Promise<void>
}

export function openAccess(spec: SignInSpec, { tokens, http, clock, log, random, mask }: AccessPorts): Access {
  const closing = new AbortController()
  const records = openRecords(spec, tokens, clock)
  const renew = renewal(spec, { records, http, clock, mask, signal: closing.signal })
  let current: AccessToken | undefined
  let dropped: string | undefined
  let resting = 0
  let renewing: Promise<string> | undefined

  const holds = (access: AccessToken) => access.token !== dropped && clock.now().getTime() < Date.parse(access.expiresAt)
  const fresh = (access: AccessToken) => holds(access) && clock.now().getTime() < Date.parse(access.expiresAt) - skewMs(access)

  /** The stored token first: another process may have renewed it. */
  async function next(): Promise<string> {
    const stored = (await records.read()).record.access
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

  /** @param patient whether nothing goes on without a token, so that a failure that may pass is waited out */
  async function renewedToken(patient: boolean): Promise<AccessToken> {
    let looks = 0
    const mayPass = (error: Error) => {
      if (error instanceof ConnectorError) return patient && error.kind === 'transient' ? {} : undefined
      if (!(error instanceof Refused)) return undefined
      const { class: meaning, atLeastMs, tryOnceMore } = error.refusal
      if (meaning === 'transient') return patient ? { ...(atLeastMs !== undefined && { atLeastMs }) } : undefined
      return tryOnceMore && looks++ === 0 ? { atLeastMs: secondLookMs } : undefined
    }
    try {
      return await retrying(() => renew.once(fresh), { delays: retryDelaysMs, clock, random, signal: closing.signal, mayPass })
    } catch (thrown) {
      if (!(thrown instanceof Refused) || thrown.refusal.class === 'transient') {
        await renew.release()
        throw thrown instanceof Refused ? unavailable(spec.name, thrown) : thrown
      }
      const error = await renew.mark(thrown)
      if (!error) return renew.once(fresh)
      log.warn(error.message, { connection: spec.name })
      throw error
    }
  }

  return {
    async token(signal) {
      signal?.throwIfAborted()
      if (current && (fresh(current) || (holds(current) && clock.now().getTime() < resting))) return current.token
      renewing ??= next().finally(() => {
        renewing = undefined
      })
      return orAborted(renewing, signal)
    },

    drop(token) {
      dropped = token
      if (current?.token === token) current = undefined
    },

    async signInNeeded() {
      const { record } = await records.read()
      const now = clock.now()
      if (record.mark && stillBlocks(record.mark, now, credentials(spec.oauth))) return record.mark
      const usable = record.actor === 'app' || record.refresh || (record.access && holds(record.access))
      return usable ? undefined : notSignedIn(record, now)
    },

    async close() {
      closing.abort(new ConnectorError('transient', 'no_answer', `The connection "${spec.name}" was closed meanwhile. Open it again.`))
      await renewing?.catch(() => undefined)
    },
  }
}

/** Renewed 5 minutes before the end, or at half the life of a short one. */
function skewMs({ obtainedAt, expiresAt }: AccessToken): number {
  return Math.min(mostSkewMs, (Date.parse(expiresAt) - Date.parse(obtainedAt)) / 2)
}

function unavailable(name: string, { refusal, status }: Refused): ConnectorError {
  const { number, traceId, words, todo, atLeastMs } = refusal
  return new ConnectorError(
    'transient',
    'token_endpoint_unavailable',
    `The token endpoint of the connection "${name}" gives no answer that counts (${status || 'none'}: ${words}). ${todo} The sign-in itself is not in doubt.`,
    {
      details: { ...(number && { number }), ...(traceId && { trace_id: traceId }) },
      ...(status > 0 && { status }),
      ...(atLeastMs !== undefined && { retryAfterMs: atLeastMs }),
    },
  )
}

/** The renewal goes on for the others when one caller gives up. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
