import type { Json } from '../../../runner/connector/index.ts'
import type { FailedRow } from './row.ts'

/** How far a bulk write is: stored after every chunk, so that a repeat goes on where the last attempt was. */
export interface BulkState {
  /** Rows in all; another number means other rows. */
  rows: number
  /** Rows before this one are done. A window is prepared at once, so its chunks are the same in every attempt. */
  windowStart: number
  /** Chunks of the window that are done. */
  done: number[]
  failed: number
  /** The first failures. */
  failures: FailedRow[]
}

export function resume(saved: Json | undefined, rows: number): BulkState {
  const state = saved as unknown as BulkState | undefined
  return state?.rows === rows ? structuredClone(state) : { rows, windowStart: 0, done: [], failed: 0, failures: [] }
}

/** Failures beyond this number are counted, not kept: a job's record stays small. */
export const mostFailures = 1_000

export function addFailures(state: BulkState, failures: readonly FailedRow[]): void {
  state.failed += failures.length
  state.failures.push(...failures.slice(0, mostFailures - state.failures.length))
}
