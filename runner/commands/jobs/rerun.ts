import { resolve } from 'node:path'
import type { Summary } from '../../engine/index.ts'
import { findRoot, recipeId } from '../../recipe/index.ts'
import type { JobFilter, JobRow } from '../../store/index.ts'
import { cycleOf, exitStatus } from '../cycle.ts'
import { loadRecipes, recipePath } from '../load-recipe.ts'
import { type Program, status, UsageError } from '../program.ts'
import { reportOf } from '../run.ts'
import { noStandIns, runningSandbox } from '../stand-ins.ts'
import { openWorkspace, type Workspace } from '../workspace.ts'
import { failedStates } from './list.ts'

export interface RerunOptions {
  failed?: boolean
  code?: string
  recipe?: string
  env: string
  sandbox?: string
  json?: boolean
}

/** `runner jobs rerun`: failed jobs run again at once, from their first unfinished step, with the recipe they began with. */
export async function rerunJobs(ids: string[], options: RerunOptions, program: Program): Promise<number> {
  if (ids.length === 0 && !options.failed && !options.code) throw new UsageError('Name jobs, or say which: `--failed`, `--code <code>`.')
  const file = options.recipe === undefined ? undefined : resolve(program.cwd, options.recipe)
  const root = findRoot(file ?? program.cwd)
  const standIns = options.sandbox ? await runningSandbox(options.sandbox) : noStandIns
  const environment = options.sandbox ? 'sandbox' : options.env
  const workspace = await openWorkspace(root, program)
  try {
    const jobs = await workspace.store.jobs({
      states: failedStates,
      ...(ids.length > 0 && { ids }),
      ...(options.code && { code: options.code }),
      ...(file && { recipe: { id: await recipeId(file), environment } }),
    })
    const wanted = jobs.filter((job) => job.recipe.environment === environment)
    if (wanted.length === 0) {
      program.stderr.write('no such failed jobs\n')
      return status.ok
    }
    return await rerun(wanted, workspace, program, options, { environment, standIns })
  } finally {
    await workspace.close()
    await standIns.close()
  }
}

async function rerun(
  jobs: readonly JobRow[],
  workspace: Workspace,
  program: Program,
  options: RerunOptions,
  where: { environment: string; standIns: typeof noStandIns },
): Promise<number> {
  const report = reportOf(options, workspace, program)
  const summaries: Summary[] = []
  for (const [id, ofRecipe] of Map.groupBy(jobs, (job) => job.recipe.id)) {
    const loaded = await loadRecipes([await fileOf(id, ofRecipe, workspace)], program, workspace.catalog)
    if (!loaded?.[0]) return status.usage
    const filter: JobFilter = { ids: ofRecipe.map((job) => job.id) }
    await workspace.store.requeue(filter)
    summaries.push(
      await cycleOf(loaded[0], workspace, program, { source: 'none', report, stop: program.stop, abort: program.abort, ...where }),
    )
  }
  return exitStatus(summaries)
}

/** The recipe's file, as the store knows it from the run that began the job. */
async function fileOf(id: string, jobs: readonly JobRow[], workspace: Workspace): Promise<string> {
  const hash = jobs.find((job) => job.recipeHash)?.recipeHash
  const bundle = hash === undefined ? undefined : await workspace.store.recipe(hash)
  return recipePath(workspace.root, bundle?.path ?? id)
}
