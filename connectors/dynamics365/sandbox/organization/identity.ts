import type { Values } from './body.ts'
import type { Table } from './schema.ts'

/** Of an elastic table: when a row with `ttlinseconds` goes. */
export const expiryColumn = 'row expires'

/**
 * What names one row of a table in SQLite: the primary key, and in an elastic table the partition behind it, since several partitions may hold the same key.
 * @param partition by default the primary key itself (facts sheet "Elastic tables")
 */
export function identityOf(table: Table, id: string, partition: string = id): string {
  return table.elastic ? `${id} ${partition}` : id
}

export function identityOfValues(table: Table, values: Values): string {
  const partition = values.get('partitionid')
  return identityOf(table, String(values.get(table.primaryId)), partition == null ? undefined : String(partition))
}

/** The primary key in an identity. */
export function idOf(identity: string): string {
  return identity.slice(0, 36)
}

export function partitionOf(identity: string): string {
  return identity.slice(37)
}
