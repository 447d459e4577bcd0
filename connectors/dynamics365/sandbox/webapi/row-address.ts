import { idOf, partitionOf } from '../organization/identity.ts'
import type { Table } from '../organization/schema.ts'
import type { Call } from './call.ts'

/** The address of a row; in an elastic table it names the partition where that is not the key itself. */
export function rowAddress({ base }: Call, table: Table, identity: string): string {
  const [id, partition] = [idOf(identity), table.elastic ? partitionOf(identity) : '']
  const key =
    table.elastic && partition !== id ? `${table.primaryId}=${id},partitionid='${encodeURIComponent(partition.replaceAll("'", "''"))}'` : id
  return `${base}/${table.entitySetName}(${key})`
}
