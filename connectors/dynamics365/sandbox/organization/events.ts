import type { Values } from './body.ts'
import type { Caller } from './open.ts'
import type { Table } from './schema.ts'

/** A row that was written. */
export interface WriteEvent {
  /** Rows of elastic tables can be upserted, which is neither of the others. */
  message: 'Create' | 'Update' | 'Delete' | 'Upsert'
  table: Table
  id: string
  /** What was written; of a deletion nothing. */
  values: Values
  caller: Caller
}

/** Told of every write inside its transaction, after it took effect; what it throws takes the write back. */
export type WriteListener = (event: WriteEvent) => void
