import type { Organization } from './open.ts'

/** Versions that one late write may use: its own and those of the rows that it changes along. */
const blockSize = 1_000

/** A write that has its versions and its time, and takes effect later. */
export interface LateWrite {
  /** Runs it under them; once. */
  run<T>(work: () => T): T
}

/**
 * Gives out the versions and the time of a write that takes effect later, as long transactions of a database do: whoever polls by time or version
 * sees the row appear behind the place that it has read to.
 */
export function reserve(organization: Organization): LateWrite {
  const first = organization.version + 1
  const last = organization.version + blockSize
  const time = organization.clock()
  organization.version = last
  organization.pending.add(first)
  return {
    run(work) {
      const [version, clock] = [organization.version, organization.clock]
      Object.assign(organization, { version: first - 1, clock: () => time })
      try {
        return work()
      } finally {
        Object.assign(organization, { version: Math.max(version, organization.version), clock })
        organization.pending.delete(first)
      }
    },
  }
}
