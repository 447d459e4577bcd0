import { once } from 'node:events'
import { type Catalog, ConnectorError, type RunningSandbox } from '../connector/index.ts'
import { status, UsageError } from './program.ts'

export interface SandboxCommandOptions {
  port?: number
  json?: boolean
  file?: string
  accessTokenSeconds?: number
  refreshTokenSeconds?: number
  /** Whose sandbox; default `dynamics365`. */
  connector?: string
}

export interface SandboxStreams {
  stdout: NodeJS.WritableStream
  stderr: NodeJS.WritableStream
  /** Ends the sandbox. */
  signal: AbortSignal
}

/**
 * Serves a connector's sandbox until the signal aborts.
 * @throws UsageError for a connector without sandbox or an option it does not take
 */
export async function sandbox(options: SandboxCommandOptions, io: SandboxStreams, catalog: Catalog): Promise<number> {
  const { json, connector = 'dynamics365', ...rest } = options
  const running = await start(connector, rest, catalog)
  try {
    const connection = await readConnection(running.url)
    io.stdout.write(json ? `${JSON.stringify(connection)}\n` : describe(running.url))
    if (!io.signal.aborted) await once(io.signal, 'abort')
  } finally {
    await running.close()
  }
  return status.ok
}

async function start(name: string, options: Record<string, unknown>, catalog: Catalog): Promise<RunningSandbox> {
  const entry = catalog[name]
  if (!entry?.sandbox) {
    const names = Object.keys(catalog).filter((one) => catalog[one]?.sandbox)
    throw new UsageError(`There is no sandbox for \`${name}\`. Connectors that bring one: ${names.join(', ')}.`)
  }
  const module = await (await entry.load()).sandbox?.()
  if (!module) throw new Error(`The catalog promises a sandbox of ${name} that its connector does not have; run \`npm run generate\`.`)
  try {
    return await module.startSandbox(options)
  } catch (error) {
    if (error instanceof ConnectorError && error.kind === 'rejected') throw new UsageError(`${error.message} [${error.code}]`)
    throw error
  }
}

/** Asked by HTTP, as any other program would: the credentials and a refresh token of its own. */
async function readConnection(url: string): Promise<unknown> {
  const answer = await fetch(`${url}/sandbox/connection`)
  return answer.json()
}

function describe(url: string): string {
  return `The sandbox is at ${url} until this program is stopped (Ctrl+C).

Run a recipe against it:
  runner run recipe.yaml --sandbox ${url}

Its switches:
  GET  ${url}/sandbox/connection              address, credentials and a new refresh token
  POST ${url}/sandbox/refresh-tokens/kill     {"code": 700082}: every refresh token is refused; a new sign-in works
  POST ${url}/sandbox/refresh-tokens/revive
  POST ${url}/sandbox/access-tokens/expire    every access token is refused
  POST ${url}/sandbox/token-endpoint/fail     {"status": 503, "times": 2}, also 429 with "retry_after"
  GET  ${url}/sandbox/requests                what was asked of it; POST ${url}/sandbox/requests/reset begins anew
`
}
