import { randomUUID } from 'node:crypto'
import { relative } from 'node:path'
import type { TriggerEvent } from '../connector/index.ts'
import type { Recipe } from '../recipe/recipe.ts'
import type { Outcome, RecipeRef, RunEnd } from '../store/index.ts'
import { type Connections, usedBySteps } from './connections.ts'
import type { Summary } from './events.ts'
import { toFailure, toStoredError } from './failure.ts'
import type { JobPorts } from './job.ts'
import { acceptGiven, type PollCounts, poll } from './poll.ts'
import { type WorkCounts, work } from './work.ts'

export interface CyclePorts extends Omit<JobPorts, 'facts'> {
  recipeOf(hash: string): Promise<Recipe>
  environment: string
  runnerVersion: string
  gitCommit?: string
  /** First signal: no further page and no further job; running jobs end in peace. */
  stop: AbortSignal
  /** Second signal: running jobs are given back at once. */
  abort: AbortSignal
}

export interface CycleOptions {
  /** `poll` (default), one given event, or only what is there already (a rerun). */
  source?: 'poll' | 'none' | { event: TriggerEvent }
  since?: 'now' | 'beginning'
  until?: Date
  limit?: number
}

/**
 * One cycle: take over what a dead run left, poll up to the moment the cycle began, work the jobs off, both at the same time.
 *
 * The recipe's lock covers the whole cycle of a `run`; jobs have claims of their own.
 */
export async function runCycle(recipe: Recipe, ports: CyclePorts, options: CycleOptions = {}): Promise<Summary> {
  const ref: RecipeRef = { id: recipe.id, environment: ports.environment }
  const began = ports.clock.now()
  const run = randomUUID()
  const lock = await ports.store.lock(`recipe:${ref.environment}:${ref.id}`)
  if (!lock) return summarize(recipe, run, 'locked', ports, began)
  try {
    await ports.store.saveRecipe({ hash: recipe.hash, path: relative(recipe.root, recipe.file).replaceAll('\\', '/'), files: recipe.files })
    await ports.store.startRun({
      id: run,
      recipe: ref,
      startedAt: began,
      recipeHash: recipe.hash,
      runnerVersion: ports.runnerVersion,
      ...(ports.gitCommit && { gitCommit: ports.gitCommit }),
    })
    ports.emit({ type: 'run_started', run, recipe: recipe.id })
    return await lockedCycle(recipe, ref, run, began, ports, options)
  } catch (thrown) {
    // The store may be the very thing that failed; the fault itself is what must be told.
    await ports.store
      .finishRun(run, { endedAt: ports.clock.now(), outcome: 'fault', counts: {}, error: toStoredError(toFailure(thrown, never)) })
      .catch(() => {})
    throw thrown
  } finally {
    await lock.release()
  }
}

async function lockedCycle(
  recipe: Recipe,
  ref: RecipeRef,
  run: string,
  began: Date,
  ports: CyclePorts,
  options: CycleOptions,
): Promise<Summary> {
  const { store, clock, emit } = ports
  const counts: PollCounts & WorkCounts = { events: 0, filtered: 0, succeeded: 0, failed: 0, retried: 0 }
  const changed = notifier()
  let held = await signInNeeded(recipe, ports.connections)
  if (!held) await store.release(ref)
  await store.takeOver(ref)

  const context = {
    ...ports,
    recipe,
    ref,
    runId: run,
    until: options.until ?? began,
    ...(options.since && { since: options.since }),
    ...(options.limit !== undefined && { limit: options.limit }),
    facts: { recipe: recipe.name, runId: run },
    jobsChanged: changed.wait,
    jobEnded: changed.notify,
    heldBecause: () => held,
    onAuthFailure: (failure: { code: string; message: string }) => {
      held = { code: failure.code, message: failure.message }
    },
  }
  const source = options.source ?? 'poll'
  const polling =
    source === 'none' ? Promise.resolve() : source === 'poll' ? poll(context, counts) : acceptGiven(source.event, context, counts)
  const [polled, worked] = await Promise.allSettled([polling, work(context, counts, polling)])

  await warn(ports)
  const error = polled.status === 'rejected' ? toStoredError(toFailure(polled.reason, never)) : undefined
  if (error) emit({ type: 'trigger_error', ...error })
  if (worked.status === 'rejected') throw worked.reason

  const heldJobs = held ? await store.count({ recipe: ref, states: ['held'] }) : 0
  if (held && heldJobs > 0) emit({ type: 'jobs_held', jobs: heldJobs, ...held })
  const outcome: Outcome = error
    ? 'trigger_error'
    : counts.failed + heldJobs > 0
      ? 'job_errors'
      : counts.events + counts.succeeded > 0
        ? 'ok'
        : 'nothing'
  const summary = summarize(recipe, run, outcome, ports, began, { ...counts, held: heldJobs, left: await store.unfinished(ref) })
  await store.finishRun(run, { ...asRunEnd(summary), endedAt: clock.now(), ...(error && { error }) })
  return summary
}

/** Said when the work is done: what this very run has prolonged needs no warning. */
async function warn({ connections, log, emit }: CyclePorts): Promise<void> {
  for (const warning of await connections.warnings()) {
    log.warn(warning.message, { connection: warning.connection, at: warning.at })
    emit({ type: 'warning', ...warning })
  }
}

const never = new AbortController().signal

function asRunEnd({ outcome, events, filtered, jobs }: Summary): Pick<RunEnd, 'outcome' | 'counts'> {
  return { outcome, counts: { events, filtered, ...jobs } }
}

/** The mark of the first connection that the steps need and that waits for a person. */
async function signInNeeded(recipe: Recipe, connections: Connections): Promise<{ code: string; message: string } | undefined> {
  for (const { name, operation } of usedBySteps(recipe.steps)) {
    // A connection that cannot even be opened fails where it is used, with its own words.
    const connection = await connections.open(name, operation).catch(() => undefined)
    const mark = await connection?.signInNeeded()
    if (mark) return { code: mark.code, message: mark.message }
  }
  return undefined
}

type Counted = PollCounts & WorkCounts & { held: number; left: number }
const none: Counted = { events: 0, filtered: 0, succeeded: 0, failed: 0, retried: 0, held: 0, left: 0 }

function summarize(recipe: Recipe, run: string, outcome: Outcome, ports: CyclePorts, began: Date, counts: Counted = none): Summary {
  const { events, filtered, ...jobs } = counts
  const seconds = (ports.clock.now().getTime() - began.getTime()) / 1000
  const summary: Summary = { recipe: recipe.id, run, outcome, events, filtered, jobs, seconds }
  ports.emit({ type: 'summary', ...summary })
  return summary
}

/** One waiter and one notice, for back-pressure from the jobs to the poll. */
function notifier(): { wait(): Promise<void>; notify(): void } {
  let wake: (() => void) | undefined
  return {
    wait: () =>
      new Promise((resolve) => {
        wake = resolve
      }),
    notify: () => wake?.(),
  }
}
