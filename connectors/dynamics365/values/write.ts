import { ConnectorError, type JsonObject } from '../../../runner/connector/index.ts'
import type { Client } from '../client.ts'
import { columnOf, isLookup } from '../metadata/column.ts'
import type { Column, Table } from '../metadata/table.ts'
import { lookupToWire } from './lookup.ts'
import { scalarToWire } from './scalar.ts'

/** What the row is written for: some columns can be set only when a row is created, others only later. */
export type Use = 'create' | 'update' | 'upsert'

/**
 * The body of a write, from values as a recipe gives them: columns by logical name, lookups as `{ table, id }`, choices by number or label.
 * @throws ConnectorError `unknown_column`, `read_only_column`, `invalid_value`, `unknown_choice`, `invalid_lookup`, `record_not_found`
 */
export async function toWire(client: Client, table: Table, values: JsonObject, use: Use): Promise<JsonObject> {
  const body: JsonObject = {}
  for (const [name, value] of Object.entries(values)) {
    const column = columnOf(table, name)
    checkWritable(table, column, use)
    if (isLookup(column)) {
      const [member, address] = await lookupToWire(client, table, column, value)
      if (address !== null || use !== 'create') body[member] = address
    } else body[name] = await scalarToWire(client, table, column, value)
  }
  return withState(client, table, body, use)
}

function checkWritable(table: Table, column: Column, use: Use): void {
  const writable = { create: column.creatable, update: column.updatable, upsert: column.creatable || column.updatable }[use]
  if (writable) return
  const when = column.creatable
    ? 'can be set only when a row is created'
    : column.updatable
      ? 'can be set only on a row that exists'
      : 'is read-only'
  throw new ConnectorError('rejected', 'read_only_column', `\`${table.logicalName}.${column.name}\` ${when}. Remove it from \`values\`.`)
}

/** A status belongs to one state: the server wants both, or it picks the state's default status (facts sheet "Update"). */
async function withState(client: Client, table: Table, body: JsonObject, use: Use): Promise<JsonObject> {
  const [state, status] = [table.columns.get('statecode'), table.columns.get('statuscode')]
  if (use === 'create' || !state || !status || body.statuscode == null || body.statecode !== undefined) return body
  const choice = (await client.choices.get(table, status)).find(({ value }) => value === body.statuscode)
  if (choice?.state !== undefined) body.statecode = choice.state
  return body
}
