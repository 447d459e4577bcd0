import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const bin = join(import.meta.dirname, '../../runner/bin.js')

export interface CliResult {
  code: number | null
  stdout: string
  stderr: string
  /** stdout as JSON lines. */
  lines: Record<string, unknown>[]
}

export interface CliOptions {
  cwd: string
  env?: Record<string, string>
  /** Flags for Node itself, such as a preload. */
  node?: string[]
  /** With a channel for messages between the processes. */
  channel?: boolean
  /** With a pipe to its standard input. */
  input?: boolean
}

export function startCli(args: string[], { cwd, env = {}, node = [], channel = false, input = false }: CliOptions): ChildProcess {
  return spawn(process.execPath, [...node, bin, ...args], {
    cwd,
    // An own config folder: tests must not share the store key of the person who runs them.
    env: {
      PATH: process.env.PATH,
      HOME: cwd,
      XDG_CONFIG_HOME: join(cwd, '.config'),
      XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? cwd, '.cache'),
      ...env,
    },
    stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe', ...(channel ? ['ipc' as const] : [])],
  })
}

/** Runs the real program in a process of its own, as cron would. */
export async function cli(args: string[], options: CliOptions): Promise<CliResult> {
  const child = startCli(args, options)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk) => (stdout += chunk))
  child.stderr?.on('data', (chunk) => (stderr += chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  return {
    code,
    stdout,
    stderr,
    get lines() {
      return stdout
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    },
  }
}
