import { badPayload, WebApiError } from '../error.ts'
import { textOf } from '../json.ts'
import { parseKey } from '../odata/key.ts'
import { requireRow } from '../organization/find.ts'
import type { Organization } from '../organization/open.ts'
import { ownerTables, type Table } from '../organization/schema.ts'
import { isGuid } from '../organization/values.ts'

/** A row that a parameter names. */
export interface RowReference {
  table: Table
  id: string
  /** The parameter itself: further values of the row. */
  values: Record<string, unknown>
}

/**
 * The row that a parameter names with its primary key or with `@odata.id` (facts sheet "Row parameters in actions").
 * @param type of the parameter without namespace: a table, or `crmbaseentity` or the like, which needs an `@odata.type`
 * @throws WebApiError 400 without type or key, 404 for a row that there is not
 */
export function rowParameter(organization: Organization, value: unknown, type: string): RowReference {
  const values = (value ?? {}) as Record<string, unknown>
  if (typeof values['@odata.id'] === 'string') return byAddress(organization, values, values['@odata.id'])
  const table = typeOf(organization, values, type)
  const id = values[table.primaryId] ?? (ownerTables.includes(table.logicalName) ? values.ownerid : undefined)
  if (!isGuid(id)) throw new WebApiError(400, '0x80048d19', 'EdmEntityObject passed should have the key property value set.')
  return { table, id: requireRow(organization, table, { id: id.toLowerCase() }), values }
}

/** The table of a row parameter, which need not be stored. @throws WebApiError 400 */
export function typeOf({ schema }: Organization, values: Record<string, unknown>, type: string): Table {
  const named = /^#?Microsoft\.Dynamics\.CRM\.(\w+)$/.exec(textOf(values['@odata.type']))?.[1]
  const table = schema.tables.get(named ?? type)
  if (table && (type === named || named === undefined || !schema.tables.has(type))) return table
  throw badPayload(type, `The '@odata.type' of a row of the type 'Microsoft.Dynamics.CRM.${type}' is missing or does not fit.`)
}

/** `accounts(<key>)`, relative or absolute. */
function byAddress(organization: Organization, values: Record<string, unknown>, address: string): RowReference {
  const [, set = '', key = ''] = /(?:^|\/)(\w+)\(([^/]*)\)$/s.exec(address) ?? []
  const table = organization.schema.entitySets.get(set)
  if (!table) throw new WebApiError(400, '0x80090800', `Invalid url value '${address}' for lookup property '@odata.id'.`)
  return { table, id: requireRow(organization, table, parseKey(table, key)), values }
}
