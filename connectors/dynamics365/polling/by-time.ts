import type { Client } from '../client.ts'
import type { Table } from '../metadata/table.ts'
import { withLabels } from '../values/read.ts'
import type { Page } from '../webapi/client.ts'
import { withQuery } from '../webapi/odata.ts'

export const pageSize = 1_000

/** A transaction that commits late shows rows whose time lies before rows already read; so each poll begins this much earlier. */
const overlapMs = 120_000

/** Start of the window that is read again, ISO 8601. */
export function overlapStart(from: string): string {
  return new Date(Date.parse(from) - overlapMs).toISOString().replace(/\.\d+Z$/, 'Z')
}

export interface TimeQuery {
  /** `createdon` or `modifiedon`. */
  column: string
  /** Time of the newest row read so far; null reads from the oldest. */
  from: string | null
  /** Nothing later than this. */
  to?: string
  select: string | undefined
  filter?: string | undefined
}

/** Pages of rows in order of time, each row read at least once; those of the overlap are read again. */
export function pagesByTime(client: Client, table: Table, query: TimeQuery, signal: AbortSignal): AsyncIterable<Page> {
  const { column, from, to, select, filter } = query
  const conditions = [from && `${column} ge ${overlapStart(from)}`, to && `${column} le ${to}`, filter && `(${filter})`].filter(Boolean)
  const url = withQuery(table.entitySetName, {
    $select: select,
    $filter: conditions.length === 0 ? undefined : conditions.join(' and '),
    $orderby: `${column},${table.primaryId}`,
  })
  return client.api.pages(url, { prefer: [withLabels, `odata.maxpagesize=${pageSize}`], signal })
}
