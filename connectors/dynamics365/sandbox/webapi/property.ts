import { badPayload, wrongMethod } from '../error.ts'
import { downloadBytes, downloadJson } from '../files/download.ts'
import { clearFile, type FilePlace } from '../files/file-column.ts'
import { uploadFile } from '../files/upload.ts'
import { fromBody } from '../organization/body.ts'
import { quoted } from '../organization/database.ts'
import type { Column } from '../organization/schema.ts'
import { updateRow } from '../organization/update.ts'
import { readExpression, toJson } from '../organization/values.ts'
import { requireRight } from '../privileges/check.ts'
import { bodyOf } from './body.ts'
import type { Call, WebApiResponse } from './call.ts'
import { numbersFor } from './ieee754.ts'
import { json, noContent } from './response.ts'
import { requirePath } from './row-id.ts'
import type { RowPath } from './target.ts'
import { bodyOptions } from './write-options.ts'

/** One value of a row (facts sheet "Single property"). OData says 204 for null; the sheet leaves it open. */
export function readProperty(call: Call, row: RowPath, column: Column): WebApiResponse {
  if (isBinary(column)) return downloadJson(call, placeOf(call, row, column, 'Read'))
  const { id, value } = read(call, row, column)
  if (value === null && call.organization.switches.null_property_status === 204) return noContent()
  return json(200, {
    '@odata.context': `${call.base}/$metadata#${row.table.entitySetName}(${id})/${column.property}`,
    value: numbersFor(call, value),
  })
}

export function readPropertyValue(call: Call, row: RowPath, column: Column): WebApiResponse {
  if (isBinary(column)) return downloadBytes(call, placeOf(call, row, column, 'Read'))
  const { value } = read(call, row, column)
  if (value === null) return noContent()
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return { status: 200, headers: { 'Content-Type': 'text/plain', 'OData-Version': '4.0' }, body: text }
}

export function setProperty(call: Call, row: RowPath, column: Column): WebApiResponse {
  const body = bodyOf(call, row.table)
  if (!('value' in body)) throw badPayload(row.table.entitySetName, "The body must have a member 'value'.")
  return assign(call, row, column, body.value)
}

/** Only files and pictures are uploaded; other values are set with `PUT`. */
export function uploadProperty(call: Call, row: RowPath, column: Column): WebApiResponse {
  if (!isBinary(column)) throw wrongMethod(call.method)
  return uploadFile(call, placeOf(call, row, column, 'Write'))
}

export function clearProperty(call: Call, row: RowPath, column: Column): WebApiResponse {
  if (column.type === 'File') {
    clearFile(call.organization, placeOf(call, row, column, 'Write'), call.caller)
    return noContent()
  }
  return assign(call, row, column, null)
}

function assign(call: Call, row: RowPath, column: Column, value: unknown): WebApiResponse {
  const { organization, caller } = call
  const id = requirePath(organization, row)
  updateRow(organization, row.table, id, fromBody(organization, row.table, { [column.property]: value }, bodyOptions(call)), caller)
  return noContent()
}

function read({ organization, caller }: Call, row: RowPath, column: Column): { id: string; value: unknown } {
  const id = requirePath(organization, row)
  requireRight(organization, caller, row.table, 'Read', id)
  const { logicalName, identity } = row.table
  const sql = `select ${readExpression(column, 't0')} as value from ${quoted(logicalName)} t0 where t0.${quoted(identity)} = ?`
  return { id, value: toJson(column, organization.database.get(sql, id)?.value ?? null) }
}

function isBinary({ type }: Column): boolean {
  return type === 'Image' || type === 'File'
}

function placeOf({ organization, caller }: Call, row: RowPath, column: Column, right: 'Read' | 'Write'): FilePlace {
  const id = requirePath(organization, row)
  requireRight(organization, caller, row.table, right, id)
  return { table: row.table, id, column }
}
