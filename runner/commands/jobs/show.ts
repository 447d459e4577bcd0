import { findRoot } from '../../recipe/index.ts'
import type { JobRow, StepRow } from '../../store/index.ts'
import { type Program, status, UsageError } from '../program.ts'
import { openWorkspace } from '../workspace.ts'

/** `runner jobs show`: a job with everything that is stored of it, masked. */
export async function showJob(id: string, options: { json?: boolean }, program: Program): Promise<number> {
  const workspace = await openWorkspace(findRoot(program.cwd), program)
  try {
    const job = await workspace.store.job(id)
    if (!job) throw new UsageError(`There is no job ${id} in this store. \`runner jobs\` lists them.`)
    const steps = await workspace.store.steps(id)
    workspace.out(options.json ? `${JSON.stringify({ ...job, steps })}\n` : text(job, steps))
    return status.ok
  } finally {
    await workspace.close()
  }
}

function text(job: JobRow, steps: readonly StepRow[]): string {
  const head = [
    `job      ${job.id}`,
    `recipe   ${job.recipe.id}${job.recipeHash ? ` (${job.recipeHash.slice(0, 12)})` : ''}`,
    `state    ${job.state}, attempt ${job.attempt}`,
    `created  ${job.createdAt.toISOString()}`,
    ...(job.endedAt ? [`ended    ${job.endedAt.toISOString()}`] : []),
    ...(job.reason ? [`reason   ${job.reason}`] : []),
    ...(job.error ? [`error    [${job.error.code}] ${job.error.message}`] : []),
    `event    ${JSON.stringify(job.payload)}`,
  ]
  return `${[...head, '', ...steps.flatMap(stepText)].join('\n')}\n`
}

function stepText(step: StepRow): string[] {
  const took = step.endedAt ? `, ${step.endedAt.getTime() - step.startedAt.getTime()} ms` : ''
  return [
    `${step.address}: ${step.state}, attempt ${step.attempt}${took}`,
    ...(step.input === undefined ? [] : [`    input  ${JSON.stringify(step.input)}`]),
    ...(step.output === undefined ? [] : [`    output ${JSON.stringify(step.output)}`]),
    ...(step.error ? [`    error  [${step.error.code}] ${step.error.message}`] : []),
  ]
}
