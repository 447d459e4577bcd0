import { fromBody, type Values } from './body.ts'
import { createRow } from './create.ts'
import type { Organization } from './open.ts'
import type { Table } from './schema.ts'
import type { RowSeed } from './seed.ts'
import { toStored } from './values.ts'

/** Creates a row that an organization brings along. It may set columns that nobody else may, such as a user's object id. */
export function createSeedRow(organization: Organization, { table: name, row }: RowSeed): void {
  const table = organization.schema.tables.get(name)!
  createRow(organization, table, seedValues(organization, table, row), { userId: organization.schema.ids.userId, server: true })
}

function seedValues(organization: Organization, table: Table, row: Record<string, unknown>): Values {
  const isReadOnly = (name: string) => table.columns.get(name)?.readOnly === true
  const values = fromBody(organization, table, Object.fromEntries(Object.entries(row).filter(([name]) => !isReadOnly(name))))
  for (const column of table.columns.values())
    if (column.readOnly && column.name in row) values.set(column.name, toStored(table, column, row[column.name]))
  return values
}
