import { badPayload, notSupported } from '../error.ts'
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
  const { id, value } = read(call, row, column)
  if (value === null && call.organization.switches.null_property_status === 204) return noContent()
  return json(200, {
    '@odata.context': `${call.base}/$metadata#${row.table.entitySetName}(${id})/${column.property}`,
    value: numbersFor(call, value),
  })
}

export function readPropertyValue(call: Call, row: RowPath, column: Column): WebApiResponse {
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

export function clearProperty(call: Call, row: RowPath, column: Column): WebApiResponse {
  return assign(call, row, column, null)
}

function assign(call: Call, row: RowPath, column: Column, value: unknown): WebApiResponse {
  refuseBinary(column)
  const { organization, caller } = call
  const id = requirePath(organization, row)
  updateRow(organization, row.table, id, fromBody(organization, row.table, { [column.property]: value }, bodyOptions(call)), caller)
  return noContent()
}

function read({ organization, caller }: Call, row: RowPath, column: Column): { id: string; value: unknown } {
  refuseBinary(column)
  const id = requirePath(organization, row)
  requireRight(organization, caller, row.table, 'Read', id)
  const { logicalName, identity } = row.table
  const sql = `select ${readExpression(column, 't0')} as value from ${quoted(logicalName)} t0 where t0.${quoted(identity)} = ?`
  return { id, value: toJson(column, organization.database.get(sql, id)?.value ?? null) }
}

function refuseBinary({ type }: Column): void {
  if (type === 'Image' || type === 'File') throw notSupported('file and image columns')
}
