import { once } from 'node:events'
import { type Catalog, ConnectorError, type RunningSandbox, type SandboxModule } from '../connector/index.ts'
import { type Exit, status, UsageError } from './program.ts'
import { askSandbox } from './sandbox-request.ts'

export interface SandboxCommandOptions {
  json?: boolean
  /** Whose sandbox; default `dynamics365`. */
  connector?: string
  /** What else the connector's sandbox takes, by name. */
  [name: string]: unknown
}

export interface SandboxStreams {
  stdout: Exit
  stderr: Exit
  /** Ends the sandbox. */
  signal: AbortSignal
}

/**
 * Serves a connector's sandbox until the signal aborts.
 * @throws UsageError for a connector without sandbox or an option it does not take
 */
export async function sandbox(options: SandboxCommandOptions, io: SandboxStreams, catalog: Catalog): Promise<number> {
  const { json, connector = 'dynamics365', ...rest } = options
  const running = await start(await loadSandbox(connector, catalog), rest)
  try {
    for (const note of running.notes ?? []) io.stderr.write(`${note}\n`)
    io.stdout.write(json ? `${JSON.stringify(await connection(running))}\n` : await describe(running))
    if (!io.signal.aborted) await once(io.signal, 'abort')
  } finally {
    await running.close()
  }
  return status.ok
}

/** @throws UsageError for a connector without sandbox */
export async function loadSandbox(name: string, catalog: Catalog): Promise<SandboxModule> {
  const entry = catalog[name]
  if (!entry?.sandbox) {
    const names = Object.keys(catalog).filter((one) => catalog[one]?.sandbox)
    throw new UsageError(`There is no sandbox for \`${name}\`. Connectors that bring one: ${names.join(', ')}.`)
  }
  const module = await (await entry.load()).sandbox?.()
  if (!module) throw new Error(`The catalog promises a sandbox of ${name} that its connector does not have; run \`npm run generate\`.`)
  return module
}

async function start(module: SandboxModule, options: Record<string, unknown>): Promise<RunningSandbox> {
  try {
    return await module.startSandbox(options)
  } catch (error) {
    if (error instanceof ConnectorError && error.kind === 'rejected') throw new UsageError(`${error.message} [${error.code}]`)
    throw error
  }
}

/** The credentials and a refresh token of its own, asked for as any other program would. */
async function connection(running: RunningSandbox): Promise<object> {
  const fields = (await askSandbox(running, '/sandbox/connection')) as object
  return { ...fields, ...(running.ca !== undefined && { ca: running.ca }) }
}

interface Control {
  method: string
  path: string
  about: string
  fields?: Record<string, string>
}

async function describe(running: RunningSandbox): Promise<string> {
  const { url, ca } = running
  const { controls } = (await askSandbox(running, '/sandbox')) as { controls: Control[] }
  const trust =
    ca === undefined ? '' : `\nIts certificate is signed by an authority of its own, which programs must be told to trust:\n${ca}`
  return `The sandbox is at ${url} until this program is stopped (Ctrl+C).
${trust}
Run a recipe against it:
  runner run recipe.yaml --sandbox ${url}

Its control interface, below ${url}:
${controls.map(line).join('\n')}
`
}

function line({ method, path, about, fields = {} }: Control): string {
  const names = Object.keys(fields)
  return `  ${method.padEnd(6)} ${`/sandbox${path}`.padEnd(32)} ${about}${names.length > 0 ? ` (${names.join(', ')})` : ''}`
}
