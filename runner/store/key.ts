import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreError } from './store.ts'

const keyBytes = 32

export interface KeySource {
  /** The text of `RUNNER_STORE_KEY`, where it is set; it wins over the file. */
  text?: string | undefined
  /** Key file in the user's config folder; made on first use. */
  file: string
}

/**
 * The store's key, from where the user keeps it.
 * @throws StoreError `store_key_wrong` where the text or the file holds no key, `store_unusable` where the file cannot be read or made
 */
export function storeKey({ text, file }: KeySource): Buffer {
  if (text !== undefined) return keyFromText(text)
  try {
    return fileKey(file)
  } catch (error) {
    if (error instanceof StoreError) throw error
    const why = (error as Error).message
    throw new StoreError(
      'store_unusable',
      `The key file ${file} cannot be read or made (${why}). Make its folder writable, or set RUNNER_STORE_KEY.`,
      error,
    )
  }
}

/**
 * A key given as text, such as `RUNNER_STORE_KEY`.
 * @param text base64 of 32 bytes
 */
function keyFromText(text: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64')
  // Node skips what is not base64 without a word.
  if (key.length !== keyBytes || key.toString('base64') !== text.trim())
    throw new StoreError('store_key_wrong', 'The store key must be the base64 text of 32 bytes, as `openssl rand -base64 32` prints it.')
  return key
}

/**
 * The key kept in a file, outside the data's folder, readable by its owner only; made on first use.
 *
 * Two processes that make it at the same moment agree: the file is written under another name and linked into place, which fails where one is already.
 */
function fileKey(path: string): Buffer {
  const existing = read(path)
  if (existing) return existing
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, `${randomBytes(keyBytes).toString('base64')}\n`, { mode: 0o600, flush: true })
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
