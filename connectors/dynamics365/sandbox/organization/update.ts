import { badPayload, noSuchRow, WebApiError } from '../error.ts'
import { requireRight, requireTies } from '../privileges/check.ts'
import { refuseMissing, type Values } from './body.ts'
import { duplicate, wholeSecond } from './create.ts'
import { quoted } from './database.ts'
import { setExpiry } from './expiry.ts'
import { idOf, partitionOf } from './identity.ts'
import type { Caller, Organization } from './open.ts'
import { applyRules } from './rules.ts'
import type { Table } from './schema.ts'
import { snapshot } from './snapshot.ts'
import { storedMoment } from './values.ts'
import { tell, write } from './write.ts'

/**
 * Changes a row.
 * @param id its identity, which is the id except in elastic tables
 * @param etag version that the row must still have
 * @throws WebApiError 403 without the right, 404 when the row is not there, 412 when it has another version or an alternate key is taken
 */
export function updateRow(organization: Organization, table: Table, id: string, values: Values, caller: Caller, etag?: string): void {
  const { database } = organization
  const given = new Set(values.keys())
  write(organization, () => {
    const before = snapshot(organization, table, id)
    checkVersion(organization, table, id, etag)
    requireRight(organization, caller, table, 'Write', id)
    if (values.get('ownerid') != null) requireRight(organization, caller, table, 'Assign', id)
    requireTies(organization, caller, table, values)
    values.delete(table.primaryId)
    if (table.elastic) keepPartition(organization, table, id, values)
    values.delete('overriddencreatedon')
    refuseMissing(table, values)
    applyRules(organization, table, values, (columns) => {
      return (
        database.get(
          `select ${columns.map(quoted).join(', ')} from ${quoted(table.logicalName)} where ${quoted(table.identity)} = ?`,
          id,
        ) ?? {}
      )
    })
    touch(organization, table, values, caller)
    const sql = `update ${quoted(table.logicalName)} set ${[...values.keys()].map((name) => `${quoted(name)} = ?`).join(', ')} where ${quoted(table.identity)} = ?`
    try {
      database.run(sql, ...values.values(), id)
    } catch (error) {
      throw duplicate(organization, table, error) ?? error
    }
    tell(organization, { message: 'Update', table, id: idOf(id), values, given, before, after: snapshot(organization, table, id), caller })
  })
}

/** The partition of a row cannot change; its time to live counts from the latest change on. */
function keepPartition(organization: Organization, table: Table, id: string, values: Values): void {
  const partition = values.get('partitionid')
  if (partition !== undefined && partition !== partitionOf(id))
    throw badPayload(table.entitySetName, "The value of 'partitionid' cannot be changed.")
  const name = 'ttlinseconds'
  if (!values.has(name)) {
    const sql = `select ${name} from ${quoted(table.logicalName)} where ${quoted(table.identity)} = ?`
    values.set(name, organization.database.get(sql, id)?.[name] ?? null)
  }
  setExpiry(organization, values)
}

/** The marks of a change: version, time and user. */
export function touch(organization: Organization, table: Table, values: Values, caller: Caller): void {
  values.set('versionnumber', ++organization.version)
  if (table.columns.has('modifiedon')) values.set('modifiedon', storedMoment(wholeSecond(organization.clock())))
  if (table.columns.has('modifiedby')) values.set('modifiedby', caller.userId)
  if (table.columns.has('modifiedonbehalfby')) values.set('modifiedonbehalfby', caller.onBehalfOf ?? null)
}

/** @throws WebApiError 404, 412 for a version that is not the given one, 0x8006088D where the table does not compare versions */
export function checkVersion({ database }: Organization, table: Table, id: string, etag: string | undefined): void {
  const row = database.get(`select versionnumber from ${quoted(table.logicalName)} where ${quoted(table.identity)} = ?`, id)
  if (!row) throw noSuchRow(table, idOf(id))
  if (etag === undefined) return
  refuseVersions(table)
  if (etag !== etagOf(table, row.versionnumber)) {
    throw new WebApiError(412, '0x80060882', "The version of the existing record doesn't match the RowVersion property provided.")
  }
}

/** @throws WebApiError 0x8006088D where the table does not compare versions */
export function refuseVersions({ logicalName, noOptimisticConcurrency }: Table): void {
  if (!noOptimisticConcurrency) return
  throw new WebApiError(
    400,
    '0x8006088D',
    `Optimistic concurrency isn't enabled for entity type ${logicalName}. The IfVersionMatches value of ConcurrencyBehavior can only be used if optimistic concurrency is enabled.`,
  )
}

/** The version of a row; of elastic tables it has another form, so that nobody counts on a number (facts sheet "Elastic tables"). */
export function etagOf({ elastic }: Table, version: unknown): string {
  return elastic ? `W/"${Number(version).toString(16).padStart(8, '0')}-0000-0000-0000-000000000000"` : `W/"${version}"`
}
