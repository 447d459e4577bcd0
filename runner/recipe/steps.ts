import { createHash } from 'node:crypto'
import { parseDuration } from '../connector/duration.ts'
import { celNames, compileTemplate, type ScopeTypes, suggestion } from '../expression/index.ts'
import { type CheckContext, isObject, own } from './context.ts'
import type { Path } from './document.ts'
import { fieldExpression, reportExpressions } from './expressions.ts'
import { connectionFor } from './operation-connection.ts'
import type { ActionStep, ConnectionBlock, ForEachStep, IfStep, RetryPolicy, Step } from './recipe.ts'
import { lossyNumbers } from './rules/lossy-number.ts'
import { checkInput, checkShape } from './shape.ts'
import skeleton from './skeleton.json' with { type: 'json' }

type Written = Record<string, unknown>

/** Words of the language that this version does not run; named, so that nobody takes them for a typing mistake. */
const later = [
  'switch',
  'cases',
  'default',
  'repeat',
  'while',
  'until',
  'parallel',
  'try',
  'catch',
  'finally',
  'call',
  'set',
  'log',
  'wait',
  'return',
  'stop',
  'reason',
  'collect',
]

/** Words that CEL's grammar keeps for itself. */
const words = [
  'true',
  'false',
  'null',
  'in',
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
  'import',
  'let',
  'loop',
  'package',
  'namespace',
  'return',
  'var',
  'void',
  'while',
]
const reserved = new Set([...words, ...celNames])
const taken = ['trigger', 'event', 'batch', 'steps', 'env', 'secrets', 'job', 'turn']

export const defaultRetry: RetryPolicy = { attempts: 5, delayMs: 2_000, maxDelayMs: 60_000 }

/** What the steps so far yield: every id, and those that are set on every path. */
interface Known {
  outputs: Record<string, Record<string, unknown>>
  certain: Set<string>
}

/** Walks the tree of steps in the order they run: what a step may name is what stands before it. */
export class StepChecker {
  readonly #context: CheckContext
  readonly #connections: Record<string, ConnectionBlock>
  readonly #ids = new Map<string, Path>()
  readonly #retry: RetryPolicy
  /** Connections that some step names or uses. */
  readonly used = new Set<string>()

  constructor(context: CheckContext, connections: Record<string, ConnectionBlock>, retry: RetryPolicy) {
    this.#context = context
    this.#connections = connections
    this.#retry = retry
  }

  check(steps: unknown, scope: ScopeTypes): Step[] {
    return this.#block(steps, ['steps'], scope, { outputs: {}, certain: new Set() })
  }

