import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { startSandbox } from '../../connectors/dynamics365/sandbox/index.ts'
import { openConnection, type TokenRecord } from '../../runner/connection/index.ts'
import { type ConnectorError, parseJson, type RunningSandbox } from '../../runner/connector/index.ts'
import { openStore, type Store } from '../../runner/store/index.ts'
import { tempFolder } from '../support/temp.ts'
import { type TestSpec, testPorts, testSpec } from '../support/test-connection.ts'

const preload = join(import.meta.dirname, 'kill-at.ts')
const child = join(import.meta.dirname, 'asks.ts')
/** Filled by the first process, since those that are killed leave nothing there. */
const compileCache = tempFolder()
/** Processes at the same time, each with a connection of its own. */
const lanes = 3
/** About how long a process takes to renew its access token and use it. */
const longestMs = 60

/** How often a process is killed, in the whole suite just a few times. */
export const kills = Number(process.env.KILLS ?? 16)
const seed = Number(process.env.KILL_SEED ?? 1)

/** The number of the point at which the process kills itself, or the milliseconds after which it is killed. */
export type Moment = { at: number } | { afterMs: number }

export interface World {
  sandbox: RunningSandbox
  /** Points that a process passes which renews an access token and uses it. */
  points: string[]
  newConnection(): Promise<Connection>
  close(): Promise<void>
}

export interface Connection {
  /** Starts a process that finds the access token expired, kills it, and says whether it lived so long. */
  kill(moment: Moment): Promise<'killed' | 'ended'>
  /** The next run: what becomes of it, and how long it waited for others. */
  next(): Promise<{ error?: ConnectorError; slept: number[] }>
}

/** A store in a file, a sandbox over HTTP, and processes of their own that meet there. */
export async function openWorld(switches: Record<string, string> = {}): Promise<World> {
  const sandbox = await startSandbox({ switches })
  const file = join(tempFolder(), 'store.db')
  const key = randomBytes(32)
  const store = await openStore({ file, key, parse: parseJson })
  const argumentOf = (spec: TestSpec) => JSON.stringify({ file, key: key.toString('base64'), url: sandbox.url, spec })
  let connections = 0

  async function newConnection(): Promise<Connection> {
    const spec = await specOf(sandbox, `connection ${connections++}`)
    const { next, expire } = opened(sandbox.url, spec, store)
    const first = await next()
    assert.is(first.error, undefined)
    return {
      next,
      async kill(moment) {
        await expire()
        const { signal, code, stderr } = await run(argumentOf(spec), moment)
        if (signal === 'SIGKILL') return 'killed'
        assert.is(code, 0, stderr)
        return 'ended'
      },
    }
  }

  const world: World = {
    sandbox,
    points: [],
    newConnection,
    async close() {
      await store.close()
      await sandbox.close()
    },
  }
  const spec = await specOf(sandbox, 'count')
  const { next, expire } = opened(sandbox.url, spec, store)
  await next()
  await expire()
  const list = join(tempFolder(), 'points')
  const { code, stderr } = await run(argumentOf(spec), { list })
  assert.is(code, 0, stderr)
  world.points = readFileSync(list, 'utf8').trim().split('\n')
  return world
}

/** A sign-in of its own. */
async function specOf({ url }: RunningSandbox, name: string): Promise<TestSpec> {
  const given = (await (await fetch(`${url}/sandbox/connection`)).json()) as Record<string, string>
  const { authority, tenant, client_id, client_secret, refresh_token } = given as Record<string, string>
  return {
    name,
    oauth: {
      authorityUrl: authority,
      tenant,
      clientId: client_id,
      clientSecret: client_secret,
      refreshToken: refresh_token,
    } as NonNullable<TestSpec['oauth']>,
    transport: { baseUrl: `${url}/api/data/v9.2/` },
  }
}

function opened(url: string, spec: TestSpec, store: Store) {
  const row = async () => (await store.tokens.list()).find(({ name }) => name.includes(`"${spec.name}"`))
  return {
    async next(): Promise<{ error?: ConnectorError; slept: number[] }> {
      const { ports } = testPorts()
      const slept: number[] = []
      const clock = { now: () => new Date(), sleep: async (ms: number) => void slept.push(ms) }
      const connection = openConnection(testSpec(url, spec), { ...ports, tokens: store.tokens, clock })
      try {
        const { status } = await connection.request({ method: 'GET', url: 'WhoAmI' })
        assert.is(status, 200)
        return { slept }
      } catch (error) {
        return { error: error as ConnectorError, slept }
      } finally {
        await connection.close()
      }
    },
    async expire(): Promise<void> {
      const { name, fingerprint, payload, version } = (await row()) as NonNullable<Awaited<ReturnType<typeof row>>>
      const record = payload as TokenRecord
      const past = new Date(Date.now() - 1).toISOString()
      const expired = { ...record, ...(record.access && { access: { ...record.access, expiresAt: past } }) }
      assert.ok(await store.tokens.put(name, { fingerprint, payload: expired }, version))
    },
  }
}

async function run(argument: string, how: Moment | { list: string }) {
  const asking = fork(child, [argument], {
    execArgv: ['--disable-warning=ExperimentalWarning', '--import', preload],
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: compileCache,
      ...('at' in how && { KILL_AT: String(how.at) }),
      ...('list' in how && { KILL_COUNT: how.list }),
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let stderr = ''
  asking.stderr?.on('data', (chunk) => (stderr += chunk))
  if ('afterMs' in how) asking.once('message', () => setTimeout(() => asking.kill('SIGKILL'), how.afterMs))
  const [code, signal] = (await once(asking, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, stderr }
}

/** Every point in turn for half of the kills, moments by chance for the others. */
export function momentsOf(points: readonly string[], count: number): Moment[] {
  const random = seeded(seed)
  return Array.from({ length: count }, (_, index) =>
    index % 2 ? { afterMs: random() * longestMs } : { at: 1 + (Math.floor(index / 2) % points.length) },
  )
}

/** Works through a list, a few at the same time. */
export async function inLanes<T>(list: readonly T[], work: (one: T, lane: number) => Promise<void>): Promise<void> {
  const left = [...list]
  const lane = async (_: unknown, number: number) => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one, number)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

/** Numbers from 0 to 1 that come again with the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
