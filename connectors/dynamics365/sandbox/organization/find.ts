import { noSuchKey, noSuchRow } from '../error.ts'
import type { RowKey } from '../odata/key.ts'
import { quoted } from './database.ts'
import type { Organization } from './open.ts'
import type { Table } from './schema.ts'

/** The id of the row with this key, or undefined. */
export function findRow({ database }: Organization, table: Table, key: RowKey): string | undefined {
  const conditions = 'id' in key ? [`${quoted(table.primaryId)} = ?`] : key.columns.map(([column]) => `${quoted(column.name)} = ?`)
  const values = 'id' in key ? [key.id] : key.columns.map(([, value]) => value)
  const row = database.get(
    `select ${quoted(table.primaryId)} as id from ${quoted(table.logicalName)} where ${conditions.join(' and ')}`,
    ...values,
  )
  return row && String(row.id)
}

/** @throws WebApiError 404 */
export function requireRow(organization: Organization, table: Table, key: RowKey): string {
  const id = findRow(organization, table, key)
  if (id !== undefined) return id
  throw 'id' in key ? noSuchRow(table, key.id) : noSuchKey(table)
}
