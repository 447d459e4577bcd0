import { WebApiError } from '../error.ts'
import { fromBody, type Values } from '../organization/body.ts'
import { quoted } from '../organization/database.ts'
import type { Organization } from '../organization/open.ts'
import type { Table } from '../organization/schema.ts'
import { typeColumn } from '../organization/tables.ts'
import { updateRow } from '../organization/update.ts'
import { write } from '../organization/write.ts'
import type { Operation, OperationContext } from './operation.ts'
import { type RowReference, rowParameter, typeOf } from './rows.ts'

const tables = ['account', 'contact', 'lead', 'incident']

/** The subordinate row is deactivated, and the rows that point at it point at the target from then on. */
export const merge: Operation = {
  name: 'Merge',
  kind: 'action',
  sheet: '12.5',
  about: 'merges two rows into one',
  parameters: [
    { name: 'Target', type: 'mscrm.crmbaseentity' },
    { name: 'Subordinate', type: 'mscrm.crmbaseentity' },
    { name: 'UpdateContent', type: 'mscrm.crmbaseentity', optional: true },
    { name: 'PerformParentingChecks', type: 'Edm.Boolean' },
  ],
  run(context) {
    const { organization, parameters } = context
    const [target, subordinate] = [parameters.Target, parameters.Subordinate].map((one) => rowParameter(organization, one, 'crmbaseentity'))
    check(target!, subordinate!)
    write(organization, () => mergeRows(context, target!, subordinate!))
    return undefined
  },
}

function check(target: RowReference, subordinate: RowReference): void {
  if (!tables.includes(target.table.logicalName))
    throw new WebApiError(400, '0x80048d19', `Rows of ${target.table.logicalName} cannot be merged; those of ${tables.join(', ')} can.`)
  if (target.table !== subordinate.table || target.id === subordinate.id)
    throw new WebApiError(400, '0x80048d19', 'Two different rows of one table are merged.')
}

function mergeRows({ call, organization, parameters }: OperationContext, target: RowReference, subordinate: RowReference): void {
  const { table } = target
  const content = parameters.UpdateContent as Record<string, unknown> | undefined
  if (content && table.logicalName !== 'incident') {
    const values = fromBody(organization, typeOf(organization, content, table.logicalName), content)
    updateRow(organization, table, target.id, values, call.caller)
  }
  for (const collection of table.collections.values())
    if (!collection.through)
      reparent(organization, organization.schema.tables.get(collection.table)!, collection.lookup.column, target, subordinate, call)
  const off: Values = new Map<string, string | number>([
    ['statecode', table.logicalName === 'account' || table.logicalName === 'contact' ? 1 : 2],
  ])
  if (table.logicalName === 'incident') off.set('statuscode', 2000)
  off.set('masterid', target.id)
  if (table.columns.has('merged')) off.set('merged', 1)
  updateRow(organization, table, subordinate.id, off, call.caller)
}

function reparent(
  organization: Organization,
  child: Table,
  name: string,
  target: RowReference,
  subordinate: RowReference,
  call: OperationContext['call'],
): void {
  const column = child.columns.get(name)!
  if (name === 'masterid' || column.readOnly) return
  const sql = `select ${quoted(child.primaryId)} as id from ${quoted(child.logicalName)} where ${quoted(name)} = ?`
  for (const { id } of organization.database.all(sql, subordinate.id)) {
    const values: Values = new Map([[name, target.id]])
    if (column.polymorphic) values.set(typeColumn(column), target.table.logicalName)
    if (!(child === target.table && id === target.id)) updateRow(organization, child, String(id), values, { ...call.caller, server: true })
  }
}
