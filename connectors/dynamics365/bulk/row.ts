import { ConnectorError, type JsonObject } from '../../../runner/connector/index.ts'
import type { Client } from '../client.ts'
import type { Table } from '../metadata/table.ts'
import { type Key, readKey, withoutKey } from '../values/key.ts'
import { toWire } from '../values/write.ts'
import { keyPredicate } from '../webapi/odata.ts'

/** One row of a bulk write, ready to be sent. */
export interface BulkRow {
  /** Place in the input, from 0. */
  index: number
  key: Key
  /** Equal for rows that the server takes for the same. */
  identity: string
  body: JsonObject
  /** For rows found by `$filter`: what a new row needs besides the body. */
  keyValues: JsonObject
}

/** Why a row was not written. */
export interface FailedRow {
  index: number
  status: number | null
  code: string
  message: string
}

/** @throws ConnectorError for values that cannot be written, see {@link unpreparedRow} */
export async function prepareRow(
  client: Client,
  table: Table,
  keyColumns: readonly string[],
  values: JsonObject,
  index: number,
): Promise<BulkRow> {
  const keyValues = Object.fromEntries(keyColumns.map((name) => [name, values[name] ?? null]))
  const key = await readKey(client, table, keyValues)
  return {
    index,
    key,
    // The server compares texts without regard to case.
    identity: keyPredicate(key.parts).toLowerCase(),
    body: await toWire(client, table, withoutKey(values, [table.primaryId, ...keyColumns]), 'upsert'),
    keyValues: key.address === undefined ? await toWire(client, table, keyValues, 'create') : {},
  }
}

export function failedRow(index: number, { status, code, message }: ConnectorError): FailedRow {
  return { index, status: status ?? null, code, message }
}

/** Mistakes of the step, which every row would repeat. */
const ofTheStep = new Set(['unknown_table', 'unknown_column', 'unknown_key', 'read_only_column'])

/** A row that cannot even be prepared: refused values, or an expression that failed on it. Anything else is thrown again. */
export function unpreparedRow(index: number, thrown: unknown): FailedRow {
  if (thrown instanceof ConnectorError && thrown.kind === 'rejected' && !ofTheStep.has(thrown.code)) return failedRow(index, thrown)
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  if (typeof code === 'string' && code.startsWith('expression_')) return { index, status: null, code, message: (thrown as Error).message }
  throw thrown
}
