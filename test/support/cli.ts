import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { leakIn } from './canary.ts'

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

/** Whatever a test looks at, nothing that the program prints may show a secret; the sandbox hands its own out. */
export function startCli(args: string[], { cwd, env = {}, node = [], channel = false, input = false }: CliOptions): ChildProcess {
  const child = spawn(process.execPath, [...node, bin, ...args], {
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
  if (args[0] !== 'sandbox') searchForSecrets(child, args, env)
  return child
}

/** A leak fails the test file, also one whose tests have all passed. */
function searchForSecrets(child: ChildProcess, args: string[], env: Record<string, string>): void {
  for (const name of ['stdout', 'stderr'] as const) {
    let text = ''
    child[name]?.on('data', (chunk) => (text += chunk))
    child.on('close', () => {
      const leak = leakIn(text, env)
      if (leak === undefined) return
      console.error(`FAIL \`runner ${args.join(' ')}\` shows ${leak} on ${name}`)
      process.on('exit', () => {
        process.exitCode = 1
      })
    })
  }
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
