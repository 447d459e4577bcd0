import { badQuery, WebApiError } from '../error.ts'
import { parseKey, type RowKey, unsafeCharacter } from '../odata/key.ts'
import { percentDecoded } from '../odata/percent.ts'
import type { Table } from '../organization/schema.ts'

/**
 * The row that a URL names.
 * @param partition the query option `partitionId`, which counts for elastic tables
 * @throws WebApiError 400 for what is no key of the table, and for values that fail in addresses
 */
export function keyFromUrl(table: Table, text: string, partition?: string): RowKey {
  const key = parseKey(table, percentDecoded(text, 'The key'))
  const unsafe = unsafeCharacter(key)
  // The sheet says that such a request fails and leaves the status open.
  if (unsafe !== undefined) throw badQuery(`The key value contains '${unsafe}', which cannot stand in an address.`)
  return 'id' in key && table.elastic && partition !== undefined ? { ...key, partition } : key
}

/** A condition header; the literal word `null` counts as absent (facts sheet "Standard request headers"). */
export function condition(header: string | undefined): string | undefined {
  return header === undefined || header === 'null' ? undefined : header.trim()
}

/**
 * An `If-Match` header: `*` or a row version.
 * @throws WebApiError 0x80060883 for what is neither
 */
export function versionCondition(header: string | undefined): string | undefined {
  const value = condition(header)
  if (value === undefined || value === '*' || /^W\/"[^"]+"$/.test(value)) return value
  throw new WebApiError(
    400,
    '0x80060883',
    'The RowVersion property must be provided when the value of ConcurrencyBehavior is IfVersionMatches.',
  )
}
