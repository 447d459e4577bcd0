import { ConnectorError, type Json, type JsonObject } from '../../../runner/connector/index.ts'
import type { Client } from '../client.ts'
import { columnOf, isLookup, selectOf } from '../metadata/column.ts'
import type { Table } from '../metadata/table.ts'
import type { WireRow } from '../webapi/client.ts'
import { withQuery } from '../webapi/odata.ts'
import { fromWire, withLabels } from './read.ts'
import { sameValue } from './same.ts'
import { scalarToWire } from './scalar.ts'

/** The row at an address with the given columns (all when undefined), or undefined when it is not there. */
export async function readRow(
  client: Client,
  table: Table,
  address: string,
  columns: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<WireRow | undefined> {
  try {
    return await client.api.get(withQuery(address, { $select: selectOf(table, columns) }), { prefer: [withLabels], signal })
  } catch (thrown) {
    if (thrown instanceof ConnectorError && thrown.code === 'record_not_found') return undefined
    throw thrown
  }
}

/**
 * Whether a row holds these values: what a write whose answer was lost would have left behind.
 * @returns false also where that cannot be told (a lookup named by key), so that the write is sent again
 */
export async function alreadyThere(
  client: Client,
  table: Table,
  address: string,
  values: JsonObject,
  signal: AbortSignal,
): Promise<boolean> {
  const readable = Object.keys(values).filter((name) => table.columns.get(name)?.readable)
  const row = await readRow(client, table, address, readable, signal)
  if (!row) return false
  const { record } = fromWire(table, row, readable)
  for (const name of readable)
    if (!sameValue(await comparable(client, table, name, values[name] ?? null), record[name] ?? null)) return false
  return true
}

/** A written value in the form that rows are read in. */
async function comparable(client: Client, table: Table, name: string, value: Json): Promise<Json> {
  const column = columnOf(table, name)
  if (isLookup(column)) return value
  const wire = await scalarToWire(client, table, column, value)
  return column.type === 'MultiSelectPicklist' && typeof wire === 'string' ? wire.split(',').map(Number) : wire
}
