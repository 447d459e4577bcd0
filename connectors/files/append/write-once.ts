import type { FileHandle } from 'node:fs/promises'
import { ConnectorError, type Json, type Progress } from '../../../runner/connector/index.ts'
import { hash } from '../rows/cursor.ts'
import { type Intent, readIntent, saveIntent, type Write } from './intent.ts'

interface Once {
  handle: FileHandle
  /** Absolute path. */
  file: string
  /** As the recipe names it. */
  path: string
  /** Of the step, the same in every attempt. */
  key: string
  progress: Progress
}

/**
 * Appends bytes once, whatever happened to earlier attempts; the caller lets nobody else of this process append to the file meanwhile.
 *
 * The order is intent beside the file, `progress.save`, the write. So a step with saved progress had its intent on disk: either its bytes are whole in their
 * place, or whoever met the intent first cut them back and noted the step's key.
 * @param render makes the bytes from the file's size; called only where they must be written
 * @returns where the bytes stand
 * @throws ConnectorError `file_busy`, `append_unclear`, and what the file system throws
 */
export async function writeOnce(once: Once, render: (size: number) => Promise<Buffer>): Promise<Write> {
  const { file, key, progress } = once
  const { cut } = await settle(once)
  const saved = progress.saved as unknown as Write | null | undefined
  if (saved && !cut.includes(key)) {
    if (await holds(once.handle, saved)) return saved
    throw unclear(once)
  }
  const offset = await sizeOf(once.handle)
  const bytes = await render(offset)
  const write = { offset, length: bytes.length, hash: hash(bytes) }
  const others = cut.filter((other) => other !== key)
  await saveIntent(file, { write: { ...write, key, pid: process.pid }, cut: others })
  await progress.save(write as unknown as Json)
  await writeOrCutBack(once, write, bytes)
  await saveIntent(file, { cut: others })
  return write
}

/** Ends what a crash left: a write that is whole stays, any other is cut back and its step noted. */
async function settle({ handle, file, path }: Once): Promise<Intent> {
  const { write, cut } = await readIntent(file)
  if (!write) return { cut }
  if (write.pid !== process.pid && isAlive(write.pid)) throw busy(path, write.pid)
  const settled: Intent = { cut }
  if (!(await holds(handle, write))) {
    // More than the write itself behind its offset was put there by a program that knows nothing of intents: it is not ours to cut.
    if ((await sizeOf(handle)) <= write.offset + write.length) {
      await handle.truncate(write.offset)
      await handle.sync()
      settled.cut = [...cut, write.key]
    }
  }
  await saveIntent(file, settled)
  return settled
}

async function writeOrCutBack({ handle, progress, path }: Once, write: Write, bytes: Buffer): Promise<void> {
  try {
    await handle.appendFile(bytes)
    await handle.sync()
  } catch (thrown) {
    try {
      await handle.truncate(write.offset)
      await progress.save(null)
    } catch {
      throw new ConnectorError(
        'transient',
        'file_system_failed',
        `Appending to "${path}" failed midway. Check free space and the disk; it is tried again.`,
        {
          effect: 'unknown',
          cause: thrown,
        },
      )
    }
    throw thrown
  }
}

async function holds(handle: FileHandle, { offset, length, hash: expected }: Write): Promise<boolean> {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await handle.read(bytes, 0, length, offset)
  return bytesRead === length && hash(bytes) === expected
}

async function sizeOf(handle: FileHandle): Promise<number> {
  return (await handle.stat()).size
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function busy(path: string, pid: number): ConnectorError {
  return new ConnectorError(
    'transient',
    'file_busy',
    `Process ${pid} is appending to "${path}"; it is tried again. If that process is no runner, delete the \`.appending\` file beside it.`,
    { details: { path, pid } },
  )
}

function unclear({ path }: Once): ConnectorError {
  return new ConnectorError(
    'rejected',
    'append_unclear',
    `An earlier attempt may have appended its rows to "${path}", but the file has been changed since, so nobody can tell. Look whether the rows are there, then rerun or cancel the job.`,
    { effect: 'unknown', details: { path } },
  )
}
