import { once } from 'node:events'
import { platform } from 'node:os'
import { resolve } from 'node:path'
import { type ConnectionSpec, resolveSettings } from '../connection/index.ts'
import type { Catalog } from '../connector/index.ts'
import { type ConnectionBlock, checkConnectionFile, findRoot } from '../recipe/index.ts'
import { connect } from './connect.ts'
import { forget, list } from './connections.ts'
import { loadRecipes } from './load-recipe.ts'
import { type Program, status, UsageError } from './program.ts'
import { runningSandbox } from './stand-ins.ts'
import { tellProblems } from './tell-problems.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

export interface WhichConnection {
  connection?: string
  env: string
  sandbox?: string
}

export interface SignInOptions extends WhichConnection {
  browser: boolean
  device?: boolean
  paste?: boolean
}

/** `runner connect`: finds the connection in a recipe or connection file and lets a person sign in. */
export async function signIn(file: string, options: SignInOptions, program: Program): Promise<number> {
  if (options.device && options.paste) throw new UsageError('`--device` and `--paste` are two ways to sign in; choose one.')
  const way = options.device ? 'device' : options.paste ? 'paste' : 'browser'
  return withConnection(file, options, program, async (spec, workspace) => {
    const readLine = (signal: AbortSignal) => lineOf(program, signal)
    const io = { out: workspace.out, readLine, isTTY: program.stdout.isTTY === true, platform: platform(), signal: program.stop }
    return connect(spec, { way, open: options.browser }, { ...workspace.connectionPorts(spec.environment), ...io })
  })
}

/** `runner connections test`: proves a connection by one call. */
export async function checkConnection(file: string, options: WhichConnection, program: Program): Promise<number> {
  return withConnection(file, options, program, async (spec, workspace) => {
    const { testConnection } = await import('./test-connection.ts')
    return testConnection(spec, { ...workspace.connectionPorts(spec.environment), out: workspace.out, signal: program.stop })
  })
}

async function withConnection(
  file: string,
  options: WhichConnection,
  program: Program,
  work: (spec: ConnectionSpec, workspace: Workspace) => Promise<number>,
): Promise<number> {
  const path = resolve(program.cwd, file)
  const catalog = await program.catalog()
  const block = path.endsWith('.connection.yaml')
    ? await fromConnectionFile(path, program, catalog)
    : await fromRecipe(path, options.connection, program, catalog)
  if (!block) return status.usage
  const workspace = await openWorkspace(findRoot(path), program)
  try {
    return await work(await specOf(block, options, workspace), workspace)
  } finally {
    await workspace.close()
  }
}

/** A person who has not answered by then has gone away. */
const answerWithinMs = 600_000

/** @throws UsageError when there is none */
async function lineOf({ stdin }: Program, stop: AbortSignal): Promise<string> {
  const late = AbortSignal.timeout(answerWithinMs)
  const signal = AbortSignal.any([stop, late])
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: stdin })
  try {
    const ended = once(lines, 'close', { signal }).then(() => undefined)
    const line = await Promise.race([once(lines, 'line', { signal }).then(([text]) => String(text)), ended])
    if (line === undefined)
      throw new UsageError('The address that the browser ended on is expected in the terminal, or through a pipe; nothing came.')
    return line
  } catch (thrown) {
    throw late.aborted ? new UsageError('Nothing was entered within 10 minutes. Start again.') : thrown
  } finally {
    lines.close()
  }
}

/** @throws ConnectorError where the settings cannot be resolved */
export async function specOf(block: ConnectionBlock, { env, sandbox }: WhichConnection, workspace: Workspace): Promise<ConnectionSpec> {
  const entry = workspace.catalog[block.connector]
  if (!entry) throw new Error(`no connector ${block.connector}`)
  const settings = sandbox
    ? { ...(await runningSandbox(sandbox)).settings[block.connector], auth: 'authorization_code' }
    : await resolveSettings(block, entry, workspace.connectionPorts(env).scope)
  return { connector: await entry.load(), name: block.name, environment: sandbox ? 'sandbox' : env, folder: block.folder, settings }
}

async function fromConnectionFile(path: string, program: Program, catalog: Catalog): Promise<ConnectionBlock | undefined> {
  const { block, problems, texts } = await checkConnectionFile(path, { catalog })
  tellProblems(problems, texts, program)
  return block
}

async function fromRecipe(
  path: string,
  name: string | undefined,
  program: Program,
  catalog: Catalog,
): Promise<ConnectionBlock | undefined> {
  const recipe = (await loadRecipes([path], program, catalog))?.[0]
  if (!recipe) return undefined
  const blocks = Object.entries(recipe.connections).filter(([, block]) => name !== undefined || catalog[block.connector]?.auth)
  const chosen = name === undefined ? (blocks.length === 1 ? blocks[0]?.[1] : undefined) : recipe.connections[name]
  if (chosen) return chosen
  const names = blocks.map(([each]) => `\`${each}\``).join(', ')
  throw new UsageError(
    name === undefined
      ? `Say which connection with \`--connection\`: ${names || 'this recipe has none that signs in'}.`
      : `The recipe has no connection \`${name}\`. It has ${names}.`,
  )
}

/** `runner connections`. */
export async function listConnections(options: { json?: boolean }, program: Program): Promise<number> {
  const workspace = await openWorkspace(findRoot(program.cwd), program)
  try {
    return await list({ ...options, warnBeforeMs: workspace.settings.warnBeforeMs }, { ...workspace, tokens: workspace.store.tokens })
  } finally {
    await workspace.close()
  }
}

/** `runner connections forget`. */
export async function forgetConnection(name: string, options: { env: string }, program: Program): Promise<number> {
  const workspace = await openWorkspace(findRoot(program.cwd), program)
  try {
    return await forget(name, { environment: options.env }, { ...workspace, tokens: workspace.store.tokens })
  } finally {
    await workspace.close()
  }
}
