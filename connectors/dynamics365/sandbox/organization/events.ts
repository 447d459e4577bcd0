import type { RowReference, Values } from './body.ts'
import type { StoredRow } from './database.ts'
import type { Caller } from './open.ts'
import type { Table } from './schema.ts'

/** A row that was written, or a pair of rows that was added or taken away. */
export interface WriteEvent {
  /** Rows of elastic tables can be upserted, which is neither of the others. */
  message: 'Create' | 'Update' | 'Delete' | 'Upsert' | 'Associate' | 'Disassociate'
  /** Of a pair: that of the row in whose collection the other one is. */
  table: Table
  id: string
  /** What was written; of a deletion and of a pair nothing. */
  values: Values
  /** Names of the columns that the request itself gave; the server adds others to the values. */
  given: ReadonlySet<string>
  /** The whole row before and after, as far as there was one and somebody is registered to be told. */
  before?: StoredRow | undefined
  after?: StoredRow | undefined
  /** Of a pair: its relationship, by schema name, and the row in the collection. */
  pair?: { relationship: string; member: RowReference }
  caller: Caller
}
