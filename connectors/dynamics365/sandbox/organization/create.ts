import { randomUUID } from 'node:crypto'
import { WebApiError } from '../error.ts'
import { requireRight, requireTies } from '../privileges/check.ts'
import { missing, type Values } from './body.ts'
import { quoted } from './database.ts'
import type { WriteEvent } from './events.ts'
import { setExpiry } from './expiry.ts'
import { identityOfValues } from './identity.ts'
import { refuseOtherImages } from './images.ts'
import type { Caller, Organization } from './open.ts'
import { applyRules } from './rules.ts'
import { ownerTables, type Table } from './schema.ts'
import { snapshot } from './snapshot.ts'
import { typeColumn } from './tables.ts'
import { storedMoment } from './values.ts'
import { tell, write } from './write.ts'

/**
 * Creates a row. Its id is the one in `values`, or a new one.
 * @param message what the event is called; an elastic row that is upserted is told as such
 * @returns its identity, which is the id except in elastic tables
 * @throws WebApiError 403 without the right, 412 when the id or an alternate key is taken, 405 for a table whose rows come only with others
 */
export function createRow(
  organization: Organization,
  table: Table,
  values: Values,
  caller: Caller,
  message: WriteEvent['message'] = 'Create',
): string {
  const id = String(values.get(table.primaryId) ?? randomUUID())
  requireRight(organization, caller, table, 'Create')
  requireTies(organization, caller, table, values)
  const given = new Set(values.keys())
  return write(organization, () => {
    setStandardColumns(organization, table, values, id, caller)
    applyRules(organization, table, values, () => ({}))
    refuseOtherImages(table, values)
    const absent = table.required.find((column) => values.get(column.name) == null && column.default === undefined)
    if (absent) throw missing(table, absent)
    if (table.elastic) setElasticColumns(organization, table, values)
    const names = [...values.keys()]
    const sql = `insert into ${quoted(table.logicalName)} (${names.map(quoted).join(', ')}) values (${names.map(() => '?').join(', ')})`
    try {
      organization.database.run(sql, ...values.values())
    } catch (error) {
      throw duplicate(organization, table, error) ?? error
    }
    if (table.logicalName === 'systemuser') addSettings(organization, id, caller)
    const identity = identityOfValues(table, values)
    tell(organization, { message, table, id, values, given, after: snapshot(organization, table, identity), caller })
    return identity
  })
}

/** Every user has language, region and time zone, by default those of the organization. */
function addSettings(organization: Organization, userId: string, caller: Caller): void {
  createRow(organization, organization.schema.tables.get('usersettings')!, new Map([['systemuserid', userId]]), { ...caller, server: true })
}

function setStandardColumns(organization: Organization, table: Table, values: Values, id: string, caller: Caller): void {
  const now = storedMoment(wholeSecond(organization.clock()))
  const set = (name: string, value: string | number) => {
    if (table.columns.has(name)) values.set(name, value)
  }
  values.set(table.primaryId, id)
  set('versionnumber', ++organization.version)
  // A row brought over from elsewhere keeps its age; the column that told so then holds the moment of the import.
  const brought = values.get('overriddencreatedon')
  set('createdon', brought == null ? now : String(brought))
  if (brought != null) set('overriddencreatedon', now)
  set('modifiedon', now)
  setCaller(table, values, ['createdby', 'modifiedby'], caller)
  setCaller(
    table,
    values,
    ['createdonbehalfby', 'modifiedonbehalfby'],
    caller.onBehalfOf === undefined ? undefined : { userId: caller.onBehalfOf },
  )
  if (table.columns.has('statecode') && !values.has('statecode')) values.set('statecode', 0)
  if (table.activity) set('activitytypecode', table.logicalName)
  if (table.columns.has('ticketnumber')) set('ticketnumber', `CAS-${organization.version}-${id.slice(0, 6).toUpperCase()}`)
  const owner = table.columns.get('ownerid')
  if (ownerTables.includes(table.logicalName)) set('ownerid', id)
  else if (owner?.type === 'Owner' && values.get('ownerid') == null) {
    values.set('ownerid', caller.userId)
    values.set(typeColumn(owner), 'systemuser')
  }
}

/** The partition is the key itself where the body names none. */
function setElasticColumns(organization: Organization, table: Table, values: Values): void {
  if (values.get('partitionid') == null) values.set('partitionid', String(values.get(table.primaryId)))
  values.set(table.identity, identityOfValues(table, values))
  setExpiry(organization, values)
}

function setCaller(table: Table, values: Values, names: readonly string[], user: Caller | undefined): void {
  for (const name of names) if (user && table.columns.has(name)) values.set(name, user.userId)
}

export function wholeSecond(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1_000) * 1_000)
}

/** The answer for a broken uniqueness rule of SQLite, or undefined for another error. */
export function duplicate({ switches }: Organization, table: Table, error: unknown): WebApiError | undefined {
  const columns = /^UNIQUE constraint failed: (.*)$/
    .exec((error as Error).message)?.[1]
    ?.split(', ')
    .map((one) => one.slice(one.indexOf('.') + 1))
  if (!columns) return undefined
  if (columns[0] === table.identity) return new WebApiError(412, '0x80040237', 'Cannot insert duplicate key.')
  const key = table.keys.find((one) => one.columns.join() === columns.join())
  const names = columns.join(', ')
  return new WebApiError(
    switches.alternate_key_duplicate_status,
    '0x80060892',
    `Entity Key ${key?.name} violated. A record with the same value for ${names} already exists. A duplicate record cannot be created. Select one or more unique values and try again.`,
  )
}
