import type { Catalog } from '../connector/index.ts'

/** What a command gets of the world. Only `cli.ts` touches the process itself. */
export interface Program {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean }
  stdout: NodeJS.WritableStream & { isTTY?: boolean }
  stderr: NodeJS.WritableStream & { isTTY?: boolean }
  env: Record<string, string | undefined>
  cwd: string
  version: string
  /** Loaded when first asked for: `--version` needs none. */
  catalog(): Promise<Catalog>
  /** First SIGINT or SIGTERM: finish what runs. */
  stop: AbortSignal
  /** Second one: give back what runs, at once. */
  abort: AbortSignal
}

/** Exit statuses, as cron sees them. */
export const status = { ok: 0, fault: 1, usage: 2, triggerError: 3, jobErrors: 4 } as const

/** A mistake in how the command was called; ends it with status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Colours only where a person reads and did not say no. */
export function wantsColor(program: Program): boolean {
  return program.stdout.isTTY === true && !program.env.NO_COLOR
}
