import { type CycleOptions, loadOperations, recipeConnections, runCycle, type Summary } from '../engine/index.ts'
import type { Recipe } from '../recipe/index.ts'
import { gitCommit } from './git.ts'
import { storedRecipes } from './load-recipe.ts'
import { type Program, status } from './program.ts'
import type { Report } from './report/report.ts'
import type { StandIns } from './stand-ins.ts'
import type { Workspace } from './workspace.ts'

export interface CycleRequest extends CycleOptions {
  environment: string
  standIns: StandIns
  report: Report
  stop: AbortSignal
  abort: AbortSignal
}

/** One cycle of one recipe in a workspace: connections are opened for it and closed after it. */
export async function cycleOf(recipe: Recipe, workspace: Workspace, program: Program, request: CycleRequest): Promise<Summary> {
  const { environment, standIns, report, stop, abort, ...options } = request
  const { store, catalog, clock, log } = workspace
  const connections = recipeConnections(recipe, workspace.connectionPorts(environment, standIns.settings))
  const commit = gitCommit(recipe.root)
  try {
    return await runCycle(
      recipe,
      {
        store,
        operations: loadOperations(catalog),
        connections,
        clock,
        random: Math.random,
        log,
        emit: (event) => report.on(event),
        recipeOf: storedRecipes(recipe, (hash) => store.recipe(hash), catalog),
        environment,
        runnerVersion: program.version,
        ...(commit !== undefined && { gitCommit: commit }),
        stop,
        abort,
      },
      options,
    )
  } finally {
    await connections.close()
  }
}

/** Trigger errors win over job errors. */
export function exitStatus(summaries: readonly Summary[]): number {
  const outcomes = new Set(summaries.map((summary) => summary.outcome))
  if (outcomes.has('fault')) return status.fault
  if (outcomes.has('trigger_error')) return status.triggerError
  return outcomes.has('job_errors') ? status.jobErrors : status.ok
}
