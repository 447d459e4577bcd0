import { WebApiError } from '../error.ts'
import type { Values } from './body.ts'
import { quoted, type Stored, type StoredRow } from './database.ts'
import { tooBig } from './images.ts'
import type { Organization } from './open.ts'
import type { Table } from './schema.ts'
import { checkSteps } from './step-rules.ts'
import { typeColumn } from './tables.ts'
import { decimalDigits, decimalKey, decimalUnits } from './values/units.ts'

/** The stored values of the row as it is, of the columns asked for; of a row that is being created every one is null. */
export type Current = (columns: readonly string[]) => StoredRow

/** What the server adds to or checks in the values that are about to be written, the same for a new row and for an old one. */
export function applyRules(organization: Organization, table: Table, values: Values, current: Current): void {
  setState(table, values, current)
  setOwner(organization, table, values)
  setObjectType(table, values)
  setFullName(table, values, current)
  setAttachment(organization, table, values)
  setBaseCurrency(organization, table, values, current)
  checkSteps(organization, table, values, current)
}

/** A status belongs to one state; a state alone brings its default status (facts sheet "Update"). */
function setState(table: Table, values: Values, current: Current): void {
  const statuses = table.columns.get('statuscode')?.choices
  if (!statuses || !(values.has('statecode') || values.has('statuscode'))) return
  const state = Number(values.get('statecode') ?? current(['statecode']).statecode ?? 0)
  if (values.get('statuscode') == null) {
    const status = statuses.find((one) => one.state === state)?.value
    values.set('statecode', state)
    values.set('statuscode', status ?? null)
  } else if (statuses.find((one) => one.value === values.get('statuscode'))?.state !== state) {
    const label = table.columns.get('statecode')?.choices?.find((one) => one.value === state)?.label
    throw new WebApiError(
      400,
      '0x80048408',
      `${values.get('statuscode')} is not a valid status code for state code ${table.schemaName}State.${label} on ${table.logicalName}.`,
    )
  }
}

function setOwner({ schema, database }: Organization, table: Table, values: Values): void {
  const column = table.columns.get('ownerid')
  if (column?.type !== 'Owner' || values.get('ownerid') == null) return
  const [owner, type] = [values.get('ownerid') ?? null, values.get(typeColumn(column))]
  values.set('owninguser', type === 'team' ? null : owner)
  values.set('owningteam', type === 'team' ? owner : null)
  const ownerTable = schema.tables.get(String(type))!
  const row = database.get(`select businessunitid from ${quoted(ownerTable.logicalName)} where ${quoted(ownerTable.primaryId)} = ?`, owner)
  values.set('owningbusinessunit', row?.businessunitid ?? schema.ids.businessUnitId)
}

/** A note names the table of the row that it hangs on. */
function setObjectType(table: Table, values: Values): void {
  const column = table.columns.get('objectid')
  if (column?.polymorphic && values.has(typeColumn(column)) && table.columns.has('objecttypecode'))
    values.set('objecttypecode', values.get(typeColumn(column)) ?? null)
}

function setFullName(table: Table, values: Values, current: Current): void {
  const parts = ['firstname', 'lastname']
  if (!table.columns.has('fullname') || !parts.some((name) => values.has(name))) return
  const known = parts.every((name) => values.has(name)) ? {} : current(parts)
  const name = parts.map((part) => (values.has(part) ? values.get(part) : known[part])).filter((part) => part != null)
  values.set('fullname', name.join(' ') || null)
}

/** Each money column has a twin in the organization's own currency. */
function setBaseCurrency(organization: Organization, table: Table, values: Values, current: Current): void {
  const { money } = table
  const written = money.filter((name) => values.has(name))
  const currencyChanges = values.has('transactioncurrencyid') && money.length > 0
  if (written.length === 0 && !currencyChanges) return
  const known = current(['transactioncurrencyid', ...(currencyChanges ? money : [])])
  const currency = values.get('transactioncurrencyid') ?? known.transactioncurrencyid ?? organization.schema.ids.currencyId
  const found = organization.database.get('select exchangerate from transactioncurrency where transactioncurrencyid = ?', currency)
  const rate = String(found?.exchangerate ?? decimalKey(one))
  values.set('transactioncurrencyid', currency)
  values.set('exchangerate', rate)
  for (const name of currencyChanges ? money : written)
    values.set(`${name}_base`, inBaseCurrency((values.has(name) ? values.get(name) : known[name]) ?? null, decimalUnits(rate)))
}

/** The number 1 in the units of decimals. */
const one = 10n ** BigInt(decimalDigits)

/** Rounded half away from zero. @param rate in the units of decimals */
function inBaseCurrency(amount: Stored, rate: bigint): Stored {
  if (amount === null || rate === one || rate === 0n) return amount
  const [twice, half] = [2n * BigInt(amount) * one, BigInt(amount) < 0n ? -rate : rate]
  return (twice + half) / (2n * rate)
}

/** Notes and attachments keep their file in Base64; the organization says how long that may be (facts sheet "Notes and e-mail attachments"). */
function setAttachment({ database }: Organization, table: Table, values: Values): void {
  const column = { annotation: 'documentbody', activitymimeattachment: 'body' }[table.logicalName]
  if (column === undefined || !values.has(column)) return
  const text = values.get(column)
  const most = Number(database.get('select maxuploadfilesize as most from organization')?.most)
  if (text != null && String(text).length > most) throw tooBig()
  values.set('filesize', text == null ? 0 : Buffer.byteLength(String(text), 'base64'))
  if (table.columns.has('isdocument')) values.set('isdocument', text == null ? 0 : 1)
}
