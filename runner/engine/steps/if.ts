import type { IfStep } from '../../recipe/recipe.ts'
import type { JobRun } from '../job.ts'
import { runSteps, type StepScope } from './run-steps.ts'

/** A branch leaves no row of its own: its condition reads only what is stored, so a resumed job takes the same way. */
export function runIf(step: IfStep, scope: StepScope, address: string, run: JobRun): Promise<void> {
  const chosen = step.condition.evaluate(scope) === true ? 'then' : 'else'
  return runSteps(step[chosen], scope, `${address}/${chosen}/`, run)
}
