import { type FileHandle, mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ActionContext, Static } from '../../../runner/connector/index.ts'
import type { appendInput } from '../actions/append.ts'
import type { FilesClient } from '../connection.ts'
import { fileError, hasCode, notAFile } from '../file-error.ts'
import { type Format, formatOf } from '../format.ts'
import { readHeader } from '../rows/header.ts'
import { inTurn } from './in-turn.ts'
import { type Existing, type Row, renderRows } from './render.ts'
import { writeOnce } from './write-once.ts'

/** Appends the rows of one step to a file, once. */
export async function appendRows({ client, input, key, progress, signal }: ActionContext<FilesClient, Static<typeof appendInput>>) {
  const { path } = input
  const format = formatOf(input)
  const rows: Row[] = input.rows ?? (input.row ? [input.row] : [])
  const file = await client.locate(path)
  return inTurn(file, async () => {
    signal.throwIfAborted()
    try {
      const handle = await openFile(file, path)
      try {
        const { offset } = await writeOnce({ handle, file, path, key, progress }, async (size) =>
          renderRows(rows, format, await existing(handle, size, path, format), path),
        )
        return { path, rows: rows.length, offset }
      } finally {
        await handle.close()
      }
    } catch (thrown) {
      throw fileError(thrown, path)
    }
  })
}

async function openFile(file: string, path: string): Promise<FileHandle> {
  const folder = dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const isNew = !(await isThere(file, path))
  const handle = await open(file, 'a+', 0o600)
  if (isNew) await syncFolder(folder)
  return handle
}

async function isThere(file: string, path: string): Promise<boolean> {
  try {
    if (!(await stat(file)).isFile()) throw notAFile(path)
    return true
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return false
    throw thrown
  }
}

/** A new file survives a power failure only when its folder is on disk too. Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function existing(handle: FileHandle, size: number, path: string, format: Format): Promise<Existing> {
  if (size === 0) return { empty: true, ended: true }
  const last = Buffer.alloc(1)
  await handle.read(last, 0, 1, size - 1)
  const header = format.kind === 'csv' && format.header ? await readHeader(handle, size, path, { ...format, columns: [] }) : undefined
  return { empty: false, ended: last[0] === 0x0a, ...(header && { columns: header.columns }) }
}
