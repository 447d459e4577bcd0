import { createHash } from 'node:crypto'
import { badQuery, expiredStamp, notSupported } from '../error.ts'
import { type Options, parseOptions } from '../odata/options.ts'
import { quoted, type StoredRow } from '../organization/database.ts'
import { isExpired } from '../organization/delta-tokens.ts'
import { lowestPending } from '../organization/pending.ts'
import type { Table } from '../organization/schema.ts'
import { readStamp, type VersionStamp, writeStamp } from '../organization/version-stamp.ts'
import { requireAllRows } from '../privileges/check.ts'
import type { Call, WebApiResponse } from './call.ts'
import { contextOf } from './context.ts'
import { type Cursor, readPage } from './page.ts'
import { largestPage, pageSize } from './page-size.ts'
import { applied } from './prefer.ts'
import { count, json } from './response.ts'
import { projectionFor, rowsToWire } from './rows.ts'
import { type CookieColumn, nextLink, readSkipToken } from './skip-token.ts'

/** Where a reading goes on; `upTo` is fixed when it begins: what changes while its pages are read belongs to the next round. */
type Position = { upTo: VersionStamp } & ({ baselineAfter: Cursor } | { rowsAfter: number } | { deletedAfter: number })

/** Change tracking (facts sheet "Change tracking"): a baseline of all rows, or what changed since a delta token. */
export function answerChanges(call: Call, table: Table): WebApiResponse {
  const options = trackedOptions(call, table)
  const position = readSkipToken<Position>(call)
  const upTo = position?.upTo ?? currentState(call)
  if (options.deltaToken === undefined) return baseline(call, table, options, upTo, position)
  return delta(call, table, options, { since: readToken(call, options.deltaToken), upTo }, position)
}

export function countChanges(call: Call, table: Table): WebApiResponse {
  const { deltaToken = '' } = trackedOptions(call, table)
  const window = { since: readToken(call, deltaToken), upTo: currentState(call) }
  const most = largestPage(table)
  const found = [changedRows(call, table, '1 as one', window, window.since, most), deletedRows(call, table, window, window.since, most)]
  return count(Math.min(most, found.flat().length))
}

/** What is under way does not belong to it: it will take effect later, under a version that it has already. */
function currentState({ organization }: Call): VersionStamp {
  const version = Math.min(organization.version, (lowestPending(organization) ?? Number.POSITIVE_INFINITY) - 1)
  return { version, time: organization.clock().getTime() }
}

function trackedOptions(call: Call, table: Table): Options {
  requireAllRows(call.organization, call.caller, table)
  if (!table.changeTracking) throw badQuery(`Change tracking is not enabled for the entity ${table.logicalName}.`)
  for (const name of ['filter', 'orderby', 'expand', 'top']) {
    if (call.query.has(`$${name}`)) throw badQuery(`The "$${name}" query parameter isn't supported when Change Tracking is enabled.`)
  }
  if (call.query.has('$count')) throw notSupported('$count together with change tracking; ask for /$count with the delta token')
  return parseOptions(call.organization.schema, table, call.query)
}

function baseline(call: Call, table: Table, options: Options, upTo: VersionStamp, position: Position | undefined): WebApiResponse {
  const projection = projectionFor(table, options)
  const after = position && 'baselineAfter' in position ? position.baselineAfter : undefined
  const page = readPage(call.organization, {
    projection,
    orderBy: [],
    limit: pageSize(call.prefer, table),
    caller: call.caller,
    ...(after && { after }),
  })
  const value = rowsToWire(call, projection, options, page.rows)
  return answer(call, contextOf(call, table, options), value, upTo, page.next && { upTo, baselineAfter: page.next })
}

interface Window {
  since: number
  upTo: VersionStamp
}

