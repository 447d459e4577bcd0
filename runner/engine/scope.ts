import type { JsonObject, TriggerEvent } from '../connector/index.ts'
import type { Scope } from '../expression/index.ts'
import type { ClaimedJob } from '../store/index.ts'

/** What a job keeps of its event, or of the events of its batch: the part of the scope that does not change while it runs. */
export type JobPayload = { trigger: JsonObject; event: JsonObject } | { batch: { records: JsonObject[]; events: JsonObject[] } }

/** The envelope of an event: everything that is not the row. */
function envelope(event: TriggerEvent): JsonObject {
  return {
    id: event.id,
    change: event.change ?? null,
    before: event.before ?? null,
    after: event.change === 'deleted' ? null : event.record,
    labels: event.labels ?? {},
    time: event.time ?? null,
  }
}

export function eventPayload(event: TriggerEvent): JobPayload {
  return { trigger: event.record, event: envelope(event) }
}

export function batchPayload(events: readonly TriggerEvent[]): JobPayload {
  return { batch: { records: events.map((event) => event.record), events: events.map(envelope) } }
}

export interface JobFacts {
  recipe: string
  runId: string
}

/** The scope that a job's steps begin with. `started_at` is the job's creation, so that a resumed job computes what it computed before. */
export function jobScope(job: ClaimedJob, facts: JobFacts): Scope & { steps: Record<string, unknown> } {
  return {
    ...(job.payload as JobPayload),
    job: { id: job.jobId, attempt: job.attempt, started_at: job.createdAt.toISOString(), recipe: facts.recipe, run_id: facts.runId },
    steps: {},
  }
}
