import { Script } from 'node:vm'

/** Milliseconds that a guarded evaluation may take. */
const limitMs = 100

const script = new Script('globalThis[Symbol.for("runner.guarded")]()')
const slot = Symbol.for('runner.guarded')

/**
 * Runs something that cannot be trusted to end soon (nested comprehensions, regular expressions): the script's timeout stops both.
 * @throws the error that {@link tookTooLong} knows
 */
export function runGuarded<T>(work: () => T): T {
  const global = globalThis as Record<symbol, unknown>
  global[slot] = work
  try {
    return script.runInThisContext({ timeout: limitMs }) as T
  } finally {
    delete global[slot]
  }
}

export function tookTooLong(thrown: unknown): boolean {
  return (thrown as { code?: string } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}
