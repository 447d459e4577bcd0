import type { Generated } from 'kysely'
import type { JobState } from './store.ts'

/** The tables as kysely sees them. Times are milliseconds since 1970; blobs are sealed payloads. */
export interface Tables {
  recipes: { hash: string; path: string; files: Uint8Array }
  runs: {
    id: string
    recipe: string
    environment: string
    started_at: number
    ended_at: number | null
    recipe_hash: string
    git_commit: string | null
    runner_version: string
    outcome: string | null
    counts: string | null
    error: Uint8Array | null
  }
  cursors: { recipe: string; environment: string; cursor: Uint8Array; updated_at: number }
  snapshots: { recipe: string; environment: string; row_id: string; version: string; row_values: Uint8Array }
  events: { recipe: string; environment: string; event_id: string; job_id: string; seen_at: number }
  jobs: {
    seq: Generated<number>
    id: string
    recipe: string
    environment: string
    run_id: string
    state: JobState
    payload: Uint8Array
    order_key: string | null
    created_at: number
    ended_at: number | null
    attempt: number
    fence: number
    owner: string | null
    recipe_hash: string | null
    error: Uint8Array | null
    error_code: string | null
    step: string | null
    reason: string | null
  }
  steps: {
    job_id: string
    address: string
    position: number
    node_hash: string
    state: 'started' | 'succeeded' | 'failed' | 'skipped'
    step_key: string
    attempt: number
    input: Uint8Array | null
    output: Uint8Array | null
    progress: Uint8Array | null
    error: Uint8Array | null
    started_at: number
    ended_at: number | null
  }
  tokens: { name: string; fingerprint: string; payload: Uint8Array; version: number }
}
