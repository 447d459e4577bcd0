import { ConnectorError, type Finding, type OperationUse } from '../../../runner/connector/index.ts'
import type { Client } from '../client.ts'
import { isGuid, withQuery } from '../webapi/odata.ts'
import type { Table } from './table.ts'
import { whoAmI } from './who-am-i.ts'

type Right = 'Create' | 'Read' | 'Write' | 'Delete'

/** What each operation needs on its table. */
export const needs: Record<string, readonly Right[]> = {
  record_created: ['Read'],
  record_changed: ['Read'],
  get_record: ['Read'],
  search_records: ['Read'],
  create_record: ['Read', 'Create'],
  update_record: ['Read', 'Write'],
  upsert_record: ['Read', 'Create', 'Write'],
  upsert_records: ['Read', 'Create', 'Write'],
  delete_record: ['Read', 'Delete'],
}

/**
 * Rights on each table that operations name: reading is tried on one row; for the others the organization is asked what the user may do with that row
 * (facts sheet "Row parameters in actions"). Nothing is written.
 */
export async function rights(client: Client, uses: readonly OperationUse[], signal: AbortSignal): Promise<Finding[]> {
  const wanted = new Map<string, Set<Right>>()
  for (const { name, written } of uses) {
    const table = (written as { table?: unknown } | undefined)?.table
    // An expression names its table only while a job runs.
    if (typeof table !== 'string' || table.includes('${{')) continue
    const rights = wanted.get(table) ?? new Set()
    for (const right of needs[name.slice(name.indexOf('.') + 1)] ?? []) rights.add(right)
    wanted.set(table, rights)
  }
  return Promise.all([...wanted].map(([table, rights]) => rightsOn(client, table, [...rights], signal)))
}

async function rightsOn(client: Client, name: string, wanted: readonly Right[], signal: AbortSignal): Promise<Finding> {
  try {
    const table = await client.tables.get(name)
    const { rows } = await client.api.page(withQuery(table.entitySetName, { $select: table.primaryId, $top: '1' }), { signal })
    const others = wanted.filter((right) => right !== 'Read')
    const id = rows[0]?.[table.primaryId]
    if (others.length === 0) return { result: 'ok', says: `may read ${name}` }
    const held = isGuid(id) ? await accessTo(client, table, id, signal) : undefined
    return judged(name, others, held)
  } catch (thrown) {
    if (!(thrown instanceof ConnectorError)) throw thrown
    return { result: 'failed', says: thrown.message, code: thrown.code }
  }
}

function judged(table: string, others: readonly Right[], held: ReadonlySet<string> | undefined): Finding {
  const words = (rights: readonly Right[]) => rights.map((right) => right.toLowerCase()).join(' and ')
  if (!held) return { result: 'ok', says: `may read ${table}; whether it may ${words(others)} rows there cannot be told without doing it` }
  const missing = others.filter((right) => !held.has(`${right}Access`))
  if (missing.length === 0) return { result: 'ok', says: `may read ${table}, and ${words(others)} rows there, as far as one row tells` }
  return {
    result: 'warning',
    says: `may read ${table}, but not ${words(missing)} the one row that was looked at; other rows may differ.`,
    todo: `Give the user of the connection a security role with ${missing.map((right) => `prv${right}`).join(', ')} on ${table}.`,
  }
}

/** Undefined where the organization does not tell. */
async function accessTo({ api }: Client, { entitySetName }: Table, id: string, signal: AbortSignal): Promise<Set<string> | undefined> {
  const { userId } = await whoAmI(api, signal)
  const target = JSON.stringify({ '@odata.id': `${entitySetName}(${id})` })
  const path = withQuery(`systemusers(${userId})/Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target=@t)`, { '@t': target })
  try {
    const { AccessRights } = await api.get(path, { signal })
    return new Set(String(AccessRights).split(/,\s*/))
  } catch (thrown) {
    if (thrown instanceof ConnectorError && thrown.kind === 'rejected') return undefined
    throw thrown
  }
}
