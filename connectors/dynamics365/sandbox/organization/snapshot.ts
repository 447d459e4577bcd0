import { quoted, type StoredRow } from './database.ts'
import type { Organization } from './open.ts'
import type { Table } from './schema.ts'

/**
 * A row as it stands, for those who are told of changes; where no step is registered nobody is, and nothing is read.
 * @param id its identity
 */
export function snapshot({ database }: Organization, { logicalName, identity }: Table, id: string): StoredRow | undefined {
  if (!database.get('select 1 from sdkmessageprocessingstep limit 1')) return undefined
  return database.get(`select * from ${quoted(logicalName)} where ${quoted(identity)} = ?`, id)
}
