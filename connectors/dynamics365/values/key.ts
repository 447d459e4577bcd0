import { ConnectorError, type JsonObject } from '../../../runner/connector/index.ts'
import type { Client } from '../client.ts'
import { columnOf, isLookup, propertyOf } from '../metadata/column.ts'
import type { Column, Table } from '../metadata/table.ts'
import { isGuid, isUnsafeInKey, type KeyPart, keyCondition, keyPredicate, withQuery } from '../webapi/odata.ts'
import { scalarToWire } from './scalar.ts'

/** `accounts(5c1e0d4a-…)`. */
export function addressById(table: Table, id: string): string {
  if (!isGuid(id))
    throw new ConnectorError('rejected', 'invalid_id', `\`${id}\` is no id of a row. Give the GUID of the row, or name it by \`key\`.`)
  return `${table.entitySetName}(${id.toLowerCase()})`
}

/** A key of the table with its values, ready for URLs. */
export interface Key {
  parts: KeyPart[]
  /** `accounts(accountnumber='A-17')`; undefined where a value would fail in a URL, so that the row is found by {@link findByKey}. */
  address: string | undefined
}

/**
 * Checks that the columns are an alternate key of the table (or its primary key) and that each has a value.
 * @throws ConnectorError `unknown_key`, `key_incomplete`, `unknown_column`, `invalid_value`
 */
export async function readKey(client: Client, table: Table, key: JsonObject): Promise<Key> {
  const names = Object.keys(key)
  checkKeyColumns(table, names)
  const parts = await Promise.all(Object.entries(key).map(([name, value]) => keyPart(client, table, columnOf(table, name), value)))
  // Not by name: users and teams cannot be addressed so (facts sheet "Row addressing and alternate keys").
  if (names[0] === table.primaryId) return { parts, address: addressById(table, String(parts[0]?.value)) }
  const safe = !parts.some((part) => isUnsafeInKey(part.value))
  return { parts, address: safe ? `${table.entitySetName}(${keyPredicate(parts)})` : undefined }
}

/** @throws ConnectorError `unknown_key`, `unknown_column` */
export function checkKeyColumns(table: Table, names: readonly string[]): void {
  for (const name of names) columnOf(table, name)
  const keys = [...table.keys, [table.primaryId]]
  if (keys.some((key) => key.length === names.length && key.every((name) => names.includes(name)))) return
  const list = keys.map((key) => `[${key.join(', ')}]`).join(', ')
  throw new ConnectorError(
    'rejected',
    'unknown_key',
    `[${names.join(', ')}] is no key of the table \`${table.logicalName}\`. Its keys are ${list}; use one of them, or define an alternate key.`,
  )
}

async function keyPart(client: Client, table: Table, column: Column, value: unknown): Promise<KeyPart> {
  const id = isLookup(column) && typeof value === 'object' && value !== null ? (value as { id?: unknown }).id : value
  if (id === null || id === undefined || id === '')
    throw new ConnectorError(
      'rejected',
      'key_incomplete',
      `The key column \`${table.logicalName}.${column.name}\` has no value, so it names no row. Guard the step with \`if\`.`,
    )
  const wire = isLookup(column) ? id : await scalarToWire(client, table, column, id)
  return { property: propertyOf(column), value: wire, type: column.type === 'String' || column.type === 'Memo' ? 'text' : 'bare' }
}

/**
 * Values without those of the key columns, which are named in the URL: in a body they would win over it when a row is created (facts sheet "Upsert").
 */
export function withoutKey(values: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)))
}

/** Path that finds the id of the row with this key. */
export function keyQuery(table: Table, key: Key): string {
  return withQuery(table.entitySetName, { $select: table.primaryId, $filter: keyCondition(key.parts), $top: '2' })
}

/** The id of the row with this key, read by `$filter`; undefined when there is none. */
export async function findByKey(client: Client, table: Table, key: Key, signal?: AbortSignal): Promise<string | undefined> {
  const { rows } = await client.api.page(keyQuery(table, key), signal ? { signal } : {})
  return rows[0] && String(rows[0][table.primaryId])
}

/** Which row an operation is about: `id`, or `key` with the columns of a key. */
export interface RowName {
  id?: string
  key?: JsonObject
}

/**
 * The address of an existing row; a key that would fail in a URL is looked up. Undefined when no row has that key.
 * @throws ConnectorError as {@link readKey}; `row_not_named`
 */
export async function rowAddress(client: Client, table: Table, name: RowName, signal?: AbortSignal): Promise<string | undefined> {
  if (name.id !== undefined) return addressById(table, name.id)
  if (name.key === undefined) throw rowNotNamed()
  const key = await readKey(client, table, name.key)
  if (key.address !== undefined) return key.address
  const id = await findByKey(client, table, key, signal)
  return id === undefined ? undefined : addressById(table, id)
}

export function rowNotNamed(): ConnectorError {
  return new ConnectorError('rejected', 'row_not_named', 'No row is named. Give `id`, or `key` with the columns of a key.')
}

export function noSuchRow(table: Table): ConnectorError {
  return new ConnectorError(
    'rejected',
    'record_not_found',
    `No row of \`${table.logicalName}\` has this key. Check the key's values; the row may have been deleted.`,
    { status: 404 },
  )
}
