import { WebApiError } from '../error.ts'
import { enumTypes } from '../operations/types.ts'
import { quoted } from '../organization/database.ts'
import type { Caller, Organization } from '../organization/open.ts'
import { stableId, type Table } from '../organization/schema.ts'
import { typeColumn } from '../organization/tables.ts'
import type { Depth, Privileges, Right } from './rules.ts'

/** How far a right reaches; of someone who acts for another, as far as both of them have it (facts sheet "Impersonation"). */
export function depthOf({ privileges }: Organization, caller: Caller, { logicalName, columns }: Table, right: Right): Depth {
  if (privileges.depths.size === 0 || caller.server) return 'organization'
  const depths = usersOf(caller).map((user) => ownDepth(privileges, user, logicalName, right))
  if (depths.includes('none')) return 'none'
  // Rows that have no owner are everybody's or nobody's.
  return depths.includes('user') && columns.get('ownerid')?.type === 'Owner' ? 'user' : 'organization'
}

function ownDepth({ depths }: Privileges, user: string, table: string, right: Right): Depth {
  const known = depths.get(user)
  return known?.get(`${table} ${right}`) ?? known?.get(`* ${right}`) ?? 'organization'
}

/**
 * @param id of the row in question; without one it is the table as a whole, or a row that is being created
 * @throws WebApiError 403 0x80040220
 */
export function requireRight(organization: Organization, caller: Caller, table: Table, right: Right, id?: string): void {
  const depth = depthOf(organization, caller, table, right)
  if (depth === 'none') throw missingPrivilege(organization, caller, table, right)
  if (depth === 'user' && id !== undefined && !reaches(organization, caller, table, right, id))
    throw missingAccess(caller, table, right, id)
}

/** Changes of a table can be asked for by who may read all its rows (facts sheet "Restrictions" of change tracking). @throws WebApiError 403 */
export function requireAllRows(organization: Organization, caller: Caller, table: Table): void {
  if (depthOf(organization, caller, table, 'Read') !== 'organization') throw missingPrivilege(organization, caller, table, 'Read')
}

/** @throws WebApiError 403 0x80040220 */
export function requirePrivilege({ privileges }: Organization, caller: Caller, privilege: string): void {
  const user = usersOf(caller).find((one) => privileges.missing.get(one)?.has(privilege))
  if (user === undefined || caller.server) return
  throw new WebApiError(403, '0x80040220', `${principal(user)}, is missing ${privilege} privilege (Id=${stableId(privilege)}).`)
}

/** Lookups that are set tie a row to another one, for which both tables have a right of their own. */
export function requireTies(organization: Organization, caller: Caller, table: Table, values: ReadonlyMap<string, unknown>): void {
  if (organization.privileges.depths.size === 0) return
  for (const [name, id] of values) {
    const column = table.columns.get(name)
    if (!column?.isLookup || column.readOnly || column.type === 'Owner' || id == null) continue
    const target = organization.schema.tables.get(String(column.polymorphic ? values.get(typeColumn(column)) : column.lookups[0]?.target))
    requireRight(organization, caller, table, 'Append')
    if (target) requireRight(organization, caller, target, 'AppendTo', String(id))
  }
}

/** What stands for a table in SQL when only the rows that the caller may read shall be seen. @throws WebApiError 403 without any right to read */
export function readable(organization: Organization, caller: Caller, table: Table): string {
  const depth = depthOf(organization, caller, table, 'Read')
  const name = quoted(table.logicalName)
  if (depth === 'organization') return name
  if (depth === 'none') throw missingPrivilege(organization, caller, table, 'Read')
  return `(select r.* from ${name} r where ${mine(caller, table, 'Read', 'r')})`
}

export function reaches({ database }: Organization, caller: Caller, table: Table, right: Right, id: string): boolean {
  const sql = `select 1 from ${quoted(table.logicalName)} r where r.${quoted(table.primaryId)} = ? and ${mine(caller, table, right, 'r')}`
  return database.get(sql, id) !== undefined
}

/** That a row is owned by the user or by a team of the user, or was shared with them. Ids come from the database and hold no quotes. */
function mine({ userId }: Caller, table: Table, right: Right, alias: string): string {
  const teams = `select teamid from teammembership where systemuserid = '${userId}'`
  const mask = enumTypes.AccessRights![`${right}Access`]
  const shared = `select a.objectid from principalobjectaccess a where a.accessrightsmask & ${mask} and (a.principalid = '${userId}' or a.principalid in (${teams}))`
  const owner = `${alias}.ownerid`
  return `(${owner} = '${userId}' or ${owner} in (${teams}) or ${alias}.${quoted(table.primaryId)} in (${shared}))`
}

function usersOf({ userId, onBehalfOf }: Caller): string[] {
  return onBehalfOf === undefined ? [userId] : [userId, onBehalfOf]
}

function missingPrivilege({ privileges }: Organization, caller: Caller, table: Table, right: Right): WebApiError {
  const { logicalName, schemaName, objectTypeCode } = table
  const user = usersOf(caller).find((one) => ownDepth(privileges, one, logicalName, right) !== 'organization') ?? caller.userId
  const privilege = `prv${right}${schemaName}`
  return new WebApiError(
    403,
    '0x80040220',
    `${principal(user)}, is missing ${privilege} privilege (Id=${stableId(privilege)}) on OTC=${objectTypeCode} for entity '${logicalName}'.`,
  )
}

function missingAccess({ userId }: Caller, { logicalName, objectTypeCode }: Table, right: Right, id: string): WebApiError {
  return new WebApiError(
    403,
    '0x80040220',
    `${principal(userId)}, is missing ${right}Access rights on OTC=${objectTypeCode} for entity '${logicalName}' (Id=${id}).`,
  )
}

function principal(userId: string): string {
  return `Principal user (Id=${userId}, type=8, roleCount=1, privilegeCount=100, accessMode=0)`
}
