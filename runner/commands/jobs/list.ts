import { resolve } from 'node:path'
import { findRoot, recipeId } from '../../recipe/index.ts'
import type { JobFilter, JobRow, JobState } from '../../store/index.ts'
import { type Program, status } from '../program.ts'
import { openWorkspace } from '../workspace.ts'

export const failedStates: JobState[] = ['failed', 'partial', 'outcome_unknown']

export interface ListOptions {
  failed?: boolean
  code?: string
  env: string
  limit: number
  json?: boolean
}

/** `runner jobs`: newest first. */
export async function listJobs(file: string | undefined, options: ListOptions, program: Program): Promise<number> {
  const path = file === undefined ? undefined : resolve(program.cwd, file)
  const workspace = await openWorkspace(findRoot(path ?? program.cwd), program)
  try {
    const filter: JobFilter = {
      ...(path && { recipe: { id: await recipeId(path), environment: options.env } }),
      ...(options.failed && { states: failedStates }),
      ...(options.code && { code: options.code }),
      limit: options.limit,
    }
    const jobs = await workspace.store.jobs(filter)
    for (const job of jobs) workspace.out(options.json ? `${JSON.stringify(job)}\n` : `${line(job)}\n`)
    if (jobs.length === 0 && !options.json) workspace.out('no such jobs\n')
    return status.ok
  } finally {
    await workspace.close()
  }
}

function line({ id, recipe, state, createdAt, step, error, reason }: JobRow): string {
  const why = error ? `\n    [${error.code}]${step ? ` at ${step}` : ''}: ${error.message}` : reason ? `\n    ${reason}` : ''
  return `${id}  ${createdAt.toISOString()}  ${recipe.id}  ${state}${why}`
}
