import type { WriteEvent } from './events.ts'
import type { Organization } from './open.ts'

/**
 * One transaction of writes, all or nothing. Row versions that a failed one used are given back: a delta token must never name a version
 * that a later change will get after a restart.
 */
export function write<T>(organization: Organization, work: () => T): T {
  const before = organization.version
  const told = organization.outbox.length
  try {
    return organization.database.transaction(work)
  } catch (error) {
    organization.version = before
    organization.outbox.length = told
    throw error
  }
}

export function tell(organization: Organization, event: WriteEvent): void {
  organization.outbox.push(event)
  organization.writtenRows++
}
