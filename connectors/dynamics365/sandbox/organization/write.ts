import type { WriteEvent } from './events.ts'
import type { Organization } from './open.ts'

/**
 * One transaction of writes, all or nothing. Row versions that a failed one used are given back: a delta token must never name a version
 * that a later change will get after a restart.
 */
export function write<T>(organization: Organization, work: () => T): T {
  const before = organization.version
  try {
    return organization.database.transaction(work)
  } catch (error) {
    organization.version = before
    throw error
  }
}

export function tell(organization: Organization, event: WriteEvent): void {
  const { listeners } = organization
  organization.writtenRows++
  for (const listener of listeners) listener(event)
}
