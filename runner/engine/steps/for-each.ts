import { ConnectorError } from '../../connector/index.ts'
import type { ForEachStep } from '../../recipe/recipe.ts'
import type { JobRun } from '../job.ts'
import { runSteps, type StepScope } from './run-steps.ts'

/**
 * Turns of a loop, one after the other. Each turn sees the steps before the loop and its own, and its steps are stored under `loop[index]/`,
 * so a crash inside the 400th turn resumes there: the list itself is computed from stored data and comes out the same.
 */
export async function runForEach(step: ForEachStep, scope: StepScope, address: string, run: JobRun): Promise<void> {
  const list = step.list.evaluate(scope)
  if (!Array.isArray(list)) {
    throw new ConnectorError(
      'rejected',
      'not_a_list',
      `\`for_each: \${{ ${step.list.source} }}\` must yield a list, but it yields ${describe(list)}.`,
    )
  }
  for (const [index, item] of list.entries()) {
    const turn = { ...scope, steps: { ...scope.steps }, [step.as]: item, turn: { index, first: index === 0 } }
    await runSteps(step.do, turn, `${address}[${index}]/`, run)
  }
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'object' ? 'an object' : typeof value === 'symbol' ? 'nothing' : `the ${typeof value} ${JSON.stringify(value)}`
}
