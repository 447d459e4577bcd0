import { noSuchKey, noSuchRow } from '../error.ts'
import type { RowKey } from '../odata/key.ts'
import { quoted } from './database.ts'
import { identityOf } from './identity.ts'
import type { Organization } from './open.ts'
import type { Table } from './schema.ts'

/** The identity of the row with this key, which is its id except in elastic tables; or undefined. */
export function findRow({ database }: Organization, table: Table, key: RowKey): string | undefined {
  const identity = identityOfKey(table, key)
  const conditions =
    identity === undefined ? columnsOf(key).map(([column]) => `${quoted(column.name)} = ?`) : [`${quoted(table.identity)} = ?`]
  const values = identity === undefined ? columnsOf(key).map(([, value]) => value) : [identity]
  const row = database.get(
    `select ${quoted(table.identity)} as id from ${quoted(table.logicalName)} where ${conditions.join(' and ')}`,
    ...values,
  )
  return row && String(row.id)
}

function columnsOf(key: RowKey) {
  return 'id' in key ? [] : key.columns
}

/** Undefined for an alternate key. */
function identityOfKey(table: Table, key: RowKey): string | undefined {
  if ('id' in key) return identityOf(table, key.id, key.partition)
  if (!table.elastic) return undefined
  const value = (name: string) => key.columns.find(([column]) => column.name === name)?.[1]
  const [id, partition] = [value(table.primaryId), value('partitionid')]
  return id == null || partition == null ? undefined : identityOf(table, String(id), String(partition))
}

/** @throws WebApiError 404 */
export function requireRow(organization: Organization, table: Table, key: RowKey): string {
  const id = findRow(organization, table, key)
  if (id !== undefined) return id
  throw 'id' in key ? noSuchRow(table, key.id) : noSuchKey(table)
}
