import { quoted, type Stored, type StoredRow } from '../organization/database.ts'
import type { Column, Table } from '../organization/schema.ts'
import { typeColumn } from '../organization/tables.ts'
import { etagOf } from '../organization/update.ts'
import { readExpression, toJson } from '../organization/values.ts'

/** Which columns of a table are read and sent. */
export interface Projection {
  table: Table
  /** Sent, in this order. */
  columns: Column[]
  /** What stands behind `select`, for the alias given. */
  sql(alias: string): string
}

/**
 * @param select undefined sends every column except images
 * @param hidden columns that are read and not sent
 */
export function project(table: Table, select: readonly Column[] | undefined, hidden: readonly string[] = []): Projection {
  const columns = select ? withDragged(table, select) : [...table.columns.values()].filter((column) => column.type !== 'Image')
  const read = new Set([...columns.map((column) => column.name), table.primaryId, 'versionnumber', ...hidden])
  const parts = [...read].flatMap((name) => {
    const column = table.columns.get(name)!
    const expression = (alias: string) => `${readExpression(column, alias)} as ${quoted(name)}`
    const type = (alias: string) => `${alias}.${quoted(typeColumn(column))} as ${quoted(typeColumn(column))}`
    return column.polymorphic ? [expression, type] : [expression]
  })
  return { table, columns, sql: (alias) => parts.map((part) => part(alias)).join(', ') }
}

/** The primary key always comes back, and money brings its currency (facts sheet "$select"). */
function withDragged(table: Table, select: readonly Column[]): Column[] {
  const currency = select.some((column) => column.type === 'Money') ? table.columns.get('transactioncurrencyid') : undefined
  return [...new Set([...select, ...(currency ? [currency] : []), table.columns.get(table.primaryId)!])]
}

/** Adds annotations of one value before the value itself. */
export type Annotate = (row: Record<string, unknown>, column: Column, stored: Stored, source: StoredRow) => void

export function toWire(
  projection: Projection,
  stored: StoredRow,
  annotate: Annotate | undefined,
  withEtag = true,
): Record<string, unknown> {
  const row: Record<string, unknown> = {}
  if (withEtag) row['@odata.etag'] = etagOf(stored.versionnumber)
  for (const column of projection.columns) {
    const value = stored[column.name] ?? null
    if (annotate && value !== null) annotate(row, column, value, stored)
    row[column.property] = toJson(column, value)
  }
  return row
}
