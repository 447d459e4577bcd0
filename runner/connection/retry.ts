import type { Clock } from '../connector/index.ts'

export interface RetryOptions {
  /** Milliseconds before the second, third, … try; its length bounds the tries. */
  delays: readonly number[]
  clock: Clock
  random(): number
  signal?: AbortSignal
  /** Milliseconds that all waits together may take; one that would lead beyond is not begun. */
  mostWaitMs?: number
  /** Whether the failure may pass, and how long the other side asked us to wait at least, in milliseconds. */
  mayPass(error: Error): { atLeastMs?: number } | undefined
}

/** Tries again under the injected clock; p-retry's own timers stay at zero. Delays have jitter: between half of them and the whole. */
export async function retrying<T>(
  task: () => Promise<T>,
  { delays, clock, random, signal, mostWaitMs = Number.POSITIVE_INFINITY, mayPass }: RetryOptions,
): Promise<T> {
  if (delays.length === 0) return task()
  const { default: pRetry } = await import('p-retry')
  let waited = 0
  return pRetry(task, {
    retries: delays.length,
    minTimeout: 0,
    maxTimeout: 0,
    ...(signal && { signal }),
    shouldRetry: async ({ error, retriesConsumed }) => {
      const pass = mayPass(error)
      if (!pass) return false
      const delay = (delays[retriesConsumed] ?? 0) * (0.5 + random() / 2)
      const wait = Math.max(delay, pass.atLeastMs ?? 0)
      waited += wait
      if (waited > mostWaitMs) return false
      await clock.sleep(wait, signal)
      return true
    },
  })
}
