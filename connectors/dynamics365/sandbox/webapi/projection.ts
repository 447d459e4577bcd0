import { quoted, type Stored, type StoredRow } from '../organization/database.ts'
import { type Column, ownerTables, type Table } from '../organization/schema.ts'
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
  const columns = select
    ? withDragged(table, select)
    : [...table.columns.values()].filter((column) => column.type !== 'Image' && !column.writeOnly)
  const read = new Set([...columns.map((column) => column.name), table.primaryId, 'versionnumber', ...hidden])
  const parts = [...read].flatMap((name) => {
    const column = table.columns.get(name)!
    const expression = (alias: string) => `${readExpression(column, alias)} as ${quoted(name)}`
    const type = (alias: string) => `${alias}.${quoted(typeColumn(column))} as ${quoted(typeColumn(column))}`
    return column.polymorphic ? [expression, type] : [expression]
  })
  return { table, columns, sql: (alias) => parts.map((part) => part(alias)).join(', ') }
}

/**
 * The primary key always comes back, of users and teams also the one they inherit; money brings its currency, and a part of an address
 * the whole address (facts sheet "$select" and "$expand").
 */
function withDragged(table: Table, select: readonly Column[]): Column[] {
  const dragged = select.flatMap(({ name, type }) => {
    if (type === 'Money') return ['transactioncurrencyid']
    const address = /^address\d_/.exec(name)?.[0]
    return address === undefined || !addressParts.has(name.slice(address.length)) ? [] : [`${address}composite`]
  })
  const inherited = ownerTables.includes(table.logicalName) ? ['ownerid'] : []
  const columns = [...dragged, table.primaryId, ...inherited].flatMap((name) => table.columns.get(name) ?? [])
  return [...new Set([...select, ...columns])].filter((column) => !column.writeOnly)
}

const addressParts = new Set(['line1', 'line2', 'line3', 'city', 'stateorprovince', 'postalcode', 'country'])

/** Adds annotations of one value before the value itself. */
export type Annotate = (row: Record<string, unknown>, column: Column, stored: Stored, source: StoredRow) => void

export function toWire(
  projection: Projection,
  stored: StoredRow,
  annotate: Annotate | undefined,
  withEtag = true,
): Record<string, unknown> {
  const row: Record<string, unknown> = {}
  if (withEtag) row['@odata.etag'] = etagOf(projection.table, stored.versionnumber)
  for (const column of projection.columns) {
    const value = stored[column.name] ?? null
    if (annotate && value !== null) annotate(row, column, value, stored)
    row[column.property] = toJson(column, value)
  }
  return row
}
