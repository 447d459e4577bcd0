import { type AnyAction, ConnectorError, type Json } from '../../connector/index.ts'
import { absent } from '../../expression/index.ts'
import type { ActionStep } from '../../recipe/recipe.ts'
import type { StepRow } from '../../store/index.ts'
import { backoff } from '../backoff.ts'
import { type Failure, failureTable, toFailure, toStoredError } from '../failure.ts'
import { type JobRun, longestTimer } from '../job.ts'
import type { Loaded } from '../operations.ts'
import type { StepScope } from './run-steps.ts'
import { StepFailed } from './step-failed.ts'

/** Finished reads that wait for a commit are bounded, so that a long loop of reads does not start over after a crash. */
const mostPending = 200

/**
 * Runs one action, or takes its stored result.
 *
 * Before a write is sent its key and input are durable, together with every read that it was computed from; its result waits for the next commit.
 * @throws StepFailed unless the step says `on_error: continue`
 */
export async function runAction(step: ActionStep, scope: StepScope, address: string, run: JobRun): Promise<void> {
  const earlier = storedRow(step, address, run)
  if (earlier?.state === 'succeeded') return publish(step, scope, earlier.output)

  const loaded = await run.operations.action(step.action)
  const row: StepRow = earlier
    ? { ...earlier, attempt: earlier.attempt + 1 }
    : { address, nodeHash: step.nodeHash, state: 'started', key: `${run.job.jobId}/${address}`, attempt: 1, startedAt: run.clock.now() }
  try {
    const input = prepareInput(step, scope, row, loaded)
    // A start without an end: the process that stored it may have died between the effect and its record.
    const again = earlier?.state === 'started'
    if (loaded.entry.effect === 'write') await commitStart(row, run)
    row.output = await attempts(step, loaded, { input, again }, row, run)
  } catch (thrown) {
    const failure = toFailure(thrown, run.signal)
    if (failure.kind === 'aborted' || step.onError === 'fail') {
      await recordFailure(row, failure, run)
      throw new StepFailed(address, failure)
    }
    row.output = { error: { step: address, ...toStoredError(failure) } }
  }
  row.state = 'succeeded'
  row.endedAt = run.clock.now()
  delete row.progress
  run.pending.push(row)
  publish(step, scope, row.output)
  if (run.pending.length >= mostPending) await run.store.saveSteps(run.job, run.pending.splice(0))
}

/** A stored step counts only where it stands at the same place and is written the same. */
function storedRow(step: ActionStep, address: string, run: JobRun): StepRow | undefined {
  const row = run.stored.get(address)
  return row?.nodeHash === step.nodeHash ? row : undefined
}

function publish(step: ActionStep, scope: StepScope, output: unknown): void {
  if (step.id) scope.steps[step.id] = output
}

/** The stored input where there is one: what may have been sent must be sent again as it was. */
function prepareInput(step: ActionStep, scope: StepScope, row: StepRow, { checkInput }: Loaded<AnyAction>): unknown {
  if (row.state === 'started' && row.input !== undefined) return row.input
  const input = step.with.render(scope)
  checkInput(input)
  if (storable(input)) row.input = input
  return input
}

/** Functions (fields rendered per row) cannot be stored; such an input is computed again from stored data. */
function storable(input: unknown): boolean {
  return (
    typeof input === 'object' && input !== null && !Object.values(input).some((value) => typeof value === 'function' || value === absent)
  )
}

async function commitStart(row: StepRow, run: JobRun): Promise<void> {
  row.state = 'started'
  await run.store.saveSteps(run.job, [...run.pending.splice(0), { ...row }])
}

/** A step whose effect is not known stays `started`, so that the next attempt knows that it may have happened. */
async function recordFailure(row: StepRow, failure: Failure, run: JobRun): Promise<void> {
  if (failure.kind === 'aborted') return
  const { progress, ...rest } = row
  const unknown = failure.effect === 'unknown' && failure.kind !== 'bug'
  run.pending.push({
    ...rest,
    state: unknown ? 'started' : 'failed',
    ...(unknown && progress !== undefined && { progress }),
    error: toStoredError(failure),
    endedAt: run.clock.now(),
  })
}

async function attempts(
  step: ActionStep,
  loaded: Loaded<AnyAction>,
  first: { input: unknown; again: boolean },
  row: StepRow,
  run: JobRun,
): Promise<unknown> {
  const policy = step.retry ?? run.recipe.retry
  const signal =
    step.timeoutMs === undefined ? run.signal : AbortSignal.any([run.signal, AbortSignal.timeout(Math.min(step.timeoutMs, longestTimer))])
  const { client } = await run.connections.open(step.connection, step.action)
  let again = first.again
  for (let tries = 1; ; ) {
    if (again && loaded.entry.afterUnknownEffect === 'never') throw outcomeUnknown(step)
    try {
      return await untilAborted(
        loaded.operation.run({
          client,
          input: first.input,
          key: row.key,
          jobCreatedAt: run.job.createdAt,
          again,
          progress: progressOf(row, run),
          signal,
        }),
        signal,
      )
    } catch (thrown) {
      if (signal.aborted && !run.signal.aborted) throw timedOut(step)
      const failure = toFailure(thrown, run.signal)
      const rule = failure.kind === 'aborted' ? 'fail' : failureTable[failure.kind].job
      if (rule === 'fail' || (rule === 'retry' && tries >= policy.attempts)) throw thrown
      again ||= failure.effect === 'unknown' && loaded.entry.effect === 'write'
      const waitMs = failure.retryAfterMs ?? backoff(policy, tries, run.random)
      if (rule === 'retry') tries++
      run.emit({ type: 'step_retried', job: run.job.jobId, step: row.address, code: failure.code, message: failure.message, waitMs })
      await run.clock.sleep(waitMs, signal)
    }
  }
}

/** An action may wait for something that it shares with other jobs and that has no signal; the job does not. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function timedOut(step: ActionStep): ConnectorError {
  return new ConnectorError(
    'rejected',
    'step_timeout',
    `${step.action} took longer than the step's \`timeout\`. Raise it, or make the step smaller.`,
    { effect: 'unknown' },
  )
}

function outcomeUnknown(step: ActionStep): ConnectorError {
  return new ConnectorError(
    'rejected',
    'outcome_unknown',
    `${step.action} was sent, no answer came, and it must not be sent twice. Look in the other system whether it happened, then rerun or cancel the job.`,
    { effect: 'unknown' },
  )
}

function progressOf(row: StepRow, run: JobRun) {
  return {
    saved: row.progress as Json | undefined,
    save: async (value: Json) => {
      row.progress = value
      await run.store.saveSteps(run.job, [...run.pending.splice(0), { ...row, state: 'started' }])
    },
  }
}
