import type { Organization } from '../organization/open.ts'
import type { User } from './directory.ts'

/** The person of the directory is the user whom every new organization has. */
export function seededUser({ schema, database }: Organization): User {
  const { userId, userObjectId } = schema.ids
  const row = database.get('select fullname, domainname from systemuser where systemuserid = ?', userId)
  return { userId, objectId: userObjectId, name: String(row?.fullname), principalName: String(row?.domainname) }
}
