import type { Values } from './body.ts'
import type { Caller } from './open.ts'
import type { Table } from './schema.ts'

/** A row that was written. */
export interface WriteEvent {
  message: 'Create' | 'Update' | 'Delete'
  table: Table
  id: string
  /** What was written; of a deletion nothing. */
  values: Values
  caller: Caller
}

/** Told of every write inside its transaction, after it took effect; what it throws takes the write back. */
export type WriteListener = (event: WriteEvent) => void
