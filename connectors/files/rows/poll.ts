import { type FileHandle, open, stat } from 'node:fs/promises'
import { ConnectorError, type PollContext, type PollPage, type Static, type TriggerEvent } from '../../../runner/connector/index.ts'
import type { FilesClient } from '../connection.ts'
import { fileError, hasCode, notAFile } from '../file-error.ts'
import { type Format, formatOf } from '../format.ts'
import type { rowsInput } from '../triggers/rows.ts'
import { asJson, contentHash, fingerprint, hash, isSameFile, type RowsCursor, stampOf, startCursor } from './cursor.ts'
import { readHeader } from './header.ts'
import { parseRows } from './parse.ts'
import { type Position, type RawRow, splitRows } from './split.ts'

type RowsContext = PollContext<FilesClient, Static<typeof rowsInput>>

const pageRows = 1_000
const pageBytes = 8 * 1024 * 1024
/** How long a half-written last row is waited for before it counts as broken. */
const patienceMs = 60_000

/** The rows that the cursor has not seen, page by page. */
export async function* pollRows(context: RowsContext): AsyncGenerator<PollPage> {
  const { client, input } = context
  const format = formatOf(input)
  const saved = context.cursor as RowsCursor | null
  const handle = await openFile(await client.locate(input.path), input.path)
  try {
    if (handle) yield* readFile(handle, format, saved, context)
    else if (input.if_missing !== 'wait') throw notFound(input.path)
    // Whatever a file holds that comes later is new, also under `since: now`.
    else if (saved?.before !== startCursor.before) yield { events: [], cursor: asJson(startCursor) }
  } catch (thrown) {
    throw fileError(thrown, input.path)
  } finally {
    await handle?.close()
  }
}

async function openFile(file: string, path: string): Promise<FileHandle | undefined> {
  try {
    // Opening a named pipe would wait for its writer.
    if (!(await stat(file)).isFile()) throw notAFile(path)
    return await open(file, 'r')
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return undefined
    throw fileError(thrown, path)
  }
}

function notFound(path: string): ConnectorError {
  return new ConnectorError(
    'rejected',
    'file_not_found',
    `There is no file "${path}". Check the path and the connection's \`folder\`, or set \`if_missing: wait\` where the file comes and goes.`,
    { details: { path } },
  )
}

async function* readFile(handle: FileHandle, format: Format, saved: RowsCursor | null, context: RowsContext): AsyncGenerator<PollPage> {
  const { input, since } = context
  const stats = await handle.stat({ bigint: true })
  const size = Number(stats.size)
  const readAs = stampOf(stats)
  if (saved?.readAs === readAs) return

  const cursor = await whereToBegin(handle, size, saved, context)
  if (!cursor) return yield { events: [], cursor: asJson({ ...(saved as RowsCursor), readAs }) }
  const header = format.kind === 'csv' && format.header ? await readHeader(handle, size, input.path, format) : undefined
  const columns = header?.columns ?? (format.kind === 'csv' ? format.columns : undefined) ?? []
  const from = header && header.next.offset > cursor.offset ? header.next : cursor

  const silent = saved === null && since === 'now'
  const reader: Reader = { handle, size, readAs, format, columns, cursor, mtimeMs: Number(stats.mtimeMs) }
  yield* silent ? passOver(reader, from) : emitRows(reader, from, context)
}

interface Reader {
  handle: FileHandle
  size: number
  readAs: string
  format: Format
  columns: string[]
  cursor: RowsCursor
  mtimeMs: number
}

/** The cursor to go on from: the saved one, or the start of a file that was replaced. Undefined when a whole file is the one that was read. */
async function whereToBegin(
  handle: FileHandle,
  size: number,
  saved: RowsCursor | null,
  { input, signal }: RowsContext,
): Promise<RowsCursor | undefined> {
  if (input.read === 'whole_file') {
    const version = await contentHash(handle, size, signal)
    if (saved?.version !== version) return { ...startCursor, version }
    return saved.readAs === undefined ? saved : undefined
  }
  if (!saved || !(await isSameFile(handle, size, saved))) return startCursor
  const { version: _, ...cursor } = saved
  return cursor
}

