import type { Organization } from './open.ts'

/**
 * The lowest row version that was given out to a write that has not taken effect yet; undefined without one.
 * A delta token must stay below it: what takes effect later under that version would be missed for good.
 */
export function lowestPending({ pending }: Pick<Organization, 'pending'>): number | undefined {
  return pending.size === 0 ? undefined : Math.min(...pending)
}
