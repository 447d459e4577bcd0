import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MaskRegistry } from '../../runner/connection/index.ts'
import {
  type ActionContext,
  type AnyAction,
  type AnyTrigger,
  type Catalog,
  type Clock,
  defineConnection,
  type OperationEntry,
  type PollContext,
  type PollPage,
  Type,
} from '../../runner/connector/index.ts'
import {
  type CycleOptions,
  type EngineEvent,
  loadOperations,
  recipeConnections,
  runCycle,
  type Summary,
} from '../../runner/engine/index.ts'
import { checkRecipe, recipeFromBundle } from '../../runner/recipe/index.ts'
import { openStore, type Store } from '../../runner/store/index.ts'
import { recipeFolder } from '../support/recipes.ts'

type Run = (context: ActionContext<unknown, Record<string, unknown>>) => Promise<unknown>
type Poll = (context: PollContext<unknown, unknown>) => AsyncIterable<PollPage>

/** What the operations of the invented connector do, set by each test. */
export interface Script {
  poll: Poll
  /** By name of the action: `read`, `repeat`, `ask`, `never`. */
  actions: Record<string, Run>
}

const open = { type: 'object', properties: {}, additionalProperties: true }
const traits = {
  read: { effect: 'read', afterUnknownEffect: 'repeat' },
  repeat: { effect: 'write', afterUnknownEffect: 'repeat' },
  ask: { effect: 'write', afterUnknownEffect: 'ask' },
  never: { effect: 'write', afterUnknownEffect: 'never' },
} as const

function probeCatalog(script: Script): Catalog {
  const probe = defineConnection({ name: 'probe', title: 'Probe', description: 'Invented.', settings: Type.Object({}), open: () => ({}) })
  const described = { title: 'x', description: 'x', input: open, output: {}, examples: [] }
  const actions = Object.entries(traits).map(([name, trait]): [string, OperationEntry] => [
    `probe.${name}`,
    {
      ...described,
      kind: 'action',
      ...trait,
      load: async () => ({ kind: 'action', ...trait, run: (context: never) => script.actions[name]?.(context) }) as unknown as AnyAction,
    },
  ])
  const events: OperationEntry = {
    ...described,
    kind: 'trigger',
    since: 'beginning',
    load: async () => ({ kind: 'trigger', poll: script.poll }) as unknown as AnyTrigger,
  }
  const operations = { 'probe.events': events, ...Object.fromEntries(actions) }
  return {
    probe: {
      name: 'probe',
      title: 'Probe',
      description: '',
      settings: open,
      rules: [],
      auth: false,
      sandbox: false,
      operations,
      load: async () => probe,
    },
  }
}

/** A clock that never waits. Sleeps are remembered. */
export function eagerClock(): Clock & { slept: number[] } {
  const slept: number[] = []
  return {
    slept,
    now: () => new Date('2031-05-01T08:00:00Z'),
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      slept.push(ms)
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

export interface Probe {
  store: Store
  script: Script
  clock: ReturnType<typeof eagerClock>
  run(options?: CycleOptions & { stop?: AbortSignal; abort?: AbortSignal }): Promise<{ summary: Summary; events: EngineEvent[] }>
  close(): Promise<void>
}

/** Events `1` to `count`, once. */
export const countTo = (count: number): Poll =>
  async function* ({ cursor }) {
    if (cursor === null)
      yield { events: Array.from({ length: count }, (_, index) => ({ id: `e${index + 1}`, record: { n: index + 1 } })), cursor: count }
  }

/** The real engine on a real store, with the recipe text given and operations that do what the test says. */
export async function probe(recipe: string, script: Partial<Script> = {}): Promise<Probe> {
  const folder = recipeFolder({})
  const file = join(folder, 'recipe.yaml')
  writeFileSync(file, recipe)
  const whole: Script = { poll: countTo(1), actions: {}, ...script }
  const catalog = probeCatalog(whole)
  const checked = await checkRecipe(file, { catalog })
  if (!checked.recipe) throw new Error(JSON.stringify(checked.problems, null, 2))
  const parsed = checked.recipe
  const store = await openStore({ file: join(folder, 'store.db'), key: randomBytes(32) })
  const clock = eagerClock()
  const quiet = { debug() {}, info() {}, warn() {} }
  return {
    store,
    script: whole,
    clock,
    async run({ stop = new AbortController().signal, abort = new AbortController().signal, ...options } = {}) {
      const events: EngineEvent[] = []
      const ports = {
        catalog,
        tokens: store.tokens,
        clock,
        random: () => 0.5,
        log: quiet,
        warnBeforeMs: 0,
        mask: new MaskRegistry(),
        environment: 'default',
        scope: { env: {}, secrets: { find: async () => ({ looked: [] }) } },
        standIns: {},
      }
      const summary = await runCycle(
        parsed,
        {
          store,
          operations: loadOperations(catalog),
          connections: recipeConnections(parsed, ports),
          clock,
          random: () => 0.5,
          log: quiet,
          emit: (event) => events.push(event),
          recipeOf: async (hash) => {
            const bundle = await store.recipe(hash)
            if (!bundle) throw new Error('no such recipe')
            return recipeFromBundle(bundle, { catalog, root: folder })
          },
          environment: 'default',
          runnerVersion: 'test',
          stop,
          abort,
        },
        options,
      )
      return { summary, events }
    },
    close: () => store.close(),
  }
}
