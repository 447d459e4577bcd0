import { open, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { hasCode } from '../file-error.ts'

/** Where a write goes, and what tells whether it is there. */
export interface Write {
  offset: number
  length: number
  /** Of the bytes. */
  hash: string
}

/**
 * What stands beside a file while it is appended to: `.orders.csv.appending`.
 *
 * Whoever appends next learns from it of a write that a crash cut short, even where that step has not been resumed yet.
 */
export interface Intent {
  /** The write that is under way. */
  write?: Write & { key: string; pid: number }
  /** Keys of steps whose write was cut back by somebody else and must be made again. */
  cut: string[]
}

const nothing: Intent = { cut: [] }

export function intentFile(file: string): string {
  return join(dirname(file), `.${basename(file)}.appending`)
}

export async function readIntent(file: string): Promise<Intent> {
  try {
    return JSON.parse(await readFile(intentFile(file), 'utf8')) as Intent
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return nothing
    throw thrown
  }
}

/** Replaces it in one go and durably; nothing to tell means no file. */
export async function saveIntent(file: string, intent: Intent): Promise<void> {
  if (!intent.write && intent.cut.length === 0) return rm(intentFile(file), { force: true })
  // One name for all: what a crash leaves of it, the next write replaces.
  const next = `${intentFile(file)}.new`
  const handle = await open(next, 'w', 0o600)
  try {
    await handle.writeFile(JSON.stringify(intent))
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(next, intentFile(file))
}