function delta(call: Call, table: Table, options: Options, window: Window, position: Position | undefined): WebApiResponse {
  const projection = projectionFor(table, options)
  const limit = pageSize(call.prefer, table)
  const { upTo } = window
  const rowsAfter = position && 'rowsAfter' in position ? position.rowsAfter : window.since
  const deletedAfter = position && 'deletedAfter' in position ? position.deletedAfter : undefined
  const rows = deletedAfter === undefined ? changedRows(call, table, projection.sql('t0'), window, rowsAfter, limit + 1) : []
  const full = rows.length > limit
  if (full) rows.pop()
  // New and changed rows come first; what is left of the page is for deletions.
  const room = full ? 0 : limit - rows.length
  const deleted = full ? [] : deletedRows(call, table, window, deletedAfter ?? window.since, room + 1)
  const more = deleted.length > room
  if (more) deleted.pop()
  const next: Position | undefined = full
    ? { upTo, rowsAfter: Number(rows.at(-1)?.versionnumber) }
    : more
      ? { upTo, deletedAfter: Number(deleted.at(-1)?.version ?? deletedAfter ?? window.since) }
      : undefined
  const gone = deleted.map(({ id }) => ({
    '@odata.context': `${call.base}/$metadata#${table.entitySetName}/$deletedEntity`,
    id,
    reason: 'deleted',
  }))
  return answer(call, contextOf(call, table, options, '/$delta'), [...rowsToWire(call, projection, options, rows), ...gone], upTo, next)
}

function changedRows({ organization }: Call, table: Table, columns: string, { upTo }: Window, after: number, limit: number): StoredRow[] {
  const sql = `select ${columns} from ${quoted(table.logicalName)} t0 where t0.versionnumber > ? and t0.versionnumber <= ? order by t0.versionnumber limit ?`
  return organization.database.all(sql, after, upTo.version, limit)
}

/** A row that was deleted and made again is no deletion. */
function deletedRows({ organization }: Call, table: Table, { upTo }: Window, after: number, limit: number): StoredRow[] {
  const again = `select 1 from ${quoted(table.logicalName)} t0 where t0.${quoted(table.primaryId)} = d.id`
  const sql = `select d.version, d.id from deleted d where d."table" = ? and d.version > ? and d.version <= ? and not exists (${again}) order by d.version limit ?`
  return organization.database.all(sql, table.logicalName, after, upTo.version, limit)
}

function answer(call: Call, context: string, value: unknown[], upTo: VersionStamp, next: Position | undefined): WebApiResponse {
  const cookie = next ? cookieOf(next) : []
  const link = next ? { '@odata.nextLink': nextLink(call, next, cookie, true) } : { '@odata.deltaLink': deltaLink(call, upTo) }
  return json(
    200,
    { '@odata.context': context, ...link, value },
    applied(call.prefer, ['odata.track-changes', 'odata.maxpagesize', 'odata.include-annotations']),
  )
}

function cookieOf(position: Position): CookieColumn[] {
  if ('baselineAfter' in position) return [{ name: 'pkcolumn', last: position.baselineAfter.at(-1) ?? null }]
  return [{ name: 'versionnumber', last: 'rowsAfter' in position ? position.rowsAfter : position.deletedAfter }]
}

/** The token holds the version and the moment, as the real one seems to. */
function deltaLink(call: Call, upTo: VersionStamp): string {
  const kept = call.rawQuery.split('&').filter((pair) => pair !== '' && !/^(?:\$|%24)(?:skip|delta)token=/i.test(pair))
  const token = `$deltatoken=${percentEncoded(writeStamp(upTo) + selection(call))}`
  return `${call.base}/${call.path}?${[...kept, token].join('&')}`
}

/** Where a changed `$select` is to be noticed, the token has a third part. */
function selection({ organization, query }: Call): string {
  if (organization.switches.delta_select_changed === 'apply') return ''
  return `!${createHash('sha256')
    .update(query.get('$select') ?? '')
    .digest('hex')
    .slice(0, 16)}`
}

/** As the documentation shows it: the exclamation mark is encoded, too. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll('!', '%21')
}

function readToken(call: Call, token: string): number {
  const [, text = '', selected = ''] = /^([^!]*![^!]*)(!\w+)?$/.exec(token) ?? []
  const stamp = readStamp(text)
  if (!stamp) throw badQuery('The delta token is not valid.')
  const age = call.organization.clock().getTime() - stamp.time
  // A version from the future belongs to an organization that is gone: the sandbox in memory begins anew.
  const wanted = selection(call)
  const outOfTime = age > call.organization.changeTrackingDays * 86_400_000 || isExpired(call.organization, stamp.version)
  if (outOfTime || stamp.version > call.organization.version || (wanted !== '' && selected !== wanted))
    throw expiredStamp(call.organization)
  return stamp.version
}
