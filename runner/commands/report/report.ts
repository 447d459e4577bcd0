import type { EngineEvent } from '../../engine/index.ts'

/** Listens to a cycle and tells somebody. */
export interface Report {
  on(event: EngineEvent): void
}
