import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Lock } from '../store.ts'
import { isBusy } from './busy.ts'

/**
 * Locks that a dead process cannot keep: exclusive transactions held on small side databases. The kernel frees them within milliseconds of a SIGKILL,
 * where a lease in a table would stand until it times out.
 */
export interface Locks {
  /** Undefined when another holds it. */
  take(name: string): Lock | undefined
  /** Shows that this process lives, until it ends or `close`. Returns the id under which others find it. */
  showLifeSign(): string
  /** Whether the process of a life sign is gone. An id that is gone never comes back. */
  isGone(id: string): boolean
  /** Removes what processes left behind that died without a job. */
  sweep(): void
  close(): void
}

const lifeSignName = /^process-(.+)\.db$/

/** @param scope the store's own name: stores in one folder have nothing to do with each other */
export function fileLocks(folder: string, scope: string): Locks {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // Also keeps the handles: one that is collected would close its file and free the lock.
  const held = new Set<Lock>()
  const lifeSignPath = (id: string) => join(folder, `process-${id}.db`)

  function hold(path: string, keepFile: boolean): Lock | undefined {
    const database = exclusively(path)
    if (!database) return undefined
    const lock: Lock = {
      async release() {
        if (!held.delete(lock)) return
        if (!keepFile) remove(path)
        database.close()
      },
    }
    held.add(lock)
    return lock
  }

  function isGone(id: string): boolean {
    if (!existsSync(lifeSignPath(id))) return true
    // Its file can go: a life sign is made once only, so nobody else is about to lock it.
    const lock = hold(lifeSignPath(id), false)
    lock?.release()
    return lock !== undefined || !existsSync(lifeSignPath(id))
  }

  return {
    // A named file stays: removing one that somebody is about to lock would make two of it.
    take: (name) => hold(join(folder, fileName(scope, name)), true),
    showLifeSign() {
      for (;;) {
        const id = randomUUID()
        const lock = hold(lifeSignPath(id), false)
        // A sweep may have come between the file's making and its locking: a lock on a file that nobody finds is none.
        if (lock && existsSync(lifeSignPath(id))) return id
        lock?.release()
      }
    },
    isGone,
    sweep() {
      for (const name of readdirSync(folder)) {
        const id = lifeSignName.exec(name)?.[1]
        if (id !== undefined) isGone(id)
      }
    },
    close() {
      for (const lock of [...held]) lock.release()
    },
  }
}

/** SQLITE_IOERR_FSTAT: somebody has removed the file since it was opened, so its journal cannot be made. */
const removed = 1802

/** Never touch such a file by `node:fs` handles: closing any handle of a file frees the POSIX locks that the process has on it. */
function exclusively(path: string): DatabaseSync | undefined {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('begin exclusive')
    return database
  } catch (error) {
    database.close()
    if (isBusy(error) || (error as { errcode?: number }).errcode === removed) return undefined
    throw error
  }
}

/** Windows refuses while the file is open; an empty file then stays and does no harm. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch (error) {
    if (process.platform !== 'win32') throw error
  }
}

function fileName(scope: string, name: string): string {
  const hash = createHash('sha256').update(`${scope}\0${name}`).digest('hex').slice(0, 32)
  return `lock-${hash}.db`
}
