import { ConnectorError, type JsonObject } from '../../../runner/connector/index.ts'
import type { Client } from '../client.ts'
import type { Column, Table, Target } from '../metadata/table.ts'
import { noSuchRow, rowAddress } from './key.ts'
import { invalid } from './scalar.ts'

/** Tables behind `owner`, the common name of those that can own rows. */
const owners = new Set(['systemuser', 'team'])

/**
 * A lookup as the server wants it: the name of the member and the address of the row it points at, or null.
 *
 * A polymorphic lookup has one navigation property per table (facts sheet "Setting lookups").
 * @param value `{ table, id }`, `{ table, key: { … } }` or null; `table` may be left out where the lookup points at one table only
 * @throws ConnectorError `invalid_value`, `invalid_lookup`, `record_not_found`
 */
export async function lookupToWire(
  client: Client,
  table: Table,
  column: Column,
  value: unknown,
): Promise<[name: string, address: string | null]> {
  if (column.targets.length === 0) throw invalid(table, column, 'nothing: the organization tells no table for this lookup', value)
  // Clearing any of the navigation properties clears the one shared column.
  if (value === null) return [bind(column.targets[0]!), null]
  if (typeof value !== 'object' || Array.isArray(value))
    throw invalid(table, column, '`{ table, id }`, `{ table, key: { … } }` or null', value)
  const { table: name = onlyTarget(column), id, key } = value as { table?: string; id?: string; key?: JsonObject }
  const target = column.targets.find((one) => one.table === name || (one.table === 'owner' && owners.has(name ?? '')))
  if (!target || name === undefined) throw wrongTarget(table, column, name)
  const targetTable = await client.tables.get(name)
  const address = await rowAddress(client, targetTable, { ...(id !== undefined && { id }), ...(key !== undefined && { key }) })
  if (address === undefined) throw noSuchRow(targetTable)
  return [bind(target), `/${address}`]
}

function bind({ navigationProperty }: Target): string {
  return `${navigationProperty}@odata.bind`
}

function onlyTarget(column: Column): string | undefined {
  return column.targets.length === 1 && column.targets[0]?.table !== 'owner' ? column.targets[0]?.table : undefined
}

function wrongTarget(table: Table, column: Column, name: string | undefined): ConnectorError {
  const tables = column.targets.flatMap((target) => (target.table === 'owner' ? [...owners] : [target.table]))
  const list = tables.map((one) => `\`${one}\``).join(', ')
  return new ConnectorError(
    'rejected',
    'invalid_lookup',
    `\`${table.logicalName}.${column.name}\` ${name === undefined ? 'may point at several tables' : `cannot point at \`${name}\``}. Give \`table\` as one of ${list}.`,
  )
}
