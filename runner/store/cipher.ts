import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { StoreError } from './store.ts'

const format = 1
const nonceBytes = 12
const tagBytes = 16
const formatByte = Buffer.from([format])

/** Payloads at rest: JSON, sealed with AES-256-GCM. */
export interface Cipher {
  /** @param place names table, column and row, so that a sealed value opens nowhere else */
  seal(value: unknown, place: string): Buffer
  /** @throws StoreError `store_key_wrong` for another key, another place or a damaged value */
  open(sealed: Uint8Array, place: string): unknown
}

/**
 * @param key 32 bytes
 * @param parse the inverse of `JSON.stringify`, for callers that keep long numbers exact
 */
export function aesCipher(key: Buffer, parse: (text: string) => unknown): Cipher {
  const secret = createSecretKey(key)
  return {
    seal(value, place) {
      const nonce = nextNonce()
      const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(place))
      const text = cipher.update(JSON.stringify(value), 'utf8')
      cipher.final()
      return Buffer.concat([formatByte, nonce, cipher.getAuthTag(), text])
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
      try {
        const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(1, 1 + nonceBytes)).setAAD(Buffer.from(place))
        decipher.setAuthTag(bytes.subarray(1 + nonceBytes, 1 + nonceBytes + tagBytes))
        return parse(Buffer.concat([decipher.update(bytes.subarray(1 + nonceBytes + tagBytes)), decipher.final()]).toString('utf8'))
      } catch (cause) {
        throw new StoreError(
          'store_key_wrong',
          `A value of the store (${place}) does not open with this key. Use the key the store was made with (RUNNER_STORE_KEY, or the key file).`,
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
