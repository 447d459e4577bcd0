import { quoted } from './database.ts'
import { storeDefinitions } from './definition-changes.ts'
import { deleteRow } from './delete.ts'
import { withFileColumns } from './file-columns.ts'
import { filterRows } from './messages.ts'
import { migrate } from './migrate.ts'
import type { Organization } from './open.ts'
import { buildSchema, type Schema } from './schema.ts'
import type { Definitions } from './seed.ts'
import { createSeedRow } from './seed-row.ts'
import { write } from './write.ts'

/** Gives an organization other definitions: its tables in SQLite follow, and its rows stay as far as there is a place for them. */
export function redefine(organization: Organization, definitions: Definitions): void {
  const before = organization.schema
  const after = buildSchema(withFileColumns(definitions))
  write(organization, () => {
    migrate(organization.database, before, after)
    storeDefinitions(organization.database, before, after)
    organization.schema = after
    followMessages(organization, before, after)
  })
}

/** A table's messages come and go with it, and with them the steps that are registered for it. */
function followMessages(organization: Organization, before: Schema, after: Schema): void {
  const filters = after.tables.get('sdkmessagefilter')!
  const server = { userId: after.ids.userId, server: true as const }
  for (const name of before.tables.keys()) {
    if (after.tables.has(name)) continue
    const sql = `select ${filters.primaryId} as id from ${quoted(filters.logicalName)} where primaryobjecttypecode = ?`
    for (const { id } of organization.database.all(sql, name)) deleteRow(organization, filters, String(id), server)
  }
  for (const table of after.definitions.tables)
    if (!before.tables.has(table.logicalName)) for (const row of filterRows(table)) createSeedRow(organization, row)
}
