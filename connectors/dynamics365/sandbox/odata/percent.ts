import { badQuery } from '../error.ts'

/**
 * A part of an address, percent-decoded.
 * @param what it is, as the beginning of a sentence
 * @throws WebApiError 0x80060888
 */
export function percentDecoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw badQuery(`${what} cannot be decoded: in an address, percent signs stand before the hexadecimal digits of UTF-8 only.`)
  }
}
