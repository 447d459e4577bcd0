import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseDuration } from '../connector/duration.ts'
import { parseJson, type TriggerEvent } from '../connector/index.ts'
import { type CycleOptions, type Summary, toFailure, toStoredError } from '../engine/index.ts'
import { StoreError } from '../store/index.ts'
import { systemClock } from './clock.ts'
import { type CycleRequest, exitStatus, type OpenRecipe, openRecipe } from './cycle.ts'
import { loadRecipes } from './load-recipe.ts'
import { type Program, status, UsageError, wantsColor } from './program.ts'
import { jsonReport } from './report/json.ts'
import type { Report } from './report/report.ts'
import { textReport } from './report/text.ts'
import { shortSignal } from './signals.ts'
import { noStandIns, runningSandbox, startSandboxes } from './stand-ins.ts'
import { watch } from './watch.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

export interface RunOptions {
  json?: boolean
  watch?: boolean
  /** True: a throw-away sandbox; a text: address of a running one. */
  sandbox?: true | string
  env: string
  since?: string
  until?: string
  limit?: number
  maxTime: string
  triggerData?: string
}

/** `runner run`: one cycle of each recipe, one after the other; with `--watch`, each again and again on its schedule. */
export async function run(files: string[], options: RunOptions, program: Program): Promise<number> {
  try {
    return await runAll(files, options, program)
  } catch (error) {
    // JSON lines end with a summary, also when the store cannot even be opened.
    if (options.json && !(error instanceof UsageError)) {
      const { code, message } = error instanceof StoreError ? error : toStoredError(toFailure(error, new AbortController().signal))
      program.stdout.write(
        `${JSON.stringify({ type: 'summary', outcome: 'fault', events: 0, jobs: { succeeded: 0, failed: 0 }, code, message })}\n`,
      )
    }
    throw error
  }
}

async function runAll(files: string[], options: RunOptions, program: Program): Promise<number> {
  const cycle = await cycleOptions(options, program)
  const maxTimeMs = duration(options.maxTime)
  const catalog = await program.catalog()
  const recipes = await loadRecipes(files, program, catalog)
  if (!recipes) return status.usage

  const standIns =
    options.sandbox === true ? await startSandboxes(recipes, catalog) : options.sandbox ? await runningSandbox(options.sandbox) : noStandIns
  const open: OpenRecipe[] = []
  const workspaces: Workspace[] = []
  try {
    for (const [root, below] of Map.groupBy(recipes, (recipe) => recipe.root)) {
      const workspace = await openWorkspace(root, program, { throwAway: options.sandbox === true })
      workspaces.push(workspace)
      for (const recipe of below) {
        const report = reportOf(options, workspace, program, options.watch && recipes.length > 1 ? recipe.id : undefined)
        open.push(openRecipe(recipe, workspace, program, { environment: options.sandbox ? 'sandbox' : options.env, standIns, report }))
      }
    }
    const { stop, abort } = program
    return exitStatus(
      options.watch
        ? await watch(open, { clock: systemClock, stop, abort, maxTimeMs, options: cycle })
        : await inTurn(open, { ...cycle, stop, abort }, maxTimeMs),
    )
  } finally {
    for (const each of [...open, ...workspaces, standIns]) await each.close()
  }
}

/** One cycle each, within the time for all. */
async function inTurn(recipes: readonly OpenRecipe[], request: CycleRequest, maxTimeMs: number): Promise<Summary[]> {
  const stop = shortSignal(request.stop, maxTimeMs)
  const summaries: Summary[] = []
  try {
    for (const recipe of recipes) summaries.push(await recipe.cycle({ ...request, stop: stop.signal }))
    return summaries
  } finally {
    stop.release()
  }
}

/** @param recipe of whose lines alone, where those of several mix */
export function reportOf(options: { json?: boolean }, workspace: Workspace, program: Program, recipe?: string): Report {
  if (options.json) return jsonReport(workspace.out)
  const terminal = program.stdout.isTTY === true && recipe === undefined
  return textReport({ write: workspace.out, terminal, color: wantsColor(program), ...(recipe !== undefined && { recipe }) })
}

async function cycleOptions(options: RunOptions, program: Program): Promise<CycleOptions> {
  const { since, until, limit, triggerData, watch } = options
  if (since !== undefined && since !== 'now' && since !== 'beginning') throw new UsageError('`--since` takes now or beginning.')
  if (until !== undefined && Number.isNaN(Date.parse(until)))
    throw new UsageError(`\`--until ${until}\` is no time; write it as 2031-05-01T08:00:00Z.`)
  if (watch && (until !== undefined || triggerData !== undefined))
    throw new UsageError('`--watch` polls on and on, which `--until` and `--trigger-data` do not go with. Leave one of them out.')
  return {
    ...(since && { since }),
    ...(until && { until: new Date(until) }),
    ...(limit !== undefined && { limit }),
    ...(triggerData !== undefined && { source: { event: await givenEvent(resolve(program.cwd, triggerData)) } }),
  }
}

function duration(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw new UsageError(`\`--max-time\`: ${(error as Error).message}`)
  }
}

/** The file holds the row that becomes `trigger`, or a whole event with `record`. Each call makes a job of its own. */
async function givenEvent(path: string): Promise<TriggerEvent> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError(`\`--trigger-data\`: there is no file ${path}.`)
  })
  let value: unknown
  try {
    value = parseJson(text)
  } catch (error) {
    throw new UsageError(`\`--trigger-data\`: ${path} is no JSON: ${(error as Error).message}.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError('`--trigger-data` takes a file with one JSON object.')
  const id = `given/${new Date().toISOString()}/${Math.random().toString(36).slice(2)}`
  return { ...('record' in value ? (value as Omit<TriggerEvent, 'id'>) : { record: value as TriggerEvent['record'] }), id }
}
