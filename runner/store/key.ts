import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreError } from './store.ts'

const keyBytes = 32

/**
 * A key given as text, such as `RUNNER_STORE_KEY`.
 * @param text base64 of 32 bytes
 */
export function keyFromText(text: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== keyBytes) throw new StoreError('store_key_wrong', 'The store key must be the base64 text of 32 bytes, as `openssl rand -base64 32` prints it.')
  return key
}

/**
 * The key kept in a file, outside the data's folder, readable by its owner only; made on first use.
 *
 * Two processes that make it at the same moment agree: the file is written under another name and linked into place, which fails where one is already.
 */
export function fileKey(path: string): Buffer {
  const existing = read(path)
  if (existing) return existing
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, `${randomBytes(keyBytes).toString('base64')}\n`, { mode: 0o600 })
  try {
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(draft)
  }
  return read(path) as Buffer
}

function read(path: string): Buffer | undefined {
  try {
    return keyFromText(readFileSync(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
