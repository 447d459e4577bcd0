import { ConnectorError } from '../connector/index.ts'
import type { Refusal, TokenAnswer } from './authorities/authority.ts'
import { retryAfterMs } from './http.ts'
import type { Degraded } from './token-store.ts'

/** While it fails, the pause grows with the time that it has failed for. Facts sheet "Throttling of the token endpoint". */
const [shortestPauseMs, longestPauseMs] = [1_000, 16_000]
/** Whoever asks for a longer pause is not believed, and a later time comes from a clock that was wrong. */
const mostPauseMs = 3_600_000
/** A refusal that is known to come and go is believed when it comes twice, with so much between. */
const secondLookMs = 5_000

/** What an answer without tokens asks for, in the light of how renewals failed before. */
export function judge(refusal: Refusal, { headers }: TokenAnswer, before: Degraded | undefined, now: Date): Refusal {
  const isFirst = refusal.tryOnceMore && (refusal.number === undefined || before?.details.number !== refusal.number)
  if (isFirst) return { ...refusal, class: 'transient', atLeastMs: secondLookMs }
  const atLeastMs = retryAfterMs(headers, now) ?? refusal.atLeastMs
  return { ...refusal, ...(atLeastMs !== undefined && { atLeastMs }) }
}

/** The error of a refusal that may pass. @param status HTTP status, 0 without an answer */
export function unavailable(name: string, refusal: Refusal, status: number, since: string): ConnectorError {
  const { number, traceId, words, todo, atLeastMs } = refusal
  return new ConnectorError(
    'transient',
    'token_endpoint_unavailable',
    `The token endpoint of the connection "${name}" gives no answer that counts since ${since} (${status > 0 ? `${status}: ` : ''}${words}). ${todo} The sign-in itself is not in doubt.`,
    {
      details: { since, ...(number && { number }), ...(traceId && { trace_id: traceId }) },
      ...(status > 0 && { status }),
      ...(atLeastMs !== undefined && { retryAfterMs: atLeastMs }),
    },
  )
}

/** How an error that may pass is left for all who wait for the same token: nobody asks again before the pause is over that was asked for, or a growing one. */
export function degradedBy({ code, message, status, details, retryAfterMs }: ConnectorError, since: string, now: Date): Degraded {
  const grownMs = Math.min(longestPauseMs, now.getTime() - Date.parse(since))
  const pauseMs = Math.min(mostPauseMs, Math.max(shortestPauseMs, retryAfterMs ?? grownMs))
  const notBefore = new Date(now.getTime() + pauseMs).toISOString()
  return { code, words: message, since, notBefore, details, ...(status !== undefined && { status }) }
}

/** What everybody gets who comes before the pause is over; undefined when one may ask. */
export function stillDegraded({ code, words, status, details, notBefore }: Degraded, now: Date): ConnectorError | undefined {
  const retryAfterMs = Date.parse(notBefore) - now.getTime()
  if (retryAfterMs <= 0 || retryAfterMs > mostPauseMs) return undefined
  return new ConnectorError('transient', code, words, { details, retryAfterMs, ...(status !== undefined && { status }) })
}
