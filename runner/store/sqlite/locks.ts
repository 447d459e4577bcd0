import { createHash } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Lock } from '../store.ts'
import { isBusy } from './committer.ts'

/**
 * Locks that a dead process cannot keep: exclusive transactions held on small side databases. The kernel frees them within milliseconds of a SIGKILL,
 * where a lease in a table would stand until it times out.
 */
export interface Locks {
  /** Undefined when another holds it. */
  take(name: string): Lock | undefined
}

export function fileLocks(folder: string): Locks {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return {
    take(name) {
      const path = join(folder, `${fileName(name)}.db`)
      const database = new DatabaseSync(path)
      try {
        database.exec('begin exclusive')
      } catch (error) {
        database.close()
        if (isBusy(error)) return undefined
        throw error
      }
      return {
        async release() {
          // Names of processes never come again; other lock files stay, since removing one that somebody is about to lock would make two of it.
          if (name.startsWith('process-')) rmSync(path, { force: true })
          database.close()
        },
      }
    },
  }
}

function fileName(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16)
  return `${name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 60)}-${hash}`
}
