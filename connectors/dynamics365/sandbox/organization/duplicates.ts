import { WebApiError } from '../error.ts'
import type { Values } from './body.ts'
import { quoted } from './database.ts'
import type { Organization } from './open.ts'
import type { Table } from './schema.ts'

/**
 * Duplicate detection (facts sheet "Duplicate detection"): a rule matches where all of its columns have the values of another row.
 * @param existing identity of the row that is changed; undefined for a new one
 * @throws WebApiError 0x80040333
 */
export function refuseDuplicates(organization: Organization, table: Table, values: Values, existing?: string): void {
  const { schema, switches } = organization
  for (const { table: name, matches, columns } of schema.duplicateRules) {
    if (name !== table.logicalName || !columns.some((column) => values.has(column))) continue
    if (hasMatch(organization, schema.tables.get(matches)!, columns, valuesOf(organization, table, columns, values, existing), existing))
      throw new WebApiError(
        switches.duplicate_detected_status,
        '0x80040333',
        'A record was not created or updated because a duplicate of the current record already exists.',
      )
  }
}

/** What the row will hold: what is written, and what stays. */
function valuesOf({ database }: Organization, table: Table, columns: readonly string[], values: Values, existing: string | undefined) {
  const sql = `select ${columns.map(quoted).join(', ')} from ${quoted(table.logicalName)} where ${quoted(table.identity)} = ?`
  const stored = existing === undefined ? {} : (database.get(sql, existing) ?? {})
  return columns.map((column) => (values.has(column) ? values.get(column) : stored[column]) ?? null)
}

function hasMatch(
  { database }: Organization,
  table: Table,
  columns: readonly string[],
  wanted: ReturnType<typeof valuesOf>,
  existing: string | undefined,
): boolean {
  if (wanted.some((value) => value === null || value === '')) return false
  const equal = columns.map((column) => `${quoted(column)} = ?`).join(' and ')
  const sql = `select 1 from ${quoted(table.logicalName)} where ${equal} and ${quoted(table.identity)} <> ? limit 1`
  return database.get(sql, ...wanted, existing ?? '') !== undefined
}
