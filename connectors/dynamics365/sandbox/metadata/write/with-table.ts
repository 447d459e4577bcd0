import type { Definitions, TableSeed } from '../../organization/seed.ts'

/** Definitions in which a table is this one. */
export function withTable(definitions: Definitions, table: TableSeed): Definitions {
  return { ...definitions, tables: definitions.tables.map((one) => (one.logicalName === table.logicalName ? table : one)) }
}
