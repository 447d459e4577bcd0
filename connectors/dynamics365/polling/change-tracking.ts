import { ConnectorError, type PollPage, type Snapshot } from '../../../runner/connector/index.ts'
import type { Client } from '../client.ts'
import { selectOf } from '../metadata/column.ts'
import { withLabels } from '../values/read.ts'
import type { Page } from '../webapi/client.ts'
import { withQuery } from '../webapi/odata.ts'
import { pageSize } from './by-time.ts'
import { afterBaseline, type ChangedCursor, newReading } from './changed-cursor.ts'
import { asCursor, type Compared, compareDeleted, compareRows, compareUnmet, type Watch } from './compare.ts'

export interface TrackContext {
  client: Client
  watch: Watch
  snapshot: Snapshot
  signal: AbortSignal
}

const paging = [withLabels, `odata.maxpagesize=${pageSize}`]

/**
 * Changes by the delta links of the server (facts sheet "Change tracking"): a baseline first, then one round of changes per poll.
 *
 * A link that the server no longer knows leads to a full reading that is compared with the snapshot, so nothing is lost.
 */
export async function* trackedChanges(context: TrackContext, start: ChangedCursor): AsyncIterable<PollPage> {
  let cursor = start
  const read = cursor.phase === 'changes' ? changesPages : baselinePages
  try {
    for await (const page of read(context, cursor)) {
      cursor = page.cursor
      yield toPage(page)
    }
  } catch (thrown) {
    if (cursor.link === null || !isExpired(thrown)) throw thrown
    cursor = newReading(cursor, cursor.phase === 'baseline' && cursor.silent)
    for await (const page of baselinePages(context, cursor)) {
      cursor = page.cursor
      yield toPage(page)
    }
  }
  if (cursor.phase === 'sweep') yield* sweep(context, cursor)
}

/** Also of `modified_on`: what a full reading did not meet is gone. */
export async function* sweep(
  { watch, snapshot }: Pick<TrackContext, 'watch' | 'snapshot'>,
  cursor: ChangedCursor,
): AsyncIterable<PollPage> {
  for await (const compared of compareUnmet(watch, { snapshot, generation: cursor.generation, silent: cursor.silent })) {
    yield { ...compared, cursor: asCursor(cursor) }
  }
  yield { events: [], cursor: asCursor({ ...cursor, phase: 'changes' }) }
}

interface TrackedPage {
  compared: Compared
  cursor: ChangedCursor
}

function toPage({ compared, cursor }: TrackedPage): PollPage {
  return { ...compared, cursor: asCursor(cursor) }
}

async function* baselinePages(context: TrackContext, start: ChangedCursor): AsyncIterable<TrackedPage> {
  if (start.phase !== 'baseline') return
  const { client, watch, snapshot, signal } = context
  const url = start.link ?? withQuery(watch.table.entitySetName, { $select: tracked(watch) })
  for await (const page of client.api.pages(url, { prefer: ['odata.track-changes', ...paging], signal })) {
    const compared = await compareRows(watch, page.rows, { snapshot, generation: start.generation, silent: start.silent })
    const cursor = { ...start, link: nextOf(page, watch) }
    yield { compared, cursor: page.nextLink === undefined ? afterBaseline(cursor) : cursor }
  }
}

async function* changesPages(context: TrackContext, start: ChangedCursor): AsyncIterable<TrackedPage> {
  const { client, watch, snapshot, signal } = context
  const options = { snapshot, generation: start.generation, silent: false }
  for await (const page of client.api.pages(start.link ?? '', { prefer: paging, signal })) {
    const deleted = page.rows.filter((row) => row.reason === 'deleted')
    const gone = await compareDeleted(
      watch,
      deleted.map((row) => String(row.id)),
      options,
    )
    const changed = await compareRows(
      watch,
      page.rows.filter((row) => row.reason !== 'deleted'),
      options,
    )
    const compared = { events: [...changed.events, ...gone.events], snapshotChanges: [...changed.snapshotChanges, ...gone.snapshotChanges] }
    yield { compared, cursor: { ...start, link: nextOf(page, watch) } }
  }
}

/** `modifiedon` comes along to time the events. */
function tracked({ table, columns }: Watch): string | undefined {
  return selectOf(table, columns && (table.columns.has('modifiedon') ? [...columns, 'modifiedon'] : columns))
}

function nextOf(page: Page, { table }: Watch): string {
  const link = page.nextLink ?? page.deltaLink
  if (link !== undefined) return link
  throw new ConnectorError(
    'rejected',
    'change_tracking_off',
    `The server gave no delta link for \`${table.logicalName}\`, so its changes are not tracked. Enable change tracking for the table, or use \`method: modified_on\`.`,
  )
}

function isExpired(thrown: unknown): boolean {
  return thrown instanceof ConnectorError && (thrown.code === 'delta_token_expired' || thrown.code === 'page_link_expired')
}
