import type { WriteEvent } from './events.ts'
import type { Organization } from './open.ts'

/**
 * One transaction of writes, all or nothing. Row versions that a failed one used are given back: a delta token must never name a version
 * that a later change will get after a restart.
 */
export function write<T>(organization: Organization, work: () => T): T {
  const goBack = remember(organization)
  try {
    return organization.database.transaction(work)
  } catch (error) {
    goBack()
    throw error
  }
}

/** @returns what brings back all that stands beside the database, for when a transaction is taken back */
export function remember(organization: Organization): () => void {
  const { version, schema, outbox } = organization
  const told = outbox.length
  return () => {
    Object.assign(organization, { version, schema })
    outbox.length = told
  }
}

export function tell(organization: Organization, event: WriteEvent): void {
  organization.outbox.push(event)
  organization.writtenRows++
}
