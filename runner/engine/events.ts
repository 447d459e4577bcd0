import type { EndWarning } from '../connection/index.ts'
import type { Outcome, StoredError } from '../store/index.ts'

/** Everything observable about a cycle. Reports, JSON lines and tests listen to the same events. */
export type EngineEvent =
  | { type: 'run_started'; run: string; recipe: string }
  /** A page of events is durable. `events` counts those that led to jobs, `filtered` those that the trigger's `if` refused, `known` those seen before. */
  | { type: 'events_accepted'; events: number; jobs: number; filtered: number; known: number }
  | { type: 'poll_delayed'; code: string; message: string; waitMs: number }
  | ({ type: 'trigger_error' } & StoredError)
  | { type: 'step_retried'; job: string; step: string; code: string; message: string; waitMs: number }
  | { type: 'job_succeeded'; job: string }
  | ({ type: 'job_error'; job: string; step?: string; state: 'failed' | 'partial' | 'outcome_unknown' } & StoredError)
  /** Jobs that have not begun wait for the sign-in. */
  | { type: 'jobs_held'; jobs: number; code: string; message: string }
  /** A sign-in, client secret or certificate ends soon, or has ended. */
  | ({ type: 'warning' } & EndWarning)
  | ({ type: 'summary' } & Summary)

/** The last word of a cycle; `runner run --json` prints it as its last line. */
export interface Summary {
  recipe: string
  run: string
  outcome: Outcome
  /** Events that led to jobs in this run. */
  events: number
  /** Events that the trigger's `if` refused. */
  filtered: number
  jobs: { succeeded: number; failed: number; retried: number; held: number; left: number }
  seconds: number
}

export type Listener = (event: EngineEvent) => void
