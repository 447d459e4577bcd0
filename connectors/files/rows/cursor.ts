import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import type { Json } from '../../../runner/connector/index.ts'
import { beginning, type Position } from './split.ts'

/**
 * How far a file was read, and what tells that file from one put in its place.
 *
 * The file goes on where the bytes around the position are still the same; neither inode nor time decides, because many programs append by writing a new file.
 */
export interface RowsCursor extends Position {
  /** Hash of the first and of the last bytes before the position. */
  before: string
  /** Size, time and inode of the file when everything in it had been read; absent before that. */
  readAs?: string
  /** `read: whole_file`: hash of the whole file. */
  version?: string
  /** The id of a last row without line ending that was there before the recipe; it is no news when it is read again. */
  skip?: string
}

const fingerprintBytes = 4096

export const startCursor: RowsCursor = { ...beginning, before: '' }

export function asJson(cursor: RowsCursor): Json {
  return cursor as unknown as Json
}

export function stampOf({ size, mtimeNs, ino }: BigIntStats): string {
  return `${size}-${mtimeNs}-${ino}`
}

/** Hash of up to 4,096 bytes at either end of what stands before `offset`. */
export async function fingerprint(handle: FileHandle, offset: number): Promise<string> {
  const length = Math.min(offset, fingerprintBytes)
  const both = Buffer.alloc(2 * length)
  await handle.read(both, 0, length, 0)
  await handle.read(both, length, length, offset - length)
  return hash(both)
}

export async function isSameFile(handle: FileHandle, size: number, cursor: RowsCursor): Promise<boolean> {
  return size >= cursor.offset && (cursor.offset === 0 || (await fingerprint(handle, cursor.offset)) === cursor.before)
}

/** Hash of everything up to `size`. */
export async function contentHash(handle: FileHandle, size: number, signal: AbortSignal): Promise<string> {
  const sum = createHash('sha256')
  const buffer = Buffer.allocUnsafe(1024 * 1024)
  for (let at = 0; at < size; ) {
    signal.throwIfAborted()
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, size - at), at)
    if (bytesRead === 0) break
    sum.update(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
  return sum.digest('base64url').slice(0, 22)
}

/** 128 bits, enough to tell rows apart. */
export function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
}
