import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { aesCipher } from '../cipher.ts'
import { StoreError } from '../store.ts'

const place = 'meta.data_key'
const dataKeyBytes = 32

/**
 * The key that the store's values are sealed with: random, made with the store, and itself sealed with the first of the keys that are given.
 *
 * So another key means one row: a store that an earlier key opens is sealed with the first on the spot. Processes that have it open keep their data key and
 * notice nothing; a crash leaves the row as it was or as it shall be.
 * @param keys those in use and those of before; read under the lock that this runs under, so that nobody has moved the store to a key we do not know
 * @throws StoreError `store_key_wrong` where none fits
 */
export function openDataKey(database: DatabaseSync, keys: readonly Buffer[], file: string): Buffer {
  const [current] = keys
  if (!current) throw new Error('a store needs a key')
  const row = database.prepare("select value from meta where name = 'data_key'").get() as { value: Uint8Array } | undefined
  if (!row) {
    const made = randomBytes(dataKeyBytes)
    database.prepare("insert into meta (name, value) values ('data_key', ?)").run(sealed(made, current))
    return made
  }
  for (const key of keys) {
    const opened = tryOpen(row.value, key)
    if (!opened) continue
    if (key !== current) reseal(database, sealed(opened, current))
    return opened
  }
  throw new StoreError(
    'store_key_wrong',
    `The store ${file} does not open with ${keys.length === 1 ? 'this key' : 'any of these keys'}. Give the key that it was made with: RUNNER_KEY, the key file, or the keyring. Nothing was changed.`,
  )
}

function sealed(dataKey: Buffer, key: Buffer): Buffer {
  return aesCipher(key, JSON.parse).seal(dataKey.toString('base64'), place)
}

function tryOpen(value: Uint8Array, key: Buffer): Buffer | undefined {
  try {
    return Buffer.from(aesCipher(key, JSON.parse).open(value, place) as string, 'base64')
  } catch {
    return undefined
  }
}

/** What the earlier key had sealed leaves the files as well, as far as nobody else is reading them. */
function reseal(database: DatabaseSync, value: Buffer): void {
  database.exec('pragma secure_delete = on')
  database.prepare("update meta set value = ? where name = 'data_key'").run(value)
  database.exec('pragma secure_delete = off; pragma wal_checkpoint(truncate)')
}
