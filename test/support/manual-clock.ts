import type { Clock } from '../../runner/connector/index.ts'

/** Time that moves only by sleeping, or by `pass`. */
export interface ManualClock extends Clock {
  slept: number[]
  pass(ms: number): void
}

export function manualClock(start = new Date('2026-03-01T08:00:00Z')): ManualClock {
  let now = start.getTime()
  const slept: number[] = []
  return {
    slept,
    now: () => new Date(now),
    pass(ms) {
      now += ms
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      slept.push(ms)
      // A turn of the event loop, so that whoever runs beside gets on.
      await new Promise((resolve) => setImmediate(resolve))
      signal?.throwIfAborted()
      now += ms
    },
  }
}
