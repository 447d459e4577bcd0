import { type ConnectorError, type HttpResponse, parseJson } from '../../../runner/connector/index.ts'
import type { Client } from '../client.ts'
import type { Table } from '../metadata/table.ts'
import { chosenId } from '../values/chosen-id.ts'
import { addressById, keyQuery } from '../values/key.ts'
import type { PartRequest } from '../webapi/client.ts'
import { failure } from '../webapi/errors.ts'
import type { BulkRow } from './row.ts'

export interface ChunkContext {
  client: Client
  table: Table
  /** Idempotency key of the step and its job's creation time, for the ids of new rows. */
  key: string
  jobCreatedAt: Date
  signal: AbortSignal
}

const attempts = 5

/**
 * Writes the rows of a chunk in one `$batch`; each row is judged for itself. Rows that the server was too busy for are sent again, after the time it asked for.
 * @returns why rows were not written, by row
 */
export async function sendChunk(context: ChunkContext, rows: readonly BulkRow[]): Promise<Map<BulkRow, ConnectorError>> {
  const failed = new Map<BulkRow, ConnectorError>()
  let pending = rows
  for (let attempt = 1; pending.length > 0; attempt++) {
    const errors = await sendOnce(context, pending)
    pending = [...errors].flatMap(([row, error]) => (attempt < attempts && mayPass(row, error) ? [row] : []))
    for (const [row, error] of errors) if (!pending.includes(row)) failed.set(row, error)
    if (pending.length > 0) await context.client.api.clock.sleep(waitMs(pending, errors, attempt), context.signal)
  }
  return failed
}

/** A row found by `$filter` may have been created by somebody else between the look and the write. */
function mayPass(row: BulkRow, error: ConnectorError): boolean {
  return error.kind === 'transient' || error.kind === 'rate_limited' || (error.code === 'duplicate_record' && row.key.address === undefined)
}

function waitMs(pending: readonly BulkRow[], errors: ReadonlyMap<BulkRow, ConnectorError>, attempt: number): number {
  return Math.max(...pending.map((row) => errors.get(row)?.retryAfterMs ?? 500 * 2 ** attempt))
}

async function sendOnce(context: ChunkContext, rows: readonly BulkRow[]): Promise<Map<BulkRow, ConnectorError>> {
  const errors = new Map<BulkRow, ConnectorError>()
  const found = await findRows(
    context,
    rows.filter((row) => row.key.address === undefined),
    errors,
  )
  const sent = rows.filter((row) => !errors.has(row))
  const parts = sent.map((row) => writePart(context, row, found.get(row)))
  if (parts.length > 0) judge(await context.client.api.batch(parts, context.signal), parts, sent, errors)
  return errors
}

/** Ids of rows whose keys fail in URLs, asked for in one batch; a row that is not there has none. */
async function findRows(
  { client, table, signal }: ChunkContext,
  rows: readonly BulkRow[],
  errors: Map<BulkRow, ConnectorError>,
): Promise<Map<BulkRow, string>> {
  const found = new Map<BulkRow, string>()
  if (rows.length === 0) return found
  const parts = rows.map((row): PartRequest => ({ method: 'GET', path: keyQuery(table, row.key) }))
  const answers = await client.api.batch(parts, signal)
  judge(answers, parts, rows, errors)
  for (const [index, row] of rows.entries()) {
    const id = errors.has(row) ? undefined : firstId(answers[index]!, table)
    if (id !== undefined) found.set(row, id)
  }
  return found
}

function judge(
  answers: readonly HttpResponse[],
  parts: readonly PartRequest[],
  rows: readonly BulkRow[],
  errors: Map<BulkRow, ConnectorError>,
): void {
  for (const [index, row] of rows.entries()) {
    const error = failure(answers[index]!, parts[index]!)
    // A refused sign-in concerns the whole connection, never one row.
    if (error?.kind === 'auth') throw error
    if (error) errors.set(row, error)
  }
}

function firstId(answer: HttpResponse, table: Table): string | undefined {
  const { value } = parseJson(answer.body) as { value?: Record<string, unknown>[] }
  const id = value?.[0]?.[table.primaryId]
  return typeof id === 'string' ? id : undefined
}

/** An upsert by key where the key can stand in a URL; else an update of the row that was found, or a create under an id of our own. */
function writePart({ table, key, jobCreatedAt }: ChunkContext, row: BulkRow, foundId: string | undefined): PartRequest {
  if (row.key.address !== undefined) return { method: 'PATCH', path: row.key.address, body: row.body }
  if (foundId !== undefined) return { method: 'PATCH', path: addressById(table, foundId), headers: { 'if-match': '*' }, body: row.body }
  const id = chosenId(key, row.index, jobCreatedAt)
  return { method: 'POST', path: table.entitySetName, body: { ...row.body, ...row.keyValues, [table.primaryId]: id } }
}
