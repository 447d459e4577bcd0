import type { Options } from '../odata/options.ts'
import { quoted, type StoredRow } from '../organization/database.ts'
import type { Table } from '../organization/schema.ts'
import { annotator } from './annotate.ts'
import type { Call } from './call.ts'
import { expander, hiddenFor } from './expand.ts'
import { numbersFor } from './ieee754.ts'
import { type Projection, project, toWire } from './projection.ts'

/** What is read of a table for a request: its own columns, and the lookups that an expansion follows; one by `$ref` is sent, too. */
export function projectionFor(table: Table, options: Pick<Options, 'select' | 'expand'>): Projection {
  const references = options.expand.flatMap(({ reference, lookup }) => (reference ? [table.columns.get(lookup!.column)!] : []))
  return project(table, options.select && [...options.select, ...references], hiddenFor(options.expand))
}

/** Stored rows as they are sent, with annotations and expanded rows. */
export function rowsToWire(
  call: Call,
  projection: Projection,
  options: Pick<Options, 'expand'>,
  rows: readonly StoredRow[],
): Record<string, unknown>[] {
  const annotate = annotator(call)
  const expand = expander(call, options.expand, rows)
  const wire = rows.map((row) => expand(toWire(projection, row, annotate), row, projection.table))
  return numbersFor(call, wire)
}

export function readRow(call: Call, projection: Projection, id: string): StoredRow | undefined {
  const { logicalName, identity } = projection.table
  return call.organization.database.get(
    `select ${projection.sql('t0')} from ${quoted(logicalName)} t0 where t0.${quoted(identity)} = ?`,
    id,
  )
}
