import {
  type EndWarning,
  endWarnings,
  type MaskRegistry,
  type OpenConnection,
  openConnection,
  resolveSettings,
  type SettingsScope,
  type TokenStore,
} from '../connection/index.ts'
import { type Catalog, type Clock, ConnectorError, type Log } from '../connector/index.ts'
import type { ConnectionBlock, Recipe, Step } from '../recipe/recipe.ts'

export interface ConnectionPorts {
  catalog: Catalog
  tokens: TokenStore
  clock: Clock
  random(): number
  log: Log
  mask: MaskRegistry
  environment: string
  /** What `env` and `secrets` are in connection blocks. */
  scope: SettingsScope
  /** Settings that stand in for a connector's own, such as those of its sandbox. */
  standIns: Record<string, Record<string, unknown>>
  /** How long before a sign-in, secret or certificate ends it is warned of, in milliseconds. */
  warnBeforeMs: number
}

/** The connections of one recipe: each is opened when first used and shared by all jobs. */
export interface Connections {
  /**
   * @param name in the recipe's `connections`; undefined for a connector that needs no block
   * @param operation full name of the operation that wants it
   */
  open(name: string | undefined, operation: string): Promise<OpenConnection>
  /** What the opened connections live on and that ends soon, once each. */
  warnings(): Promise<EndWarning[]>
  close(): Promise<void>
}

export function recipeConnections(recipe: Recipe, ports: ConnectionPorts): Connections {
  const opened = new Map<string, Promise<OpenConnection>>()
  const openedOnes = async () =>
    (await Promise.allSettled(opened.values())).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  return {
    open(name, operation) {
      const connector = operation.slice(0, operation.indexOf('.'))
      const id = name ?? connector
      let connection = opened.get(id)
      if (!connection) {
        connection = openBlock(name === undefined ? bareBlock(recipe, connector) : recipe.connections[name], ports)
        opened.set(id, connection)
        // A connection that could not be opened is tried again by the next job.
        connection.catch(() => opened.delete(id))
      }
      return connection
    },
    async warnings() {
      const now = ports.clock.now()
      const found = new Map<string, EndWarning>()
      for (const { name, ends } of await openedOnes())
        for (const warning of endWarnings(name, await ends(), now, ports.warnBeforeMs)) found.set(`${warning.code} ${name}`, warning)
      return [...found.values()]
    },
    async close() {
      for (const connection of await openedOnes()) await connection.close()
    },
  }
}

/** A connector without required settings needs no block in the recipe. */
function bareBlock(recipe: Recipe, connector: string): ConnectionBlock {
  const { file } = recipe
  return {
    connector,
    name: connector,
    file,
    folder: file.slice(0, file.lastIndexOf('/')),
    references: [],
    settings: { written: {}, render: () => ({}) },
  }
}

/** Opens one connection block. */
async function openBlock(block: ConnectionBlock | undefined, ports: ConnectionPorts): Promise<OpenConnection> {
  const entry = block && ports.catalog[block.connector]
  if (!entry) throw new ConnectorError('bug', 'bug', 'A step names a connection that is not there; validation should have found that.')
  const settings = ports.standIns[block.connector] ?? (await resolveSettings(block, entry, ports.scope))
  return openConnection(
    { connector: await entry.load(), name: block.name, environment: ports.environment, folder: block.folder, settings },
    { tokens: ports.tokens, clock: ports.clock, log: ports.log, random: ports.random, mask: ports.mask, scope: ports.scope },
  )
}

/** Every connection that the steps use, by name and one operation that uses it. */
export function usedBySteps(steps: readonly Step[]): { name: string | undefined; operation: string }[] {
  const used = new Map<string, { name: string | undefined; operation: string }>()
  const visit = (step: Step) => {
    if (step.kind === 'action')
      used.set(`${step.connection ?? step.action.split('.')[0]}`, { name: step.connection, operation: step.action })
    else for (const inner of step.kind === 'if' ? [...step.then, ...step.else] : step.do) visit(inner)
  }
  for (const step of steps) visit(step)
  return [...used.values()]
}