  #block(steps: unknown, path: Path, scope: ScopeTypes, known: Known): Step[] {
    const ordinals = new Map<string, number>()
    // One step may stand for a list of one: `else: { if: …, then: … }`.
    const list: [unknown, Path][] = Array.isArray(steps) ? steps.map((step, index) => [step, [...path, index]]) : [[steps, path]]
    return list.flatMap(([step, at]) => {
      if (!isObject(step)) {
        if (step !== undefined)
          this.#context.problem(at, 'wrong_type', 'A step is a mapping with one of `action`, `if` and `then`, `for_each`.')
        return []
      }
      return this.#step(step, at, scope, known, ordinals) ?? []
    })
  }

  #step(step: Written, path: Path, scope: ScopeTypes, known: Known, ordinals: Map<string, number>): Step | undefined {
    const names: ScopeTypes = {
      ...scope,
      steps: {
        type: 'object',
        properties: known.outputs,
        required: [...known.certain],
        additionalProperties: false,
        'x-noun': 'earlier step',
      },
    }
    if ('action' in step) return this.#action(step, path, names, known, ordinals)
    if ('for_each' in step) return this.#forEach(step, path, names, known, ordinals)
    if ('then' in step) return this.#if(step, path, names, known, ordinals)
    const word = Object.keys(step).find((key) => later.includes(key))
    if (word !== undefined)
      this.#context.problem(
        [...path, word],
        'not_supported_yet',
        `\`${word}\` is a word of the language that this version does not run yet. Write it with \`action\`, \`if\` and \`for_each\`.`,
        { key: true },
      )
    else {
      const wrong = Object.keys(step).find((key) => !['id', 'with', 'if'].includes(key)) ?? ''
      this.#context.problem(
        path,
        'step_unknown',
        `A step needs one of \`action\`, \`if\` with \`then\`, \`for_each\`.${wrong === '' ? '' : suggestion(wrong, ['action', 'then', 'for_each'])}`,
      )
    }
    return undefined
  }

  #head(step: Written, kind: string, path: Path, ordinals: Map<string, number>) {
    const ordinal = (ordinals.get(kind) ?? 0) + 1
    const id = typeof step.id === 'string' ? step.id : undefined
    // Named steps do not count: giving a neighbour an id must not move this one.
    if (id === undefined) ordinals.set(kind, ordinal)
    else this.#takeId(id, [...path, 'id'])
    const nodeHash = createHash('sha256').update(JSON.stringify(step)).digest('hex').slice(0, 16)
    const { line } = this.#context.document.at(path, '', '')
    return { ...(id !== undefined && { id }), address: id ?? `${kind}#${ordinal}`, nodeHash, line }
  }

  #takeId(id: string, path: Path): void {
    if (reserved.has(id))
      this.#context.problem(path, 'name_reserved', `\`${id}\` is a word of the expression language. Choose another name.`)
    const other = this.#ids.get(id)
    if (other)
      this.#context.problem(
        path,
        'duplicate_id',
        `Another step has the id \`${id}\` (line ${this.#context.document.at(other, '', '').line}). Give each its own.`,
      )
    else this.#ids.set(id, path)
  }

  #action(step: Written, path: Path, names: ScopeTypes, known: Known, ordinals: Map<string, number>): ActionStep | undefined {
    const context = this.#context
    checkShape(context, step, skeleton.actionStep, path)
    const action = String(step.action)
    const head = this.#head(step, action.split('.').at(-1) ?? action, path, ordinals)
    const guard = step.if === undefined ? undefined : fieldExpression(context, step.if, [...path, 'if'], names, 'boolean')
    const operation = operationOf(context, step.action, 'action', [...path, 'action'])
    const input = operation?.input ?? {}
    const written = step.with ?? {}
    if (operation && isObject(written)) {
      checkInput(context, written, input, step.with === undefined ? path : [...path, 'with'])
      lossyNumbers(context, written, [...path, 'with'])
    }
    const { template, problems } = compileTemplate(written, { scope: names, schema: input })
    reportExpressions(context, problems, [...path, 'with'])
    const connection = operation && connectionFor(context, this.#connections, action, step.connection, path, this.used)
    if (head.id !== undefined) this.#yields(head.id, outputOf(operation?.output ?? {}, step), step.if === undefined, known)
    return {
      ...head,
      kind: 'action',
      action,
      with: template,
      onError: step.on_error === 'continue' ? 'continue' : 'fail',
      ...(guard && { if: guard }),
      ...(connection !== undefined && { connection }),
      ...(step.retry !== undefined && { retry: retryPolicy(step.retry, this.#retry) }),
      ...(typeof step.timeout === 'string' && { timeoutMs: duration(context, step.timeout, [...path, 'timeout']) }),
    }
  }

  #yields(id: string, output: Record<string, unknown>, certain: boolean, known: Known): void {
    known.outputs[id] = output
    if (certain) known.certain.add(id)
  }

  #if(step: Written, path: Path, names: ScopeTypes, known: Known, ordinals: Map<string, number>): IfStep | undefined {
    checkShape(this.#context, step, skeleton.ifStep, path)
    const condition = fieldExpression(this.#context, step.if, [...path, 'if'], names, 'boolean')
    const head = this.#head(step, 'if', path, ordinals)
    const branch = (steps: unknown, key: string) => {
      const inner: Known = { outputs: { ...known.outputs }, certain: new Set(known.certain) }
      return { steps: this.#block(steps, [...path, key], names, inner), inner }
    }
    const then = branch(step.then, 'then')
    const otherwise = branch(step.else ?? [], 'else')
    Object.assign(known.outputs, then.inner.outputs, otherwise.inner.outputs)
    for (const id of then.inner.certain) if (otherwise.inner.certain.has(id)) known.certain.add(id)
    if (!condition) return undefined
    return { ...head, kind: 'if', condition, then: then.steps, else: otherwise.steps }
  }

  #forEach(step: Written, path: Path, names: ScopeTypes, known: Known, ordinals: Map<string, number>): ForEachStep | undefined {
    const context = this.#context
    checkShape(context, step, skeleton.forEachStep, path)
    const guard = step.if === undefined ? undefined : fieldExpression(context, step.if, [...path, 'if'], names, 'boolean')
    const list = fieldExpression(context, step.for_each, [...path, 'for_each'], names, 'list')
    const head = this.#head(step, 'for_each', path, ordinals)
    const as = typeof step.as === 'string' ? step.as : 'item'
    if (reserved.has(as) || taken.includes(as) || as in names)
      context.problem([...path, 'as'], 'name_taken', `\`${as}\` is taken here. Choose another name for the turn's value.`)
    const inner: Known = { outputs: { ...known.outputs }, certain: new Set(known.certain) }
    const turn = {
      type: 'object',
      properties: { index: { type: 'integer' }, first: { type: 'boolean' } },
      required: ['index', 'first'],
      additionalProperties: false,
    }
    const steps = this.#block(step.do, [...path, 'do'], { ...names, [as]: {}, turn }, inner)
    return list && { ...head, kind: 'for_each', list, as, do: steps, ...(guard && { if: guard }) }
  }
}

/** With `on_error: continue` the result may be an error instead. */
function outputOf(schema: Record<string, unknown>, step: Written): Record<string, unknown> {
  if (step.on_error !== 'continue') return schema
  return {
    ...schema,
    type: 'object',
    properties: { ...(schema.properties as Record<string, unknown> | undefined), error: {} },
    required: [],
  }
}

export function operationOf(context: CheckContext, name: unknown, kind: 'action' | 'trigger', path: Path) {
  if (typeof name !== 'string') return undefined
  const connector = name.slice(0, Math.max(0, name.indexOf('.')))
  const found = own(own(context.catalog, connector)?.operations, name)
  const code = kind === 'action' ? 'unknown_action' : 'unknown_trigger'
  if (found?.kind === kind) return found
  if (found) {
    context.problem(
      path,
      code,
      `\`${name}\` is ${found.kind === 'action' ? 'an action' : 'a trigger'}, not ${kind === 'action' ? 'an action' : 'a trigger'}.`,
    )
    return undefined
  }
  const names = Object.values(context.catalog).flatMap((entry) =>
    Object.entries(entry.operations).flatMap(([each, operation]) => (operation.kind === kind ? [each] : [])),
  )
  context.problem(path, code, `There is no ${kind} \`${name}\`.${suggestion(name, names)}`)
  return undefined
}

export function retryPolicy(written: unknown, base: RetryPolicy): RetryPolicy {
  if (!isObject(written)) return base
  const ms = (text: unknown, otherwise: number) => {
    try {
      return typeof text === 'string' ? parseDuration(text) : otherwise
    } catch {
      return otherwise
    }
  }
  return {
    attempts: typeof written.attempts === 'number' ? written.attempts : base.attempts,
    delayMs: ms(written.delay, base.delayMs),
    maxDelayMs: ms(written.max_delay, base.maxDelayMs),
  }
}

/** Its form has been checked already; what is left is a number that means nothing. */
export function duration(context: CheckContext, text: string, path: Path): number {
  try {
    return parseDuration(text)
  } catch (error) {
    if (!context.problems.some((problem) => problem.code === 'wrong_value' && problem.line === context.document.at(path, '', '').line)) {
      context.problem(path, 'wrong_value', (error as Error).message)
    }
    return 0
  }
}
