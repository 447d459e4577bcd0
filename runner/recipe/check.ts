import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Catalog, OperationEntry } from '../connector/index.ts'
import { compileTemplate, type ScopeTypes } from '../expression/index.ts'
import { checkConnections, checkConnectionText, type Read } from './connections.ts'
import { CheckContext, isObject } from './context.ts'
import { readDocument } from './document.ts'
import { fieldExpression, reportExpressions } from './expressions.ts'
import { connectionFor } from './operation-connection.ts'
import { byPlace, type Problem } from './problem.ts'
import type { ConnectionBlock, Recipe, TriggerBlock } from './recipe.ts'
import { belowRoot, findRoot } from './root.ts'
import { cutExpressions } from './rules/cut-expression.ts'
import { lossyNumbers } from './rules/lossy-number.ts'
import { checkSchedule, hasSchedule } from './rules/schedule.ts'
import { shownText } from './rules/shown-text.ts'
import { checkInput, checkShape } from './shape.ts'
import skeleton from './skeleton.json' with { type: 'json' }
import { defaultRetry, duration, operationOf, retryPolicy, StepChecker } from './steps.ts'

export interface CheckPorts {
  catalog: Catalog
  /** Default: from disk. */
  read?: Read
  /** Default: found from the file's place. */
  root?: string
}

export interface Checked {
  /** Only there when no problem is an error. */
  recipe?: Recipe
  /** Sorted by place. */
  problems: Problem[]
  /** Texts of all files that were read, as code frames may show them, by absolute path. */
  texts: Map<string, string>
}

/**
 * Checks a recipe in full: the same checks for `validate` and before every run. All problems come back at once.
 * @param file absolute path
 */
export async function checkRecipe(
  file: string,
  { catalog, read = (path) => readFile(path, 'utf8'), root = findRoot(file) }: CheckPorts,
): Promise<Checked> {
  const problems: Problem[] = []
  const texts = new Map<string, string>()
  const done = (recipe?: Recipe): Checked => {
    const sorted = problems.toSorted(byPlace)
    return {
      ...(recipe && !sorted.some((problem) => problem.severity === 'error') && { recipe }),
      problems: sorted,
      texts: shown(texts, sorted, catalog),
    }
  }
  let text: string
  try {
    text = await read(file)
  } catch {
    problems.push({
      file,
      line: 1,
      column: 1,
      endLine: 1,
      endColumn: 1,
      code: 'file_missing',
      message: 'There is no such file. Check the path.',
      severity: 'error',
    })
    return done()
  }
  texts.set(file, text)
  const document = readDocument(file, text)
  problems.push(...document.problems)
  if (document.problems.length > 0) return done()

  const context = new CheckContext(document, catalog, problems)
  if (!isObject(document.value)) {
    context.problem([], 'wrong_type', 'A recipe is a mapping with `name`, `trigger` and `steps`.')
    return done()
  }
  const written = withoutExtensions(document.value)
  if (cutExpressions(context, written, [])) return done()
  checkShape(context, written, topLevel, [])
  const connections = await checkConnections(context, written, read, (path, content) => texts.set(path, content))
  const files = Object.fromEntries([...texts].map(([path, content]) => [belowRoot(root, path), content]))
  return done(await build(context, written, connections, { file, root, files }))
}

/** The trigger is checked by itself. */
const topLevel = { ...skeleton.recipe, properties: { ...skeleton.recipe.properties, trigger: {} } }

/** `x-` keys hold anchors. */
function withoutExtensions(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')))
}

interface Origin {
  file: string
  root: string
  files: Record<string, string>
}

async function build(
  context: CheckContext,
  written: Record<string, unknown>,
  connections: Record<string, ConnectionBlock>,
  { file, root, files }: Origin,
): Promise<Recipe | undefined> {
  const retry = retryPolicy(written.retry, defaultRetry)
  const steps = new StepChecker(context, connections, retry)
  const trigger = await checkTrigger(context, written.trigger, connections, steps.used)
  const checked = steps.check(written.steps, trigger?.scope ?? openScope)
  unusedConnections(context, written, steps.used)
  if (!trigger) return undefined
  return {
    id: typeof written.id === 'string' ? written.id : belowRoot(root, file),
    name: String(written.name),
    ...(typeof written.description === 'string' && { description: written.description }),
    file,
    root,
    hash: createHash('sha256').update(JSON.stringify(files)).digest('hex'),
    files,
    connections,
    trigger: trigger.block,
    concurrency: typeof written.concurrency === 'number' ? written.concurrency : 1,
    ...(typeof written.timeout === 'string' && { timeoutMs: duration(context, written.timeout, ['timeout']) }),
    retry,
    steps: checked,
  }
}

const anything = {}
const base: ScopeTypes = {
  job: {
    type: 'object',
    properties: {
      id: { type: 'string' },
      attempt: { type: 'integer' },
      started_at: { type: 'string' },
      recipe: { type: 'string' },
      run_id: { type: 'string' },
    },
    required: ['id', 'attempt', 'started_at', 'recipe', 'run_id'],
    additionalProperties: false,
  },
}

