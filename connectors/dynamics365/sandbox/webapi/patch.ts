import { noSuchKey, noSuchRow, WebApiError } from '../error.ts'
import type { RowKey } from '../odata/key.ts'
import { fromBody, type Values } from '../organization/body.ts'
import { createRow } from '../organization/create.ts'
import { findRow } from '../organization/find.ts'
import type { Caller, Organization } from '../organization/open.ts'
import type { Table } from '../organization/schema.ts'
import { updateRow } from '../organization/update.ts'
import { bodyOf } from './body.ts'
import type { Call, WebApiResponse } from './call.ts'
import { refuseDuplicateDetection } from './create.ts'
import { rowAnswer } from './get.ts'
import { condition, keyFromUrl } from './key.ts'
import { written } from './response.ts'
import { requirePath } from './row-id.ts'
import type { RowPath } from './target.ts'

/** Updates a row, or creates it where the conditions allow that (facts sheet "Conditional headers" and "Upsert"). */
export function patchOne(call: Call, row: RowPath): WebApiResponse {
  const { organization, caller } = call
  const { table } = row
  const keyText = row.lookup ? requirePath(organization, row) : row.key
  refuseDuplicateDetection(call)
  const key = keyFromUrl(table, keyText)
  const [ifMatch, ifNoneMatch] = [condition(call.header('if-match')), condition(call.header('if-none-match'))]
  const existing = findRow(organization, table, key)
  if (existing !== undefined && ifNoneMatch === '*')
    throw new WebApiError(412, '0x80060882', 'A record with matching key values already exists.')
  if (existing === undefined && ifMatch !== undefined) throw 'id' in key ? noSuchRow(table, key.id) : noSuchKey(table)

  const values = fromBody(organization, table, bodyOf(call, table))
  const id = upsertRow(organization, table, { key, existing }, values, caller, ifMatch === '*' ? undefined : ifMatch)
  if (call.prefer.representation) return rowAnswer(call, table, id, existing === undefined ? 201 : 200)
  // The answer repeats the key as the request gave it.
  return written(`${call.base}/${table.entitySetName}(${keyText})`)
}

/**
 * Changes the existing row, or creates one with the values of the key.
 * @param etag version that an existing row must still have
 * @returns the id
 */
export function upsertRow(
  organization: Organization,
  table: Table,
  { key, existing }: { key: RowKey; existing: string | undefined },
  values: Values,
  caller: Caller,
  etag?: string,
): string {
  if (existing === undefined) {
    addKey(table, values, key)
    return createRow(organization, table, values, caller)
  }
  dropKey(values, key)
  updateRow(organization, table, existing, values, caller, etag)
  return existing
}

/** A new row takes the values of the key where the body does not give them. */
function addKey(table: Table, values: Values, key: RowKey): void {
  if ('id' in key) values.set(table.primaryId, key.id)
  else for (const [column, value] of key.columns) if (!values.has(column.name)) values.set(column.name, value)
}

/** An existing row keeps the values of the key that named it. */
function dropKey(values: Values, key: RowKey): void {
  if (!('id' in key)) for (const [column] of key.columns) values.delete(column.name)
}
