import { badPayload, noSuchSegment, notSupported, wrongMethod } from '../error.ts'
import { fromBody } from '../organization/body.ts'
import { quoted } from '../organization/database.ts'
import { requireRow } from '../organization/find.ts'
import type { Column, Table } from '../organization/schema.ts'
import { updateRow } from '../organization/update.ts'
import { readExpression, toJson } from '../organization/values.ts'
import { bodyOf } from './body.ts'
import type { Call, WebApiResponse } from './call.ts'
import { keyFromUrl } from './key.ts'
import { json, noContent } from './response.ts'

/** One property of a row: read, set or cleared (facts sheet "Single property"). */
export function property(call: Call, table: Table, keyText: string, column: Column, more: readonly string[]): WebApiResponse {
  if (column.type === 'Image') throw notSupported('image columns')
  const [raw] = more
  if (more.length > 1 || (raw !== undefined && raw !== '$value')) throw noSuchSegment(more.at(-1)!)
  const id = requireRow(call.organization, table, keyFromUrl(table, keyText))
  if (call.method === 'GET') return readProperty(call, table, id, column, raw !== undefined)
  if (raw !== undefined) throw wrongMethod(call.method)
  if (call.method === 'DELETE') return assign(call, table, id, column, null)
  if (call.method !== 'PUT') throw wrongMethod(call.method)
  const body = bodyOf(call, table)
  if (!('value' in body)) throw badPayload(table.entitySetName, "The body must have a member 'value'.")
  return assign(call, table, id, column, body.value)
}

function assign(call: Call, table: Table, id: string, column: Column, value: unknown): WebApiResponse {
  updateRow(call.organization, table, id, fromBody(call.organization, table, { [column.property]: value }), call.caller)
  return noContent()
}

/** OData says 204 for null; the sheet leaves it open. */
function readProperty(call: Call, table: Table, id: string, column: Column, raw: boolean): WebApiResponse {
  const sql = `select ${readExpression(column, 't0')} as value from ${quoted(table.logicalName)} t0 where t0.${quoted(table.primaryId)} = ?`
  const stored = call.organization.database.get(sql, id)?.value ?? null
  if (stored === null) return noContent()
  const value = toJson(column, stored)
  if (!raw) return json(200, { '@odata.context': `${call.base}/$metadata#${table.entitySetName}(${id})/${column.property}`, value })
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return { status: 200, headers: { 'Content-Type': 'text/plain', 'OData-Version': '4.0' }, body: text }
}
