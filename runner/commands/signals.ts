const longestTimerMs = 2 ** 31 - 1

/** A signal for one piece of work. */
export interface ShortSignal {
  signal: AbortSignal
  /** To be called when the work is over. */
  release(): void
}

/**
 * Aborted with its source, or when the time is up.
 *
 * `AbortSignal.any` will not do for work that is repeated: each signal that it made and that was listened to stays in memory for as long as the source lives.
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
    },
  }
}
