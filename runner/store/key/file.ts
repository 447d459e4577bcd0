import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
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
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    assertNoLink(path)
    return undefined
  }
}

/** What the link leads to, such as a disk that is not there yet, may hold the key; a new one must not take its place. */
function assertNoLink(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }))
    throw new StoreError(
      'store_unusable',
      `The key file ${path} is a link that leads nowhere. Bring back what it leads to. Only where that key is lost for good, remove the link: a new key opens no store of before.`,
    )
}

function assertPrivate(path: string): void {
  const stats = statSync(path)
  if (!stats.isFile())
    throw new StoreError('store_unusable', `The key file ${path} is no file. Move it away and put the key file back, or set RUNNER_KEY.`)
  // Modes mean nothing on Windows.
  if (process.platform === 'win32') return
  const { mode } = stats
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

/** A link stays, and what it leads to is replaced. */
function replace(named: string, text: string): void {
  const path = existsSync(named) ? realpathSync(named) : named
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
