import type { Organization } from './open.ts'

/** No table has this name: its deletions are marks that no change tracking reports, and that outlive a restart. */
const mark = ''

/** Delta tokens given so far count as expired; later ones, even without a write in between, are good. */
export async function expireDeltaTokens(organization: Organization): Promise<void> {
  // Not within the open transaction of a request, which may be taken back.
  while (organization.held) await organization.held
  organization.database.run('insert into deleted values (?, ?, ?)', ++organization.version, mark, '')
}

/** Whether a delta token of this row version was expired by order. */
export function isExpired({ database }: Organization, version: number): boolean {
  return version < Number(database.get('select max(version) as version from deleted where "table" = ?', mark)?.version ?? 0)
}
