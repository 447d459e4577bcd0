import { StoreError } from '../store.ts'

export const keyBytes = 32

/** A place that keeps the keys of stores, as base64 texts with white space between them. */
export interface KeyPlace {
  /** As a person calls it. */
  name: string
  /** Undefined where nothing is kept. */
  read(): string | undefined
  /** Replaces what is kept, all or nothing. */
  write(keys: readonly string[]): void
}

/**
 * Keys from their text, such as `RUNNER_KEY`: the one in use first, earlier ones after it.
 * @param where the place as a person calls it
 * @throws StoreError `store_key_wrong`; never with the text
 */
export function keysFrom(text: string, where: string): Buffer[] {
  const words = text.split(/\s+/).filter(Boolean)
  const keys = words.map((word) => Buffer.from(word, 'base64'))
  // Node skips what is not base64 without a word.
  if (keys.length === 0 || keys.some((key, index) => key.length !== keyBytes || key.toString('base64') !== words[index]))
    throw new StoreError(
      'store_key_wrong',
      `What stands in ${where} is no key: a key is the base64 text of 32 bytes, as \`openssl rand -base64 32\` prints it. Earlier keys may stand behind it, with a space between them.`,
    )
  return keys
}
