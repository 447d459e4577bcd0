import { chmodSync, closeSync, openSync, statSync } from 'node:fs'

/**
 * Makes the database readable by its owner only: from the first moment where it is new, and again where somebody has opened it to others. SQLite gives the
 * files beside it (`-wal`, `-shm`) the mode of the database when it makes them. Modes mean nothing on Windows.
 */
export function keepPrivate(file: string): void {
  if (process.platform === 'win32') return
  try {
    // Only a new file is opened: closing a handle of one that is in use would free the locks that this process has on it.
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  for (const path of [file, `${file}-wal`, `${file}-shm`]) {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode
    if (mode !== undefined && mode & 0o077) chmodSync(path, 0o600)
  }
}
