import { isExactNumber } from '../../../runner/connector/index.ts'

const guid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i

export function isGuid(value: unknown): value is string {
  return typeof value === 'string' && guid.test(value)
}

/** Date and date-time literals of OData stand without quotes; a text column may hold the same characters, so the column's type decides. */
export type LiteralType = 'text' | 'bare'

/** A value as an OData literal, not yet percent-encoded: `'O''Neil'`, `42`, `2026-01-31T08:00:00Z`, `null`. */
export function literal(value: unknown, type: LiteralType): string {
  if (value === null) return 'null'
  if (isExactNumber(value)) return value.rawJSON
  return type === 'text' ? `'${String(value).replaceAll("'", "''")}'` : String(value)
}

/**
 * Text keys with these characters fail in URLs although the server stores them (facts sheet "Row addressing and alternate keys").
 * Such a row is found by `$filter` and written by its id.
 */
export function isUnsafeInKey(value: unknown): boolean {
  return typeof value === 'string' && /[/<>*%&:\\?+]/.test(value)
}

/** One column of a key as it stands in a URL. */
export interface KeyPart {
  /** Property name: the logical name, or `_x_value` for a lookup. */
  property: string
  value: unknown
  type: LiteralType
}

/** `accountnumber='A-17',name='O''Neil'`, percent-encoded, for the parentheses behind an entity set. */
export function keyPredicate(parts: readonly KeyPart[]): string {
  return parts.map(({ property, value, type }) => `${property}=${encodeURIComponent(literal(value, type))}`).join(',')
}

/** The same key as a condition for `$filter`, not yet percent-encoded. */
export function keyCondition(parts: readonly KeyPart[]): string {
  return parts.map(({ property, value, type }) => `${property} eq ${literal(value, type)}`).join(' and ')
}

/** `accounts?$select=name&$top=1`: options without value are left out, values are percent-encoded. */
export function withQuery(path: string, options: Record<string, string | undefined>): string {
  const pairs = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]))
  return pairs.length === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${pairs.join('&')}`
}
