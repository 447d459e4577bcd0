const longestTimerMs = 2 ** 31 - 1

/** A signal for one piece of work. */
export interface ShortSignal {
  signal: AbortSignal
  /** To be called when the work is over: aborts what was derived of it, which stays in memory otherwise. */
  release(): void
}

/**
 * Aborted with its source, or when the time is up.
 *
 * `AbortSignal.any` of a long-lived source will not do for work that is repeated: each signal that it made and that was listened to stays in memory until one of its sources aborts.
 */
export function shortSignal(source: AbortSignal, afterMs?: number): ShortSignal {
  const own = new AbortController()
  const abort = () => own.abort(source.reason)
  const timer =
    afterMs === undefined ? undefined : setTimeout(() => own.abort(new Error('the time is up')), Math.min(afterMs, longestTimerMs))
  if (source.aborted) abort()
  source.addEventListener('abort', abort, { once: true })
  return {
    signal: own.signal,
    release() {
      clearTimeout(timer)
      source.removeEventListener('abort', abort)
      own.abort(new Error('the work is over'))
    },
  }
}
