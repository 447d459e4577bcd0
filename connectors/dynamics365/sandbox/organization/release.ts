import { quoted } from './database.ts'
import { clearLookup, deleteAlong } from './delete.ts'
import type { Caller, Organization } from './open.ts'
import type { Column, Lookup, Schema, Table } from './schema.ts'
import { typeColumn } from './tables.ts'

/** Takes away what hangs on definitions that go: what lookups hold when their relationship goes, and the files of columns and tables. */
export function releaseRows(organization: Organization, after: Schema, caller: Caller): void {
  const { tables } = organization.schema
  for (const table of tables.values()) {
    const kept = after.tables.get(table.logicalName)
    if (!kept) continue
    for (const column of table.columns.values())
      if (column.type === 'File' && !kept.columns.has(column.name)) deleteFiles(organization, table, column, caller)
    if (table.lookups === kept.lookups) continue
    for (const lookup of table.lookups) {
      const stays = kept.lookups.some(({ column, target }) => column === lookup.column && target === lookup.target)
      if (!stays && kept.columns.has(lookup.column)) releaseLookup(organization, table, lookup, !after.tables.has(lookup.target), caller)
    }
  }
}

/** @param gone whether the rows that are pointed at go, too */
function releaseLookup(organization: Organization, table: Table, lookup: Lookup, gone: boolean, caller: Caller): void {
  const column = table.columns.get(lookup.column)!
  const points = column.polymorphic ? `${quoted(typeColumn(column))} = '${lookup.target}'` : `${quoted(column.name)} is not null`
  for (const id of idsWhere(organization, table, table.identity, points))
    if (gone && lookup.deletedWithParent) deleteAlong(organization, table, id, caller)
    else clearLookup(organization, table, column, id, caller)
}

function deleteFiles(organization: Organization, table: Table, { name }: Column, caller: Caller): void {
  const files = organization.schema.tables.get('fileattachment')!
  for (const id of idsWhere(organization, table, name, `${quoted(name)} is not null`)) deleteAlong(organization, files, id, caller)
}

function idsWhere({ database }: Organization, { logicalName }: Table, column: string, condition: string): string[] {
  return database.all(`select ${quoted(column)} as id from ${quoted(logicalName)} where ${condition}`).map(({ id }) => String(id))
}
