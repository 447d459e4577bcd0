import type { Recipe } from '../recipe/recipe.ts'
import type { ClaimedJob, RecipeRef } from '../store/index.ts'
import { failureTable, toStoredError } from './failure.ts'
import { type JobPorts, type JobResult, runJob } from './job.ts'

export interface WorkContext extends JobPorts {
  ref: RecipeRef
  /** The recipe as it is now, for jobs that have not begun. */
  recipe: Recipe
  /** The recipe that a started job began with. */
  recipeOf(hash: string): Promise<Recipe>
  /** No further claim once aborted; running jobs end in peace. */
  stop: AbortSignal
  /** Running jobs are given back once aborted. */
  abort: AbortSignal
  /** Why jobs that have not begun must not begin, where that is so. */
  heldBecause(): { code: string; message: string } | undefined
  /** Called with each failure that keeps other jobs from beginning. */
  onAuthFailure(failure: { code: string; message: string }): void
  jobEnded(): void
}

export interface WorkCounts {
  succeeded: number
  failed: number
  retried: number
}

/**
 * Works ready jobs off, `concurrency` at a time, until there are none and `more` has settled.
 * @param more settles when no further jobs will be accepted (the poll is over)
 */
export async function work(context: WorkContext, counts: WorkCounts, more: Promise<unknown>): Promise<void> {
  const running = new Set<Promise<void>>()
  let polling = true
  const polled = more.then(
    () => (polling = false),
    () => (polling = false),
  )
  for (;;) {
    const free = context.recipe.concurrency - running.size
    const jobs = free > 0 && !context.stop.aborted ? await claim(context, free) : []
    for (const job of jobs) {
      const promise = runClaimed(job, context, counts).finally(() => {
        running.delete(promise)
        context.jobEnded()
      })
      running.add(promise)
    }
    if (jobs.length > 0) continue
    if (running.size > 0) await Promise.race([...running, ...(polling && free > 0 ? [polled, context.clock.sleep(20)] : [])])
    else if (polling && !context.stop.aborted) await Promise.race([polled, context.clock.sleep(5)])
    else return
  }
}

async function claim(context: WorkContext, limit: number): Promise<ClaimedJob[]> {
  const held = context.heldBecause()
  if (held) await context.store.hold(context.ref, held.message)
  return context.store.claim(context.ref, limit, context.recipe.hash)
}

async function runClaimed(job: ClaimedJob, context: WorkContext, counts: WorkCounts): Promise<void> {
  const recipe = job.recipeHash === context.recipe.hash ? context.recipe : await context.recipeOf(job.recipeHash)
  const result = await runJob(recipe, job, context, context.abort)
  if (job.attempt > 1) counts.retried++
  report(job, result, context, counts)
}

function report(job: ClaimedJob, { state, failure, step }: JobResult, context: WorkContext, counts: WorkCounts): void {
  if (state === 'succeeded') {
    counts.succeeded++
    context.emit({ type: 'job_succeeded', job: job.jobId })
  } else if (failure && (state === 'failed' || state === 'partial' || state === 'outcome_unknown')) {
    counts.failed++
    context.emit({ type: 'job_error', job: job.jobId, ...(step !== undefined && { step }), state, ...toStoredError(failure) })
    if (failure.kind !== 'aborted' && failureTable[failure.kind].holdsOthers) context.onAuthFailure(failure)
  }
}
