import { badPayload } from '../error.ts'
import { textOf } from '../json.ts'
import { quoted } from '../organization/database.ts'
import type { Caller, Organization } from '../organization/open.ts'
import { stableId } from '../organization/schema.ts'
import { write } from '../organization/write.ts'
import { depthOf, reaches, requireRight } from '../privileges/check.ts'
import type { Right } from '../privileges/rules.ts'
import type { Operation, OperationContext, Parameter } from './operation.ts'
import { type RowReference, rowParameter } from './rows.ts'
import { enumNumber, enumTypes } from './types.ts'

const target: Parameter = { name: 'Target', type: 'mscrm.crmbaseentity' }
const principalAccess: Parameter = { name: 'PrincipalAccess', type: 'mscrm.PrincipalAccess' }
const action: Pick<Operation, 'kind' | 'sheet'> = { kind: 'action', sheet: '12.3' }

/** Shares a row; rights that it was shared with before stay. */
export const grantAccess: Operation = {
  ...action,
  name: 'GrantAccess',
  about: 'shares a row with a user or team',
  parameters: [target, principalAccess],
  run: (context) => share(context, (before, mask) => before | mask),
}

/** Replaces the rights that a row is shared with. */
export const modifyAccess: Operation = {
  ...action,
  name: 'ModifyAccess',
  about: 'changes how a row is shared with a user or team',
  parameters: [target, principalAccess],
  run: (context) => share(context, (_, mask) => mask),
}

export const revokeAccess: Operation = {
  ...action,
  name: 'RevokeAccess',
  about: 'ends the sharing of a row with a user or team',
  parameters: [target, { name: 'Revokee', type: 'mscrm.principal' }],
  run({ call, organization, parameters }) {
    const row = rowParameter(organization, parameters.Target, 'crmbaseentity')
    requireRight(organization, call.caller, row.table, 'Share', row.id)
    store(organization, row, rowParameter(organization, parameters.Revokee, 'principal'), () => 0)
    return undefined
  },
}

export const retrievePrincipalAccess: Operation = {
  name: 'RetrievePrincipalAccess',
  kind: 'function',
  sheet: '12.3',
  about: 'what a user or team may do with a row',
  binding: { to: 'row', tables: ['systemuser', 'team'] },
  parameters: [target],
  returns: [{ name: 'AccessRights', type: 'mscrm.AccessRights' }],
  run({ organization, table, id, parameters }) {
    const row = rowParameter(organization, parameters.Target, 'crmbaseentity')
    const caller = { userId: id! }
    const held = (name: string) =>
      table!.logicalName === 'team'
        ? sharedMask(organization, row, id!) & enumTypes.AccessRights![name]!
        : holds(organization, caller, row, name)
    const names = Object.keys(enumTypes.AccessRights!).filter((name) => name !== 'None' && held(name))
    return { AccessRights: names.join(', ') || 'None' }
  },
}

function holds(organization: Organization, caller: Caller, { table, id }: RowReference, access: string): boolean {
  const right = access.replace(/Access$/, '') as Right
  const depth = depthOf(organization, caller, table, right)
  return depth === 'organization' || (depth === 'user' && reaches(organization, caller, table, right, id))
}

function share({ call, organization, parameters }: OperationContext, change: (before: number, mask: number) => number): undefined {
  const { Principal, AccessMask } = parameters.PrincipalAccess as { Principal: unknown; AccessMask: unknown }
  const row = rowParameter(organization, parameters.Target, 'crmbaseentity')
  requireRight(organization, call.caller, row.table, 'Share', row.id)
  const text = textOf(AccessMask)
  const mask = /^\d{1,9}$/.test(text) ? Number(text) : enumNumber('AccessRights', text)
  if (mask === undefined) throw badPayload('PrincipalAccess', "The property 'AccessMask' must be made of the members of AccessRights.")
  store(organization, row, rowParameter(organization, Principal, 'principal'), (before) => change(before, mask))
  return undefined
}

function store(organization: Organization, row: RowReference, principal: RowReference, change: (before: number) => number): void {
  const { database } = organization
  const mask = change(sharedMask(organization, row, principal.id))
  write(organization, () => {
    database.run('delete from principalobjectaccess where objectid = ? and principalid = ?', row.id, principal.id)
    if (mask === 0) return
    const columns = [
      'principalobjectaccessid',
      'objectid',
      'objecttypecode',
      'principalid',
      'principaltypecode',
      'accessrightsmask',
      'versionnumber',
    ]
    const values = [stableId(`${row.id} ${principal.id}`), row.id, row.table.logicalName, principal.id, principal.table.logicalName, mask]
    const sql = `insert into principalobjectaccess (${columns.map(quoted).join(', ')}) values (${columns.map(() => '?').join(', ')})`
    database.run(sql, ...values, ++organization.version)
  })
}

function sharedMask({ database }: Organization, row: { id: string }, principalId: string): number {
  const sql = 'select accessrightsmask from principalobjectaccess where objectid = ? and principalid = ?'
  return Number(database.get(sql, row.id, principalId)?.accessrightsmask ?? 0)
}
