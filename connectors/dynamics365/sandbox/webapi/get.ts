import { noSuchRow, notSupported } from '../error.ts'
import { parseOptions } from '../odata/options.ts'
import type { Table } from '../organization/schema.ts'
import { etagOf, refuseVersions } from '../organization/update.ts'
import { requireRight } from '../privileges/check.ts'
import type { Call, WebApiResponse } from './call.ts'
import { contextOf } from './context.ts'
import { condition } from './key.ts'
import { applied } from './prefer.ts'
import { json, noContent } from './response.ts'
import { findPath } from './row-id.ts'
import { projectionFor, readRow, rowsToWire } from './rows.ts'
import type { RowPath } from './target.ts'

/** A row; 204 where a lookup on the way to it is empty. */
export function getOne(call: Call, row: RowPath): WebApiResponse {
  const id = findPath(call.organization, row, call.query.get('partitionId'))
  if (id !== undefined) requireRight(call.organization, call.caller, row.table, 'Read', id)
  return id === undefined ? noContent() : rowAnswer(call, row.table, id, 200)
}

/** One row as a body; also the representation that a write was asked to return. */
export function rowAnswer(call: Call, table: Table, id: string, status: number): WebApiResponse {
  const options = parseOptions(call.organization.schema, table, call.query)
  const projection = projectionFor(table, options)
  const stored = readRow(call, projection, id)
  if (!stored) throw noSuchRow(table, id)
  const etag = etagOf(table, stored.versionnumber)
  // Never 304 with an expansion or with annotations.
  const plain = call.method === 'GET' && options.expand.length === 0 && !call.prefer.sent.has('odata.include-annotations')
  const known = call.method === 'GET' ? condition(call.header('if-none-match')) : undefined
  if (known !== undefined) refuseVersions(table)
  if (plain && known === etag) return { status: 304, headers: { ETag: etag, 'OData-Version': '4.0' }, body: '' }
  const [wire] = rowsToWire(call, projection, options, [stored])
  const names = call.method === 'GET' ? ['odata.include-annotations'] : ['return', 'odata.include-annotations']
  return json(
    status,
    { '@odata.context': contextOf(call, table, options, '/$entity'), ...wire },
    { ETag: etag, ...applied(call.prefer, names) },
  )
}

/** Some rows of a table, in the order of their ids: what a function gives back. */
export function rowsAnswer(call: Call, table: Table, ids: readonly string[]): WebApiResponse {
  const options = parseOptions(call.organization.schema, table, call.query)
  const unread = [...options.raw.keys()].find((name) => name.startsWith('$') && name !== '$select' && name !== '$expand')
  if (unread !== undefined) throw notSupported(`${unread} behind a function`)
  const projection = projectionFor(table, options)
  const stored = ids.map((id) => readRow(call, projection, id)).filter((row) => row !== undefined)
  return json(
    200,
    { '@odata.context': contextOf(call, table, options), value: rowsToWire(call, projection, options, stored) },
    applied(call.prefer, ['odata.include-annotations']),
  )
}
