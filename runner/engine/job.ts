import type { Clock, Log } from '../connector/index.ts'
import type { Scope } from '../expression/index.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { type ClaimedJob, FenceLost, type JobEnd, type StepRow, type Store } from '../store/index.ts'
import type { Connections } from './connections.ts'
import type { Listener } from './events.ts'
import { type Failure, toFailure, toStoredError } from './failure.ts'
import type { Operations } from './operations.ts'
import { type JobFacts, jobScope } from './scope.ts'
import { runSteps } from './steps/run-steps.ts'
import { StepFailed } from './steps/step-failed.ts'

/** Milliseconds that a timer of Node can hold; longer ones would fire at once. */
export const longestTimer = 2 ** 31 - 1

/** What every job of a cycle shares. */
export interface JobPorts {
  store: Store
  operations: Operations
  connections: Connections
  clock: Clock
  random(): number
  log: Log
  emit: Listener
  facts: JobFacts
}

/** One job while it runs: its recipe, the step rows of earlier attempts, and the rows that wait for the next commit. */
export interface JobRun extends JobPorts {
  recipe: Recipe
  job: ClaimedJob
  /** By address. Empty on a first attempt. */
  stored: Map<string, StepRow>
  /** Finished steps not yet committed: they travel with the next write or with the job's end. */
  pending: StepRow[]
  /** Aborted when the work must stop now; the job is then given back. */
  signal: AbortSignal
}

export interface JobResult {
  state: JobEnd['state']
  failure?: Failure
  /** Address of the step that failed. */
  step?: string
}

/** Runs a claimed job from its first unfinished step to its end, and stores that end. */
export async function runJob(recipe: Recipe, job: ClaimedJob, ports: JobPorts, signal: AbortSignal): Promise<JobResult> {
  const stored = new Map<string, StepRow>()
  if (job.fence > 1) for (const row of await ports.store.steps(job.jobId)) stored.set(row.address, row)
  const run: JobRun = { ...ports, recipe, job, stored, pending: [], signal }
  const scope: Scope & { steps: Record<string, unknown> } = jobScope(job, ports.facts)

  let result: JobResult = { state: 'succeeded' }
  try {
    await withTimeout(recipe.timeoutMs, run, () => runSteps(recipe.steps, scope, '', run))
  } catch (thrown) {
    result = judge(thrown, signal)
  }
  return end(result, run)
}

/** Stores how the job ended. One that was taken over meanwhile is somebody else's: what we know of it is not kept. */
async function end(result: JobResult, { store, clock, job, pending }: JobRun): Promise<JobResult> {
  try {
    await store.finish(job, pending, {
      state: result.state,
      at: clock.now(),
      ...(result.failure && result.state !== 'ready' && { error: toStoredError(result.failure) }),
      ...(result.step !== undefined && { step: result.step }),
    })
    return result
  } catch (thrown) {
    if (thrown instanceof FenceLost) return { state: 'ready' }
    throw thrown
  }
}

/** The signal of the run itself is narrowed, so that every step feels the job's timeout. */
async function withTimeout(timeoutMs: number | undefined, run: JobRun, work: () => Promise<void>): Promise<void> {
  // Counted from this attempt: a job that waited for a sign-in, or is run again, has its whole time.
  if (timeoutMs !== undefined) run.signal = AbortSignal.any([run.signal, AbortSignal.timeout(Math.min(timeoutMs, longestTimer))])
  return work()
}

/** One catch decides a job's fate. */
function judge(thrown: unknown, signal: AbortSignal): JobResult {
  const failure = thrown instanceof StepFailed ? thrown.failure : toFailure(thrown, signal)
  const step = thrown instanceof StepFailed ? { step: thrown.address } : {}
  if (failure.kind === 'aborted' && signal.aborted) return { state: 'ready', failure }
  if (failure.kind === 'aborted') return { state: 'failed', failure: jobTimeout(failure), ...step }
  if (failure.code === 'outcome_unknown') return { state: 'outcome_unknown', failure, ...step }
  if (failure.details?.partial === true) return { state: 'partial', failure, ...step }
  return { state: 'failed', failure, ...step }
}

function jobTimeout(failure: Failure): Failure {
  return {
    ...failure,
    kind: 'transient',
    code: 'job_timeout',
    message: 'The job ran longer than its `timeout`. Raise it, or split the work.',
  }
}
