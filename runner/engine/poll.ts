import { randomUUID } from 'node:crypto'
import { ConnectorError, type PollPage, type Snapshot, type SnapshotRow, type TriggerEvent } from '../connector/index.ts'
import type { Recipe } from '../recipe/recipe.ts'
import type { NewJob, RecipeRef } from '../store/index.ts'
import { backoff } from './backoff.ts'
import { failureTable, toFailure, toStoredError } from './failure.ts'
import type { JobPorts } from './job.ts'
import { batchPayload, eventPayload, type JobPayload } from './scope.ts'

/** A page is committed in slices of at most so many events: larger ones would block the event loop (5,000 do for 290 ms). */
const sliceSize = 1_000
/** Reading pauses while jobs of more events than this are unfinished, so that the journal stays small for a million events. */
const backlog = 2_000

export interface PollContext extends JobPorts {
  recipe: Recipe
  ref: RecipeRef
  runId: string
  until: Date
  /** Overrides the recipe's `since` for a first poll. */
  since?: 'now' | 'beginning'
  /** Stop after so many events; the rest waits for the next cycle. */
  limit?: number
  /** No further page once aborted. */
  stop: AbortSignal
  /** Resolves when the backlog may have shrunk. */
  jobsChanged(): Promise<void>
  /** Why jobs that have not begun must not begin, where that is so. */
  heldBecause(): unknown
}

export interface PollCounts {
  events: number
  filtered: number
  /** Jobs, those of unusable events included. */
  failed: number
}

/**
 * Polls the trigger once, from the stored cursor to `until`, and makes jobs of what it yields.
 *
 * A failure is judged here: waited for, tried again from the last committed page, or thrown, which makes it a trigger error.
 * @returns what was accepted, also by tries that failed later
 */
export async function poll(context: PollContext, counts: PollCounts): Promise<void> {
  const { recipe, clock, stop } = context
  for (let tries = 1; ; ) {
    try {
      return await pollOnce(context, counts)
    } catch (thrown) {
      // A poll that was stopped has no fault, unless it could not even begin.
      if (stop.aborted && !(thrown instanceof ConnectorError)) return
      const failure = toFailure(thrown, stop)
      const rule = failure.kind === 'aborted' ? 'fail' : failureTable[failure.kind].poll
      if (rule === 'fail' || (rule === 'retry' && tries >= recipe.retry.attempts)) throw thrown
      const waitMs = failure.retryAfterMs ?? backoff(recipe.retry, tries, context.random)
      if (rule === 'retry') tries++
      context.emit({ type: 'poll_delayed', code: failure.code, message: failure.message, waitMs })
      // The time is up and the poll has not succeeded: that is an error, however patient the wait was.
      await clock.sleep(waitMs, stop).catch(() => {
        throw thrown
      })
    }
  }
}

async function pollOnce(context: PollContext, counts: PollCounts): Promise<void> {
  const { recipe, ref, store, stop, clock } = context
  const { operation, checkInput } = await context.operations.trigger(recipe.trigger.type)
  const { client } = await context.connections.open(recipe.trigger.connection, recipe.trigger.type)
  const input = recipe.trigger.with.render({ job: { started_at: clock.now().toISOString() } })
  checkInput(input)
  const pages = operation.poll({
    client,
    input,
    cursor: ((await store.cursor(ref))?.cursor ?? null) as PollPage['cursor'],
    snapshot: snapshotOf(context),
    since: context.since ?? recipe.trigger.since,
    until: context.until,
    signal: stop,
  })
  for await (const page of pages) {
    await acceptPage(page, context, counts)
    if (stop.aborted || (context.limit !== undefined && counts.events >= context.limit)) return
    if (!(await roomForMore(context))) return
  }
}

