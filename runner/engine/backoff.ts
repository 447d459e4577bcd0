import type { RetryPolicy } from '../recipe/recipe.ts'

/**
 * Milliseconds to wait before try number `tries + 1`: exponential with full jitter, so that many jobs that failed together do not come back together.
 * @param tries how many have failed so far, at least 1
 */
export function backoff(policy: RetryPolicy, tries: number, random: () => number): number {
  const ceiling = Math.min(policy.maxDelayMs, policy.delayMs * 2 ** (tries - 1))
  return Math.round(random() * ceiling)
}
