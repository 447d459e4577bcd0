import type { Stored } from '../organization/database.ts'
import { decimalDigits, decimalKey, decimalText, toUnits } from '../organization/values/units.ts'
import { badCookie } from './error.ts'
import { type Element, escapeXml, parseXml } from './xml.ts'

/** What a page is ordered by, as the cookie names it: a column, or of a link-entity `alias.column`. */
export interface CookieColumn {
  name: string
  kind: 'text' | 'number' | 'whole number' | 'decimal' | 'id'
}

/**
 * The annotation `fetchxmlpagingcookie` (facts sheet "Sending"): the cookie, encoded twice, in an element that says which page comes next.
 * @param first values of the first row of the page
 */
export function writeCookie(page: number, columns: readonly CookieColumn[], first: readonly Stored[], last: readonly Stored[]): string {
  const elements = columns.map(({ name, kind }, index) => {
    const value = (which: string, stored: Stored) =>
      stored === null ? `${which}null="1"` : `${which}="${escapeXml(written(kind, String(stored)))}"`
    return `<${name} ${value('last', last[index] ?? null)} ${value('first', first[index] ?? null)} />`
  })
  const cookie = `<cookie page="${page}">${elements.join('')}</cookie>`
  return `<cookie pagenumber="${page + 1}" pagingcookie="${encode(encode(cookie))}" istracking="False" />`
}

/**
 * The values behind which the next page begins.
 * @throws WebApiError 0x8004112A for a cookie of another query or one that was changed into nonsense
 */
export function readCookie(text: string, columns: readonly CookieColumn[]): Stored[] {
  const cookie = parseCookie(text)
  if (cookie.name !== 'cookie' || cookie.children.length !== columns.length) throw badCookie()
  return columns.map(({ name, kind }, index) => {
    const element = cookie.children[index]!
    const value = element.attributes.get('last')
    if (element.name !== name || (value === undefined && !element.attributes.has('lastnull'))) throw badCookie()
    return value === undefined ? null : read(kind, value)
  })
}

function written(kind: CookieColumn['kind'], stored: string): string {
  if (kind === 'id') return `{${stored.toUpperCase()}}`
  return kind === 'decimal' ? decimalText(stored) : shield(stored)
}

function parseCookie(text: string): Element {
  try {
    return parseXml(text)
  } catch {
    throw badCookie()
  }
}

function read(kind: CookieColumn['kind'], text: string): Stored {
  switch (kind) {
    case 'id':
      return text.replace(/^\{(.*)\}$/, '$1').toLowerCase()
    case 'whole number': {
      const units = /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined
      if (units === undefined || BigInt.asIntN(64, units) !== units) throw badCookie()
      return units
    }
    case 'decimal': {
      const units = toUnits(text, decimalDigits)
      if (units === undefined) throw badCookie()
      return decimalKey(units)
    }
    case 'number':
      if (text === '' || !Number.isFinite(Number(text))) throw badCookie()
      return Number(text)
    default:
      return unshield(text)
  }
}

/** With small hex digits, and brackets as well, as the service writes it. */
function encode(text: string): string {
  const encoded = encodeURIComponent(text).replaceAll(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16)}`)
  return encoded.replaceAll(/%[0-9A-F]{2}/g, (found) => found.toLowerCase())
}

/** XML cannot hold control characters or halves of a pair; they are written `_x001F_`, as .NET does. */
function shield(text: string): string {
  return text.replaceAll(/_(?=x[0-9A-F]{4}_)/g, '_x005F_').replaceAll(unwritable, (found) => `_x${hex(found)}_`)
}

function unshield(text: string): string {
  return text.replaceAll(/_x([0-9A-F]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unwritable = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
}
