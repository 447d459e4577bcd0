import { readSeed } from '../organization/seed.ts'
import type { User } from './directory.ts'

/** The person of the directory is the user whom every new organization has. */
export function seededUser(): User {
  const { ids, rows } = readSeed()
  const row = rows.find(({ table, row }) => table === 'systemuser' && row.systemuserid === ids.userId)?.row ?? {}
  return {
    userId: ids.userId,
    objectId: ids.userObjectId,
    name: `${row.firstname} ${row.lastname}`,
    principalName: String(row.domainname),
  }
}
