import { Script } from 'node:vm'
import { ExpressionError } from './types.ts'

/** Milliseconds that a guarded evaluation may take. */
const limitMs = 100

const script = new Script('globalThis[Symbol.for("runner.guarded")]()')
const slot = Symbol.for('runner.guarded')

/** Runs something that cannot be trusted to end (nested comprehensions, regular expressions): the script's timeout stops both. */
export function runGuarded<T>(work: () => T): T {
  const global = globalThis as Record<symbol, unknown>
  global[slot] = work
  try {
    return script.runInThisContext({ timeout: limitMs }) as T
  } catch (thrown) {
    if ((thrown as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      throw new ExpressionError('expression_failed', `An expression took longer than ${limitMs} ms and was stopped. Work on a smaller list, or write it without nested loops.`, '')
    }
    throw thrown
  } finally {
    delete global[slot]
  }
}
