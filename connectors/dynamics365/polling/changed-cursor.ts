import type { Origin } from './origin.ts'

/** How changes are found. Stored with the cursor, and never switched by itself. */
export type Method = 'change_tracking' | 'modified_on'

/** Where `record_changed` goes on. */
export interface ChangedCursor extends Origin {
  method: Method
  table: string
  /** As asked; other columns need a new baseline, because the kept values lack them. */
  columns: string[] | null
  /** Counts full readings. */
  generation: number
  /** `baseline`: reading everything. `sweep`: finding what the reading did not meet. `changes`: up to date, reading what changes. */
  phase: 'baseline' | 'sweep' | 'changes'
  /** The baseline only remembers. */
  silent: boolean
  /** Change tracking: the next link to follow, verbatim; null at the start of a baseline. */
  link: string | null
  /** `modified_on`: time of the newest row read. */
  from: string | null
}

/** The cursor after the last page of a full reading. */
export function afterBaseline(cursor: ChangedCursor): ChangedCursor {
  return { ...cursor, phase: cursor.generation > 1 ? 'sweep' : 'changes' }
}

/** A full reading from the start. */
export function newReading(cursor: ChangedCursor, silent: boolean): ChangedCursor {
  return { ...cursor, generation: cursor.generation + 1, phase: 'baseline', silent, link: null, from: null }
}