/** Jobs, identities, snapshot and cursor of a page: slices first, the cursor with the last of them. */
async function acceptPage(page: PollPage, context: PollContext, counts: PollCounts): Promise<void> {
  const { store, ref, runId, recipe, clock } = context
  const events = distinct(page.events)
  const known = await store.seen(
    ref,
    events.map((event) => event.id),
  )
  const fresh = events.filter((event) => !known.has(event.id))
  const { jobs, filtered } = toJobs(fresh, recipe, context)
  const slices = Math.max(1, Math.ceil(jobs.length / sliceSize))
  for (let slice = 0; slice < slices; slice++) {
    const last = slice === slices - 1
    await store.accept({
      recipe: ref,
      runId,
      jobs: jobs.slice(slice * sliceSize, (slice + 1) * sliceSize),
      // The snapshot moves with the cursor: an earlier slice that moved it would make the re-read page look unchanged.
      snapshotChanges: last ? (page.snapshotChanges ?? []) : [],
      ...(last && { cursor: { value: page.cursor, at: clock.now() } }),
    })
  }
  const accepted = fresh.length - filtered
  tellUnusable(jobs, context, counts)
  counts.events += accepted
  counts.filtered += filtered
  if (page.events.length > 0) context.emit({ type: 'events_accepted', events: accepted, jobs: jobs.length, filtered, known: known.size })
}

/** An event whose job could not even begin is a job error like any other. */
function tellUnusable(jobs: readonly NewJob[], { emit }: PollContext, counts: PollCounts): void {
  for (const { id, failed } of jobs) {
    if (!failed) continue
    counts.failed++
    emit({ type: 'job_error', job: id, state: 'failed', ...failed })
  }
}

/** A page may name an event twice; its first mention counts. */
function distinct(events: readonly TriggerEvent[]): TriggerEvent[] {
  return [...new Map(events.toReversed().map((event) => [event.id, event])).values()].toReversed()
}

function toJobs(events: readonly TriggerEvent[], recipe: Recipe, context: PollContext): { jobs: NewJob[]; filtered: number } {
  const wanted: TriggerEvent[] = []
  const unusable: NewJob[] = []
  for (const event of events) {
    try {
      if (!recipe.trigger.if || recipe.trigger.if.evaluate(eventPayload(event)) === true) wanted.push(event)
    } catch (thrown) {
      // As a trigger error it would block the recipe for ever.
      unusable.push({ ...newJob([event], eventPayload(event), context), failed: toStoredError(toFailure(thrown, context.stop)) })
    }
  }
  const batch = recipe.trigger.batch
  const jobs =
    batch === undefined
      ? wanted.map((event) => newJob([event], eventPayload(event), context))
      : batches(wanted, batch).map((group) => newJob(group, batchPayload(group), context))
  return { jobs: [...jobs, ...unusable], filtered: events.length - wanted.length - unusable.length }
}

function batches(events: readonly TriggerEvent[], size: number): TriggerEvent[][] {
  return Array.from({ length: Math.ceil(events.length / size) }, (_, index) => events.slice(index * size, (index + 1) * size))
}

function newJob(events: readonly TriggerEvent[], payload: JobPayload, context: PollContext): NewJob {
  const orderKey = events.length === 1 ? events[0]?.orderKey : undefined
  return {
    id: randomUUID(),
    eventIds: events.map((event) => event.id),
    payload,
    createdAt: context.clock.now(),
    ...(orderKey !== undefined && { orderKey }),
  }
}

/** Waits while too many jobs are unfinished. False when no job will end in this cycle: the rest of the pages waits for the next one. */
async function roomForMore(context: PollContext): Promise<boolean> {
  const { batch = 1 } = context.recipe.trigger
  const most = Math.max(2 * context.recipe.concurrency, Math.ceil(backlog / batch))
  while ((await context.store.unfinished(context.ref)) > most) {
    if (context.stop.aborted || context.heldBecause()) return false
    await Promise.race([context.jobsChanged(), context.clock.sleep(100)])
  }
  return true
}

function snapshotOf({ store, ref }: PollContext): Snapshot {
  return {
    get: async (ids) => (await store.snapshotRows(ref, ids)) as Map<string, SnapshotRow>,
    async *ids() {
      for (let after = ''; ; ) {
        const ids = await store.snapshotIds(ref, after, sliceSize)
        if (ids.length === 0) return
        yield ids
        after = ids.at(-1) as string
      }
    },
  }
}

/** One event handed in by a person (`--trigger-data`), instead of a poll. */
export async function acceptGiven(event: TriggerEvent, context: PollContext, counts: PollCounts): Promise<void> {
  const { jobs } = toJobs([event], context.recipe, context)
  if (jobs.length === 0)
    throw new ConnectorError(
      'rejected',
      'event_filtered',
      "The trigger's `if` refuses the given event, so there is no job. Change the event or the condition.",
    )
  await context.store.accept({ recipe: context.ref, runId: context.runId, jobs, snapshotChanges: [] })
  tellUnusable(jobs, context, counts)
  counts.events += 1
}