const envelope = {
  type: 'object',
  properties: { id: { type: 'string' }, change: anything, before: anything, after: anything, labels: anything, time: anything },
  required: ['id', 'change', 'before', 'after', 'labels', 'time'],
  additionalProperties: false,
}

/** Where the trigger itself is wrong, its steps are still checked as far as can be. */
const openScope: ScopeTypes = { ...base, trigger: anything, event: envelope, batch: anything }

function scopeOf(operation: OperationEntry | undefined, batched: boolean): ScopeTypes {
  const record = operation?.output ?? anything
  if (!batched) return { ...base, trigger: record, event: envelope }
  const batch = {
    type: 'object',
    properties: { records: { type: 'array', items: record }, events: { type: 'array', items: envelope } },
    required: ['records', 'events'],
    additionalProperties: false,
  }
  return { ...base, batch }
}

async function checkTrigger(
  context: CheckContext,
  written: unknown,
  connections: Record<string, ConnectionBlock>,
  used: Set<string>,
): Promise<{ block: TriggerBlock; scope: ScopeTypes } | undefined> {
  if (!isObject(written)) {
    if (written !== undefined) context.problem(['trigger'], 'wrong_type', '`trigger` is a mapping with `type` and `with`.')
    return undefined
  }
  const path = ['trigger']
  checkShape(context, written, skeleton.trigger, path)
  await checkSchedule(context, written)
  const operation = operationOf(context, written.type, 'trigger', [...path, 'type'])
  const input = written.with ?? {}
  if (operation && isObject(input)) {
    checkInput(context, input, operation.input, written.with === undefined ? path : [...path, 'with'])
    lossyNumbers(context, input, [...path, 'with'])
  }
  const { template, problems } = compileTemplate(input, { scope: base, schema: operation?.input ?? {} })
  reportExpressions(context, problems, [...path, 'with'])
  const batch = typeof written.batch === 'number' ? written.batch : undefined
  // The condition sees each event by itself, also where jobs get batches.
  const condition =
    written.if === undefined ? undefined : fieldExpression(context, written.if, [...path, 'if'], scopeOf(operation, false), 'boolean')
  const connection = operation && connectionFor(context, connections, String(written.type), written.connection, path, used)
  const block: TriggerBlock = {
    type: String(written.type),
    with: template,
    since: written.since === 'now' || written.since === 'beginning' ? written.since : (operation?.since ?? 'now'),
    ...(connection !== undefined && { connection }),
    ...(condition && { if: condition }),
    ...(batch !== undefined && { batch }),
    ...(typeof written.every === 'string' && { everyMs: duration(context, written.every, [...path, 'every']) }),
    ...(hasSchedule(written) && { schedule: { cron: written.schedule, timezone: written.timezone ?? 'UTC' } }),
  }
  return { block, scope: scopeOf(operation, batch !== undefined) }
}

function unusedConnections(context: CheckContext, written: Record<string, unknown>, used: Set<string>): void {
  const declared: [string, (string | number)[]][] = [
    ...(written.connection === undefined ? [] : [['main', ['connection']] as [string, string[]]]),
    ...Object.keys(isObject(written.connections) ? written.connections : {}).map((name): [string, string[]] => [
      name,
      ['connections', name],
    ]),
  ]
  for (const [name, path] of declared) {
    if (!used.has(name) && !context.problems.some((problem) => problem.severity === 'error')) {
      context.problem(path, 'connection_unused', 'Nothing in this recipe uses this connection. Remove it.', {
        key: true,
        severity: 'warning',
      })
    }
  }
}

/** Checks a file that holds just a connection block. */
export async function checkConnectionFile(
  file: string,
  { catalog, read = (path) => readFile(path, 'utf8') }: CheckPorts,
): Promise<Checked & { block?: ConnectionBlock }> {
  const text = await read(file)
  const problems: Problem[] = []
  const block = checkConnectionText(file, text, { catalog, problems })
  return { problems: problems.toSorted(byPlace), texts: shown(new Map([[file, text]]), problems, catalog), ...(block && { block }) }
}

function shown(texts: Map<string, string>, problems: readonly Problem[], catalog: Catalog): Map<string, string> {
  if (problems.length === 0) return texts
  return new Map([...texts].map(([file, text]) => [file, shownText(text, catalog)]))
}

/** Rebuilds the recipe that a job began with from its stored texts. @throws Error when it no longer passes the checks */
export async function recipeFromBundle(
  bundle: { path: string; files: Record<string, string> },
  { catalog, root }: { catalog: Catalog; root: string },
): Promise<Recipe> {
  const read = async (path: string) => {
    const text = bundle.files[belowRoot(root, path)]
    if (text === undefined) throw new Error(`${path} is not part of the stored recipe`)
    return text
  }
  const { recipe, problems } = await checkRecipe(join(root, bundle.path), { catalog, read, root })
  if (!recipe) throw new Error(`The recipe that the job began with is no longer valid: ${problems[0]?.message}`)
  return recipe
}
