import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { StoreError } from './store.ts'

const algorithm = 'aes-256-gcm'
const format = 1
const nonceBytes = 12
const tagBytes = 16
const formatByte = Buffer.from([format])

/** Payloads at rest: JSON, sealed with AES-256-GCM. */
export interface Cipher {
  /** @param place names table, column and row, so that a sealed value opens nowhere else */
  seal(value: unknown, place: string): Buffer
  /** @throws StoreError `store_damaged` for another key, another place or a changed value */
  open(sealed: Uint8Array, place: string): unknown
}

/**
 * @param key 32 bytes
 * @param parse the inverse of `JSON.stringify`, for callers that keep long numbers exact
 * @param kept what becomes of a JSON text before it is sealed; default: nothing
 */
export function aesCipher(key: Buffer, parse: (text: string) => unknown, kept = (text: string, _place: string) => text): Cipher {
  const secret = createSecretKey(key)
  return {
    seal(value, place) {
      const nonce = nextNonce()
      const cipher = createCipheriv(algorithm, secret, nonce).setAAD(Buffer.from(place))
      const text = cipher.update(kept(JSON.stringify(value), place), 'utf8')
      cipher.final()
      return Buffer.concat([formatByte, nonce, cipher.getAuthTag(), text])
    },
    open(sealed, place) {
      try {
        const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
        if (bytes[0] !== format) throw new Error(`unknown format ${bytes[0]}`)
        // Without the length a value that was cut would be believed for the few bytes of its tag that are left.
        const decipher = createDecipheriv(algorithm, secret, bytes.subarray(1, 1 + nonceBytes), { authTagLength: tagBytes })
        decipher.setAAD(Buffer.from(place))
        decipher.setAuthTag(bytes.subarray(1 + nonceBytes, 1 + nonceBytes + tagBytes))
        return parse(Buffer.concat([decipher.update(bytes.subarray(1 + nonceBytes + tagBytes)), decipher.final()]).toString('utf8'))
      } catch (cause) {
        throw new StoreError(
          'store_damaged',
          `A value of the store (${place}) does not open: it was changed, or put there from another place. Restore the store from a backup.`,
          cause,
        )
      }
    },
  }
}

/** Random bytes are fetched for many nonces at once: one by one they cost more than sealing does. */
const noncesAtOnce = 512
let pool = Buffer.alloc(0)

function nextNonce(): Buffer {
  if (pool.length === 0) pool = randomBytes(nonceBytes * noncesAtOnce)
  const nonce = pool.subarray(0, nonceBytes)
  pool = pool.subarray(nonceBytes)
  return nonce
}
