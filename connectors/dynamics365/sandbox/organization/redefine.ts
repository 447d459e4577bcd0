import { storeDefinitions } from './definition-changes.ts'
import { deleteAlong } from './delete.ts'
import { withFileColumns } from './file-columns.ts'
import { mapIdOf, mapRows } from './maps.ts'
import { filterRows } from './messages.ts'
import { migrate } from './migrate.ts'
import type { Caller, Organization } from './open.ts'
import { releaseRows } from './release.ts'
import { buildSchema, type Schema } from './schema.ts'
import type { Definitions, RowSeed } from './seed.ts'
import { createSeedRow } from './seed-row.ts'
import { write } from './write.ts'

/** Gives an organization other definitions: its tables in SQLite follow, and its rows stay as far as there is a place for them. */
export function redefine(organization: Organization, definitions: Definitions): void {
  const before = organization.schema
  const after = buildSchema(withFileColumns(definitions))
  write(organization, () => {
    const server = { userId: after.ids.userId, server: true as const }
    releaseRows(organization, after, server)
    migrate(organization.database, before, after)
    storeDefinitions(organization.database, before, after)
    organization.schema = after
    followRows(organization, before, after, server)
  })
}

/** Some rows tell of definitions, and come and go with them: what can be done with a table, and what rows take from those that they are made from. */
function followRows(organization: Organization, before: Schema, after: Schema, server: Caller): void {
  const [old, now] = [rowsOf(before), rowsOf(after)]
  // Those that were made last point at the ones before them. Clients may have deleted some.
  for (const [id, { table }] of [...old].reverse()) if (!now.has(id)) deleteAlong(organization, after.tables.get(table)!, id, server)
  for (const [id, row] of now)
    if (!old.has(id) && (row.table !== 'attributemap' || hasMap(organization, row))) createSeedRow(organization, row)
}

/** By their ids. */
function rowsOf({ definitions, tables }: Schema): Map<string, RowSeed> {
  const rows = [...definitions.tables.flatMap(filterRows), ...mapRows(definitions)]
  return new Map(rows.map((row) => [String(row.row[tables.get(row.table)!.primaryId]), row]))
}

function hasMap({ database }: Organization, part: RowSeed): boolean {
  return database.get('select 1 from entitymap where entitymapid = ?', mapIdOf(part)) !== undefined
}
