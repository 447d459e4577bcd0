import type { Organization } from '../organization/open.ts'
import type { User } from './directory.ts'

const columns = 'systemuserid, azureactivedirectoryobjectid, fullname, domainname'

/** The person of the directory is the user whom every new organization has. */
export function seededUser({ schema, database }: Organization): User {
  return asUser(database.get(`select ${columns} from systemuser where systemuserid = ?`, schema.ids.userId)!)
}

/** Every other user of the organization is a person of the directory as well; undefined for a name that none has. */
export function userNamed({ database }: Organization, principalName: string): User | undefined {
  const row = database.get(`select ${columns} from systemuser where lower(domainname) = lower(?)`, principalName)
  return row && asUser(row)
}

function asUser(row: Record<string, unknown>): User {
  const userId = String(row.systemuserid)
  const objectId = String(row.azureactivedirectoryobjectid ?? userId)
  return { userId, objectId, name: String(row.fullname), principalName: String(row.domainname) }
}
