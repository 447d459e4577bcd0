import { type CycleOptions, type EngineEvent, loadOperations, recipeConnections, runCycle, type Summary } from '../engine/index.ts'
import type { Recipe } from '../recipe/index.ts'
import { gitCommit } from './git.ts'
import { storedRecipes } from './load-recipe.ts'
import { type Program, status } from './program.ts'
import type { Report } from './report/report.ts'
import type { StandIns } from './stand-ins.ts'
import type { Workspace } from './workspace.ts'

/** What a recipe runs against, and who is told. */
export interface CycleSetting {
  environment: string
  standIns: StandIns
  report: Report
}

export interface CycleRequest extends CycleOptions {
  stop: AbortSignal
  abort: AbortSignal
}

/** A recipe with its connections, which stay open from one cycle to the next: access tokens and sockets are used again. */
export interface OpenRecipe {
  readonly recipe: Recipe
  cycle(request: CycleRequest): Promise<Summary>
  close(): Promise<void>
}

/** Opens a recipe in a workspace; its connections are opened when they are first used. */
export function openRecipe(recipe: Recipe, workspace: Workspace, program: Program, setting: CycleSetting): OpenRecipe {
  const { environment, standIns, report } = setting
  const { store, catalog, clock, log } = workspace
  const connections = recipeConnections(recipe, workspace.connectionPorts(environment, standIns.settings))
  const commit = gitCommit(recipe.root)
  const ports = {
    store,
    operations: loadOperations(catalog),
    connections,
    clock,
    random: Math.random,
    log,
    emit: (event: EngineEvent) => report.on(event),
    recipeOf: storedRecipes(recipe, (hash) => store.recipe(hash), catalog),
    environment,
    runnerVersion: program.version,
    ...(commit !== undefined && { gitCommit: commit }),
  }
  return {
    recipe,
    cycle: ({ stop, abort, ...options }) => runCycle(recipe, { ...ports, stop, abort }, options),
    close: () => connections.close(),
  }
}

/** One cycle of one recipe in a workspace. */
export async function cycleOf(
  recipe: Recipe,
  workspace: Workspace,
  program: Program,
  { environment, standIns, report, ...request }: CycleSetting & CycleRequest,
): Promise<Summary> {
  const open = openRecipe(recipe, workspace, program, { environment, standIns, report })
  try {
    return await open.cycle(request)
  } finally {
    await open.close()
  }
}

/** Trigger errors win over job errors. */
export function exitStatus(summaries: readonly Summary[]): number {
  const outcomes = new Set(summaries.map((summary) => summary.outcome))
  if (outcomes.has('fault')) return status.fault
  if (outcomes.has('trigger_error')) return status.triggerError
  return outcomes.has('job_errors') ? status.jobErrors : status.ok
}
