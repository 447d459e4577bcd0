import type { PollPage } from '../../../runner/connector/index.ts'
import { selectOf } from '../metadata/column.ts'
import type { WireRow } from '../webapi/client.ts'
import { overlapStart, pagesByTime } from './by-time.ts'
import { sweep, type TrackContext } from './change-tracking.ts'
import { afterBaseline, type ChangedCursor } from './changed-cursor.ts'
import { asCursor, compareRows } from './compare.ts'

export interface ModifiedContext extends TrackContext {
  filter: string | undefined
  until: Date
}

/** Changes by the time of the last change. Rows of the overlap come again; their version tells that they were seen. Deleted rows are not noticed. */
export async function* modifiedChanges(context: ModifiedContext, start: ChangedCursor): AsyncIterable<PollPage> {
  const { client, watch, snapshot, filter, until, signal } = context
  let cursor = start
  if (cursor.phase !== 'sweep') {
    const { phase, generation, from } = start
    const silent = phase === 'baseline' && start.silent
    const since = from === null ? null : overlapStart(from)
    // With a filter, an old row may be met for the first time when it begins to match.
    const isNew = (row: WireRow) => filter === undefined || since === null || String(row.createdon) >= since
    for await (const page of pagesByTime(client, watch.table, { column: 'modifiedon', from, select: selected(context), filter }, signal)) {
      const compared = await compareRows(watch, page.rows, { snapshot, generation, silent, isNew })
      const newest = page.rows.at(-1)?.modifiedon
      cursor = { ...cursor, from: typeof newest === 'string' ? newest : cursor.from }
      if (phase === 'baseline' && page.nextLink === undefined) cursor = afterBaseline(cursor)
      yield { ...compared, cursor: asCursor(cursor) }
      if (phase === 'changes' && cursor.from !== null && Date.parse(cursor.from) > until.getTime()) return
    }
  }
  if (cursor.phase === 'sweep') yield* sweep(context, cursor)
}

function selected({ watch: { table, columns } }: ModifiedContext): string | undefined {
  return selectOf(table, columns && [...columns, 'createdon', 'modifiedon'])
}
