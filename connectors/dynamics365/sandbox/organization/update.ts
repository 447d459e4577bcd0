import { noSuchRow, WebApiError } from '../error.ts'
import { requireRight, requireTies } from '../privileges/check.ts'
import { refuseMissing, type Values } from './body.ts'
import { duplicate, wholeSecond } from './create.ts'
import { quoted } from './database.ts'
import type { Caller, Organization } from './open.ts'
import { applyRules } from './rules.ts'
import type { Table } from './schema.ts'
import { storedMoment } from './values.ts'
import { tell, write } from './write.ts'

/**
 * Changes a row.
 * @param etag version that the row must still have
 * @throws WebApiError 403 without the right, 404 when the row is not there, 412 when it has another version or an alternate key is taken
 */
export function updateRow(organization: Organization, table: Table, id: string, values: Values, caller: Caller, etag?: string): void {
  const { database } = organization
  write(organization, () => {
    checkVersion(organization, table, id, etag)
    requireRight(organization, caller, table, 'Write', id)
    if (values.get('ownerid') != null) requireRight(organization, caller, table, 'Assign', id)
    requireTies(organization, caller, table, values)
    values.delete(table.primaryId)
    values.delete('overriddencreatedon')
    refuseMissing(table, values)
    applyRules(organization, table, values, (columns) => {
      return (
        database.get(
          `select ${columns.map(quoted).join(', ')} from ${quoted(table.logicalName)} where ${quoted(table.primaryId)} = ?`,
          id,
        ) ?? {}
      )
    })
    touch(organization, table, values, caller)
    const sql = `update ${quoted(table.logicalName)} set ${[...values.keys()].map((name) => `${quoted(name)} = ?`).join(', ')} where ${quoted(table.primaryId)} = ?`
    try {
      database.run(sql, ...values.values(), id)
    } catch (error) {
      throw duplicate(organization, table, error) ?? error
    }
    tell(organization, { message: 'Update', table, id, values, caller })
  })
}

/** The marks of a change: version, time and user. */
export function touch(organization: Organization, table: Table, values: Values, caller: Caller): void {
  values.set('versionnumber', ++organization.version)
  if (table.columns.has('modifiedon')) values.set('modifiedon', storedMoment(wholeSecond(organization.clock())))
  if (table.columns.has('modifiedby')) values.set('modifiedby', caller.userId)
  if (table.columns.has('modifiedonbehalfby')) values.set('modifiedonbehalfby', caller.onBehalfOf ?? null)
}

/** @throws WebApiError 404, or 412 for a version that is not the given one */
export function checkVersion({ database }: Organization, table: Table, id: string, etag: string | undefined): void {
  const row = database.get(`select versionnumber from ${quoted(table.logicalName)} where ${quoted(table.primaryId)} = ?`, id)
  if (!row) throw noSuchRow(table, id)
  if (etag !== undefined && etag !== etagOf(row.versionnumber)) {
    throw new WebApiError(412, '0x80060882', "The version of the existing record doesn't match the RowVersion property provided.")
  }
}

export function etagOf(version: unknown): string {
  return `W/"${version}"`
}