/** What was there before the recipe is no news: one page without events, with the cursor behind the last row. */
async function* passOver({ handle, size, readAs, format, cursor }: Reader, from: Position): AsyncGenerator<PollPage> {
  let end = from
  let skip: string | undefined
  for await (const rows of splitRows(handle, from, size, format.kind === 'csv')) {
    for (const row of rows) {
      if (row.ended) end = after(row)
      else skip = hash(row.bytes)
    }
  }
  const next = await cursorAt(handle, cursor, end)
  yield { events: [], cursor: asJson({ ...next, readAs, ...(skip !== undefined && { skip }) }) }
}

async function* emitRows(reader: Reader, from: Position, { input, until, signal }: RowsContext): AsyncGenerator<PollPage> {
  const { handle, size, format, cursor } = reader
  let position: Position = from
  let waiting = false
  let { skip } = cursor
  for await (const rows of pages(splitRows(handle, from, size, format.kind === 'csv'))) {
    signal.throwIfAborted()
    const { records, wrong } = parseRows(rows, format, reader.columns)
    const events: TriggerEvent[] = []
    for (const [index, record] of records.entries()) {
      const row = rows[index] as RawRow
      const content = hash(row.bytes)
      if (!row.ended && (await isBeingWritten(reader))) {
        waiting = true
        break
      }
      if (content !== skip) events.push({ id: eventId(input.path, row, content, cursor.version), record, change: 'created' })
      skip = undefined
      // A row without line ending may still grow: it is read again, and its id tells whether it is the same.
      if (row.ended) position = after(row)
    }
    yield { events, cursor: asJson(await cursorAt(handle, cursor, position)) }
    const bad = wrong === undefined ? undefined : rows[records.length]
    if (!bad) continue
    if (bad.ended || until.getTime() - reader.mtimeMs > patienceMs) throw unreadable(input.path, bad.line, wrong as string)
    waiting = true
  }
  // Without the stamp the next poll looks again, also at a file that has not changed.
  if (!waiting) yield { events: [], cursor: asJson({ ...(await cursorAt(handle, cursor, position)), readAs: reader.readAs }) }
}

/** Whether the file has changed since we opened it, so that its last row may be half of one. */
async function isBeingWritten({ handle, readAs }: Reader): Promise<boolean> {
  return stampOf(await handle.stat({ bigint: true })) !== readAs
}

async function* pages(chunks: AsyncIterable<RawRow[]>): AsyncGenerator<RawRow[]> {
  let page: RawRow[] = []
  let bytes = 0
  for await (const rows of chunks) {
    for (const row of rows) {
      page.push(row)
      bytes += row.bytes.length
      if (page.length < pageRows && bytes < pageBytes) continue
      yield page
      page = []
      bytes = 0
    }
  }
  if (page.length > 0) yield page
}

function after(row: RawRow): Position {
  return { offset: row.end, line: row.nextLine }
}

async function cursorAt(handle: FileHandle, { version, skip, ...last }: RowsCursor, { offset, line }: Position): Promise<RowsCursor> {
  return {
    offset,
    line,
    before: await fingerprint(handle, offset),
    ...(version !== undefined && { version }),
    ...(skip !== undefined && offset === last.offset && { skip }),
  }
}

/** Path, line and content; where whole files are read also which file, so that an unchanged row of a changed file is an event again. */
function eventId(path: string, { line }: RawRow, content: string, version: string | undefined): string {
  return version === undefined ? `${path}:${line}:${content}` : `${path}@${version}:${line}:${content}`
}

function unreadable(path: string, line: number, wrong: string): ConnectorError {
  return new ConnectorError(
    'rejected',
    'row_unreadable',
    `"${path}", line ${line}: the row ${wrong}. Mend it; the next poll goes on with this row.`,
    {
      details: { path, line },
    },
  )
}
