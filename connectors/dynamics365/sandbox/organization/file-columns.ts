import type { ColumnSeed, Definitions, Lookup, TableSeed } from './seed.ts'

/** What a file or image column brings along (facts sheet "File columns, image columns, notes and attachments"). */
export function companions({ name, type }: ColumnSeed): ColumnSeed[] {
  if (type === 'File') return [{ name: `${name}_name`, type: 'String', maxLength: 255, readOnly: true }]
  if (type !== 'Image') return []
  return [
    { name: `${name}id`, type: 'Uniqueidentifier', readOnly: true },
    { name: `${name}_timestamp`, type: 'BigInt', readOnly: true },
    { name: `${name}_url`, type: 'String', maxLength: 200, readOnly: true },
  ]
}

/** Adds those columns where they are not declared, and the relationship between the tables and their files. */
export function withFileColumns<Seed extends Definitions>(seed: Seed): Seed {
  const tables = seed.tables.map(withCompanions)
  const lookups = tables.filter(({ columns }) => columns.some(({ type }) => type === 'File')).map(fileLookup)
  return { ...seed, tables: tables.map((table) => (table.logicalName === 'fileattachment' ? withLookups(table, lookups) : table)) }
}

/** Those that it does not have already: loaded metadata may tell of them. */
function withLookups(table: TableSeed, lookups: readonly Lookup[]): TableSeed {
  const added = lookups.filter(({ navigation }) => table.lookups.every((known) => known.navigation !== navigation))
  return { ...table, lookups: [...table.lookups, ...added] }
}

function withCompanions(table: TableSeed): TableSeed {
  const missing = table.columns.flatMap(companions).filter(({ name }) => table.columns.every((column) => column.name !== name))
  return missing.length === 0 ? table : { ...table, columns: [...table.columns, ...missing] }
}

function fileLookup({ logicalName }: TableSeed): Lookup {
  return {
    column: 'objectid',
    navigation: `objectid_${logicalName}`,
    target: logicalName,
    collection: `${logicalName}_FileAttachments`,
    deletedWithParent: true,
  }
}
