import { notSupported, WebApiError } from '../error.ts'
import { requireRight } from '../privileges/check.ts'
import type { Values } from './body.ts'
import { quoted } from './database.ts'
import { idOf } from './identity.ts'
import { isMember } from './members.ts'
import type { Caller, Organization } from './open.ts'
import type { Column, Lookup, Table } from './schema.ts'
import { snapshot } from './snapshot.ts'
import { typeColumn } from './tables.ts'
import { checkVersion, touch } from './update.ts'
import { tell, write } from './write.ts'

/** What hangs on these rows is more than the sandbox follows up. */
const kept = new Set(['systemuser', 'team', 'businessunit', 'transactioncurrency'])

/**
 * Deletes a row. Rows that point at it lose the lookup, or go with it where the relationship says so.
 * @param etag version that the row must still have
 * @throws WebApiError 403, 404, 412, 0x80040227 when a relationship forbids it
 */
export function deleteRow(organization: Organization, table: Table, id: string, caller: Caller, etag?: string): void {
  if (kept.has(table.logicalName)) throw notSupported(`deleting rows of ${table.logicalName}`)
  const { database } = organization
  write(organization, () => {
    checkVersion(organization, table, id, etag)
    requireRight(organization, caller, table, 'Delete', id)
    refuseRestricted(organization, table, id)
    const before = snapshot(organization, table, id)
    database.run(`delete from ${quoted(table.logicalName)} where ${quoted(table.identity)} = ?`, id)
    if (table.changeTracking) database.run('insert into deleted values (?, ?, ?)', ++organization.version, table.logicalName, id)
    for (const { table: child, lookup, through } of table.collections.values()) {
      if (through) database.run(`delete from ${quoted(through.intersect)} where ${quoted(through.own)} = ?`, id)
      else release(organization, organization.schema.tables.get(child)!, lookup, id, caller)
    }
    tell(organization, { message: 'Delete', table, id: idOf(id), values: new Map(), given: new Set(), before, caller })
  })
}

/** @throws WebApiError 0x80040227 while a row points at this one whose relationship forbids that */
function refuseRestricted({ schema, database, switches }: Organization, table: Table, id: string): void {
  for (const collection of table.collections.values()) {
    if (!collection.lookup?.restrictsDelete) continue
    const child = schema.tables.get(collection.table)!
    const condition = isMember(collection, 't0', child, '?', table)
    if (database.get(`select 1 from ${quoted(child.logicalName)} t0 where ${condition} limit 1`, id))
      throw new WebApiError(
        switches.delete_restricted_status,
        '0x80040227',
        'The object you tried to delete is associated with another object and cannot be deleted.',
      )
  }
}

function release(organization: Organization, child: Table, lookup: Lookup, id: string, caller: Caller): void {
  const { database } = organization
  const column = child.columns.get(lookup.column)!
  const rows = database.all(`select ${quoted(child.identity)} as id from ${quoted(child.logicalName)} where ${quoted(column.name)} = ?`, id)
  for (const row of rows)
    if (lookup.deletedWithParent) deleteAlong(organization, child, String(row.id), caller)
    else clearLookup(organization, child, column, String(row.id), caller)
}

/** Deletes a row that hangs on another, unless it went already with a third. */
export function deleteAlong(organization: Organization, table: Table, id: string, caller: Caller): void {
  const sql = `select 1 from ${quoted(table.logicalName)} where ${quoted(table.identity)} = ?`
  if (organization.database.get(sql, id)) deleteRow(organization, table, id, caller)
}

export function clearLookup(organization: Organization, table: Table, column: Column, id: string, caller: Caller): void {
  const values: Values = new Map([[column.name, null]])
  if (column.polymorphic) values.set(typeColumn(column), null)
  const given = new Set(values.keys())
  const before = snapshot(organization, table, id)
  touch(organization, table, values, caller)
  const assignments = [...values.keys()].map((name) => `${quoted(name)} = ?`).join(', ')
  organization.database.run(
    `update ${quoted(table.logicalName)} set ${assignments} where ${quoted(table.identity)} = ?`,
    ...values.values(),
    id,
  )
  tell(organization, { message: 'Update', table, id: idOf(id), values, given, before, after: snapshot(organization, table, id), caller })
}
