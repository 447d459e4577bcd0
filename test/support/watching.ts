import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type CliOptions, startCli } from './cli.ts'
import { type Journal, journal } from './journal.ts'

export type Line = Record<string, unknown>

/** `runner run --watch --json` in a process of its own. */
export interface Watching {
  process: ChildProcess
  lines: Journal<Line>
  /** The next summary of a cycle, of those that fit. */
  summary(outcome: string, more?: Line): Promise<Line>
  /** Asks it to end. @returns its exit status */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export function watching(recipes: string[], options: CliOptions): Watching {
  const child = startCli(['run', ...recipes, '--watch', '--json'], options)
  // A test that fails leaves nothing behind.
  process.once('exit', () => child.kill('SIGKILL'))
  const ended = once(child, 'close') as Promise<[number | null]>
  const lines = journal<Line>()
  let stderr = ''
  child.stderr?.on('data', (chunk) => (stderr += chunk))
  const reader = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  reader.on('line', (text) => lines.add(JSON.parse(text) as Line))
  reader.on('close', () => lines.close(`the program has ended: ${stderr}`))
  return {
    process: child,
    lines,
    summary: (outcome, more = {}) =>
      lines.next(
        (line) => line.type === 'summary' && line.outcome === outcome && Object.entries(more).every(([key, value]) => line[key] === value),
      ),
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      return (await ended)[0]
    },
  }
}
