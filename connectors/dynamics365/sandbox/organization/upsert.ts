import { noSuchRow } from '../error.ts'
import type { RowKey } from '../odata/key.ts'
import { fromBody, type JsonObject, readBody, type Values } from './body.ts'
import { createRow } from './create.ts'
import { quoted } from './database.ts'
import { type InsertOptions, insertBody } from './deep-insert.ts'
import { findRow } from './find.ts'
import { idOf } from './identity.ts'
import type { Caller, Organization } from './open.ts'
import { type Column, ownerTables, type Table } from './schema.ts'
import { typeColumn } from './tables.ts'
import { updateRow } from './update.ts'
import { write } from './write.ts'

export interface UpsertOptions extends InsertOptions {
  /** Version that an existing row must still have. */
  etag?: string
  /** The row is changed and never created or replaced. */
  mustExist?: boolean
}

/**
 * Changes the row with this key, or creates it with the values of the key (facts sheet "Upsert"). An elastic row is replaced as a whole.
 * @param target the key, and the identity of the row where there is one
 * @returns the identity of the row
 * @throws WebApiError
 */
export function upsertBody(
  organization: Organization,
  table: Table,
  { key, existing }: { key: RowKey; existing: string | undefined },
  body: JsonObject,
  caller: Caller,
  { etag, mustExist, complete, ...options }: UpsertOptions = {},
): string {
  if (table.elastic && !mustExist)
    return replaceElastic(organization, table, key, body, caller, { ...options, ...(complete && { complete }) })
  if (existing === undefined)
    return insertBody(organization, table, body, caller, {
      ...options,
      complete(values) {
        addKey(organization, table, values, key)
        complete?.(values)
      },
    })
  const values = fromBody(organization, table, body, options)
  dropKey(values, key)
  complete?.(values)
  updateRow(organization, table, existing, values, caller, etag)
  return existing
}

/** What the body does not give is gone; the body may name the partition where the key does not. */
function replaceElastic(
  organization: Organization,
  table: Table,
  key: RowKey,
  body: JsonObject,
  caller: Caller,
  { complete, ...options }: InsertOptions,
): string {
  const { values } = readBody(organization, table, body, options)
  addKey(organization, table, values, key)
  complete?.(values)
  const partition = values.get('partitionid')
  const id = String(values.get(table.primaryId))
  return write(organization, () => {
    const existing = findRow(organization, table, { id, ...(partition != null && { partition: String(partition) }) })
    if (existing !== undefined)
      organization.database.run(`delete from ${quoted(table.logicalName)} where ${quoted(table.identity)} = ?`, existing)
    return createRow(organization, table, values, caller, 'Upsert')
  })
}

/** A new row takes the values of the key where the body does not give them. */
function addKey(organization: Organization, table: Table, values: Values, key: RowKey): void {
  if ('id' in key) {
    if (!values.has(table.primaryId)) values.set(table.primaryId, idOf(key.id))
    if (key.partition !== undefined && !values.has('partitionid')) values.set('partitionid', key.partition)
    return
  }
  for (const [column, value] of key.columns) {
    if (values.has(column.name)) continue
    values.set(column.name, value)
    if (column.isLookup && value !== null) checkLookup(organization, table, values, column, String(value))
  }
}

/** A lookup in a key must lead to a row like any other. */
function checkLookup({ schema, database }: Organization, table: Table, values: Values, column: Column, id: string): void {
  const targets = column.lookups
    .flatMap(({ target }) => (target === 'owner' ? ownerTables : [target]))
    .map((name) => schema.tables.get(name)!)
  const found = targets.find((one) => database.get(`select 1 from ${quoted(one.logicalName)} where ${quoted(one.primaryId)} = ?`, id))
  if (!found) throw noSuchRow(targets[0] ?? table, id)
  if (column.polymorphic) values.set(typeColumn(column), found.logicalName)
}

/** An existing row keeps the values of the key that named it. */
function dropKey(values: Values, key: RowKey): void {
  if (!('id' in key)) for (const [column] of key.columns) values.delete(column.name)
}
