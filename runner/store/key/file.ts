import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreError } from '../store.ts'
import type { KeyPlace } from './place.ts'

/** Keys in a file outside the data's folder, readable by its owner only: one a line. */
export function keyFile(path: string): KeyPlace {
  return {
    name: `the key file ${path}`,
    read: () => usable(path, () => readPrivate(path)),
    write: (keys) => usable(path, () => replace(path, `${keys.join('\n')}\n`)),
  }
}

function readPrivate(path: string): string | undefined {
  try {
    assertPrivate(path)
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Modes mean nothing on Windows. */
function assertPrivate(path: string): void {
  if (process.platform === 'win32') return
  const { mode } = statSync(path)
  if (mode & 0o077)
    throw new StoreError(
      'store_key_exposed',
      `The key file ${path} is open to others than its owner (mode ${octal(mode)}). Run \`chmod 600 ${path}\`. Where others may have read it, then run \`runner key rotate\`.`,
    )
  const folder = dirname(path)
  const { mode: around } = statSync(folder)
  // In a folder with the sticky bit nobody can replace what is not theirs.
  if (around & 0o022 && !(around & 0o1000))
    throw new StoreError(
      'store_key_exposed',
      `Others can put a key of theirs in the place of ${path}, since they may write to its folder (mode ${octal(around)}). Run \`chmod go-w ${folder}\`.`,
    )
}

const octal = (mode: number) => `0${(mode & 0o7777).toString(8)}`

function replace(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.new`
  // Left by a process that was killed here.
  rmSync(draft, { force: true })
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx', flush: true })
  renameSync(draft, path)
  syncFolder(dirname(path))
}

/** A name is durable only with its folder; Windows has no such call. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function usable<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof StoreError) throw error
    const why = (error as Error).message
    throw new StoreError(
      'store_unusable',
      `The key file ${path} cannot be read or made (${why}). Make its folder writable, or set RUNNER_KEY.`,
      error,
    )
  }
}
