import { noSuchRow } from '../error.ts'
import { quoted } from '../organization/database.ts'
import { requireRow } from '../organization/find.ts'
import { isMember } from '../organization/members.ts'
import type { Organization } from '../organization/open.ts'
import { keyFromUrl } from './key.ts'
import type { RowPath } from './target.ts'

/**
 * The identity of the row that a path leads to, which is its id except in elastic tables; undefined where a lookup on the way is empty.
 * @param partition the query option `partitionId`
 * @throws WebApiError 404 for a key that no row has, 400 for what is no key
 */
export function findPath(organization: Organization, row: RowPath, partition?: string): string | undefined {
  if (row.lookup) return followLookup(organization, row)
  const id = requireRow(organization, row.table, keyFromUrl(row.table, row.key, partition))
  if (!row.collection) return id
  const owner = findPath(organization, row.from)
  const condition = isMember(row.collection, 't0', row.table, '?', row.from.table)
  const { logicalName, identity } = row.table
  const sql = `select 1 from ${quoted(logicalName)} t0 where t0.${quoted(identity)} = ? and ${condition}`
  if (owner === undefined || !organization.database.get(sql, id, owner)) throw noSuchRow(row.table, id)
  return id
}

/** @throws WebApiError 404 also for an empty lookup */
export function requirePath(organization: Organization, row: RowPath, partition?: string): string {
  const id = findPath(organization, row, partition)
  if (id === undefined) throw noSuchRow(row.table, '00000000-0000-0000-0000-000000000000')
  return id
}

function followLookup(organization: Organization, { table, from, lookup }: Extract<RowPath, { lookup: object }>): string | undefined {
  const id = findPath(organization, from)
  if (id === undefined) return undefined
  const sql = `select t1.${quoted(table.primaryId)} as id from ${quoted(from.table.logicalName)} t0 join ${quoted(table.logicalName)} t1 on t1.${quoted(table.primaryId)} = t0.${quoted(lookup.column)} where t0.${quoted(from.table.identity)} = ?`
  const found = organization.database.get(sql, id)
  return found && String(found.id)
}
