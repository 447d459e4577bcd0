import type { Scope } from '../../expression/index.ts'
import type { Step } from '../../recipe/recipe.ts'
import { toFailure } from '../failure.ts'
import type { JobRun } from '../job.ts'
import { runAction } from './action.ts'
import { runForEach } from './for-each.ts'
import { runIf } from './if.ts'
import { StepFailed } from './step-failed.ts'

export type StepScope = Scope & { steps: Record<string, unknown> }

/**
 * Runs a list of steps in order. A named step leaves its result in `scope.steps`.
 * @param prefix address of the block the list stands in, ending with `/`, or empty
 * @throws StepFailed at the first step that fails
 */
export async function runSteps(steps: readonly Step[], scope: StepScope, prefix: string, run: JobRun): Promise<void> {
  for (const step of steps) {
    const address = prefix + step.address
    try {
      run.signal.throwIfAborted()
      if (step.if && step.if.evaluate(scope) !== true) continue
      await runStep(step, scope, address, run)
    } catch (thrown) {
      throw thrown instanceof StepFailed ? thrown : new StepFailed(address, toFailure(thrown, run.signal))
    }
  }
}

function runStep(step: Step, scope: StepScope, address: string, run: JobRun): Promise<void> {
  switch (step.kind) {
    case 'action':
      return runAction(step, scope, address, run)
    case 'if':
      return runIf(step, scope, address, run)
    case 'for_each':
      return runForEach(step, scope, address, run)
  }
}
