import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../connector/index.ts'

/** The system's time. */
export const systemClock: Clock = {
  now: () => new Date(),
  // Longer waits than a timer can hold come back early and are waited for again by whoever polls.
  sleep: (ms, signal) => delay(Math.min(ms, 2 ** 31 - 1), undefined, signal ? { signal } : {}),
}
