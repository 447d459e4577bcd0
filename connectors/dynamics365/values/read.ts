import { isExactNumber, type Json, type JsonObject } from '../../../runner/connector/index.ts'
import { columnOf, isChoice, isLookup, propertyOf } from '../metadata/column.ts'
import type { Column, Table } from '../metadata/table.ts'
import type { WireRow } from '../webapi/client.ts'

const formatted = 'OData.Community.Display.V1.FormattedValue'
const lookupTable = 'Microsoft.Dynamics.CRM.lookuplogicalname'

/** `Prefer` value that makes rows carry what {@link fromWire} needs. */
export const withLabels = `odata.include-annotations="${formatted},${lookupTable}"`

/** A row as recipes see it. */
export interface Row {
  id: string
  /** Opaque version: compared for equality only. */
  version: string
  /** By logical name: lookups as `{ table, id, name }` or null, multi-select choices as lists. */
  record: JsonObject
  /** Display texts of choices, yes/no columns and lookups. */
  labels: JsonObject
}

/**
 * Reads a row of the server. Members that were not asked for (a money column drags its currency in) and annotations are left out.
 * @param columns logical names; undefined takes every column that the row has
 */
export function fromWire(table: Table, row: WireRow, columns: readonly string[] | undefined): Row {
  const wanted = columns ? [...new Set([table.primaryId, ...columns])].map((name) => columnOf(table, name)) : table.columns.values()
  const record: JsonObject = {}
  const labels: JsonObject = {}
  for (const column of wanted) {
    const property = propertyOf(column)
    if (!(property in row)) continue
    record[column.name] = isLookup(column) ? lookup(column, row) : scalar(column, row[property])
    const label = row[`${property}@${formatted}`]
    if (typeof label === 'string' && (isLookup(column) || isChoice(column) || column.type === 'Boolean')) labels[column.name] = label
  }
  return { id: String(row[table.primaryId]), version: String(row['@odata.etag'] ?? ''), record, labels }
}

function lookup(column: Column, row: WireRow): Json {
  const property = propertyOf(column)
  const id = row[property]
  if (typeof id !== 'string') return null
  const table = row[`${property}@${lookupTable}`] ?? (column.targets.length === 1 ? column.targets[0]?.table : null)
  return { table: (table ?? null) as Json, id, name: (row[`${property}@${formatted}`] ?? null) as Json }
}

function scalar(column: Column, value: unknown): Json {
  if (column.type === 'MultiSelectPicklist' && typeof value === 'string') return value.split(',').map(Number)
  return isExactNumber(value) ? (plainNumber(value.rawJSON) ?? (value as unknown as Json)) : ((value ?? null) as Json)
}

/** Decimals come with trailing zeros (`18450.5000000000`): what a double holds exactly becomes a plain number. */
function plainNumber(digits: string): number | undefined {
  const short = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits
  return String(Number(short)) === short ? Number(short) : undefined
}
