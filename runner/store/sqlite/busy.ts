import { setTimeout as delay } from 'node:timers/promises'

const limitMs = 30_000

/** SQLITE_BUSY and its extended codes. */
export function isBusy(error: unknown): boolean {
  return isOfSqlite(error) && (error.errcode & 0xff) === 5
}

/** Constraint violations are left out: they tell of the data, not of the file. */
export function isOfSqlite(error: unknown): error is { errcode: number } {
  const { errcode } = (error ?? {}) as { errcode?: unknown }
  return typeof errcode === 'number' && (errcode & 0xff) !== 19
}

/**
 * Tries again while the file is locked, as it is for a moment while another process recovers it after a crash or sets it up. Waits by timer: SQLite's own
 * busy wait would stop the event loop.
 * @throws what SQLite threw, after 30 s
 */
export async function retryBusy<T>(work: () => T): Promise<T> {
  for (let waited = 0; ; ) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || waited >= limitMs) throw error
    }
    const wait = 1 + Math.random() * 9
    await delay(wait)
    waited += wait
  }
}
