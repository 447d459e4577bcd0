import { MaskRegistry } from '../connection/mask.ts'
import type { Catalog } from '../connector/index.ts'

/** A stream that texts leave by. */
export interface Exit {
  write(text: string): unknown
  isTTY?: boolean
}

/** What the program gets of the world. Only `cli.ts` touches the process itself. */
export interface Outside {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean }
  stdout: Exit
  stderr: Exit
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

/** The same as commands get it: no secret that was read or obtained leaves by its exits. */
export interface Program extends Outside {
  mask: MaskRegistry
}

export function masked(outside: Outside): Program {
  const mask = new MaskRegistry()
  const through = (exit: Exit): Exit => ({
    write: (text) => exit.write(mask.mask(text)),
    ...(exit.isTTY !== undefined && { isTTY: exit.isTTY }),
  })
  return { ...outside, mask, stdout: through(outside.stdout), stderr: through(outside.stderr) }
}

/** Exit statuses, as cron sees them. */
export const status = { ok: 0, fault: 1, usage: 2, triggerError: 3, needsPerson: 3, jobErrors: 4 } as const

/** A mistake in how the command was called; ends it with status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Colours only where a person reads and did not say no. */
export function wantsColor(program: Program): boolean {
  return program.stdout.isTTY === true && !program.env.NO_COLOR
}
