import { randomBytes } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileLocks } from '../sqlite/locks.ts'
import { StoreError } from '../store.ts'
import { keyFile } from './file.ts'
import { keyring } from './keyring.ts'
import { type KeyPlace, keyBytes, keysFrom } from './place.ts'

export interface KeySource {
  /** The text of `RUNNER_KEY`, where it is set: it wins. */
  text?: string | undefined
  /** Where the key is kept otherwise; made on first use. */
  place: 'file' | 'keyring'
  /** The key file in the user's configuration folder. */
  file: string
  /** Environment of the keyring's program. */
  env: Record<string, string | undefined>
  /** `process.platform`. */
  platform: NodeJS.Platform
}

/**
 * The keys that stores may have been sealed with, the one in use first. All stores of a user share them.
 * @throws StoreError `store_key_wrong` where there is something else than keys, `store_key_exposed` where others can read them, `store_unusable` where they
 * cannot be read or made
 */
export async function storeKeys(source: KeySource): Promise<Buffer[]> {
  if (source.text !== undefined) return keysFrom(source.text, 'RUNNER_KEY')
  const place = placeOf(source)
  const kept = place.read() ?? (await underLock(source, () => place.read() ?? put(place, [newKey()])))
  return keysFrom(kept, place.name)
}

/**
 * Puts a new key before the others. Every store goes over to it when it is opened next, so a crash at any moment leaves each with a key that is there.
 * @returns the place, as a person calls it
 * @throws StoreError as {@link storeKeys}
 */
export async function addStoreKey(source: KeySource): Promise<string> {
  const place = placeOf(source)
  await underLock(source, () => {
    const kept = place.read()
    return put(place, [newKey(), ...(kept === undefined ? [] : keysFrom(kept, place.name).map(textOf))])
  })
  return place.name
}

function placeOf({ place, file, env, platform }: KeySource): KeyPlace {
  return place === 'file' ? keyFile(file) : keyring({ env, platform, mark: join(dirname(file), 'keyring') })
}

/** Only what can be read back is used to seal with. */
function put(place: KeyPlace, keys: readonly string[]): string {
  place.write(keys)
  const kept = place.read()
  if (kept?.split(/\s+/).filter(Boolean).join() !== keys.join())
    throw new StoreError('store_unusable', `The store's key was written to ${place.name}, but does not come back from there.`)
  return kept
}

const newKey = () => textOf(randomBytes(keyBytes))
const textOf = (key: Buffer) => key.toString('base64')

/** Two processes that make or change keys at the same moment would lose one. The kernel frees the lock of a process that is killed. */
async function underLock<T>({ file }: KeySource, work: () => T): Promise<T> {
  const locks = fileLocks(join(dirname(file), 'locks'), basename(file))
  try {
    while (!locks.take('keys')) await delay(2 + Math.random() * 8)
    return work()
  } finally {
    locks.close()
  }
}
