import { quoted, type Stored, type StoredRow } from '../organization/database.ts'
import type { Caller, Organization } from '../organization/open.ts'
import type { Column } from '../organization/schema.ts'
import { typeColumn } from '../organization/tables.ts'
import { decimalText } from '../organization/values/units.ts'
import { moneyText } from '../organization/values.ts'
import { depthOf, readable } from '../privileges/check.ts'
import type { Call } from './call.ts'
import type { Annotate } from './projection.ts'

const formattedValue = 'OData.Community.Display.V1.FormattedValue'
const navigationProperty = 'Microsoft.Dynamics.CRM.associatednavigationproperty'
const lookupTable = 'Microsoft.Dynamics.CRM.lookuplogicalname'

/** What adds the annotations that were asked for to rows, or undefined when none were. */
export function annotator({ organization, prefer, caller }: Pick<Call, 'organization' | 'prefer' | 'caller'>): Annotate | undefined {
  const [formatted, navigation, table] = [formattedValue, navigationProperty, lookupTable].map((name) => prefer.annotates(name))
  if (!formatted && !navigation && !table) return undefined
  const nameOf = primaryNames(organization, caller)
  const symbol = currencySymbols(organization)
  return (row, column, stored, source) => {
    const { property } = column
    const target = column.isLookup ? targetOf(column, source) : undefined
    if (formatted) {
      const text = column.isLookup ? target && nameOf(target, stored) : format(column, stored, () => symbol(currencyOf(source)))
      if (text !== undefined) row[`${property}@${formattedValue}`] = text
    }
    if (target === undefined) return
    const lookup = column.lookups.find((one) => !one.inherited && (one.target === target || one.target === 'owner'))
    if (navigation && lookup) row[`${property}@${navigationProperty}`] = lookup.navigation
    if (table) row[`${property}@${lookupTable}`] = target
  }
}

/** FetchXML reads columns under the names that they are sent by. */
function currencyOf(row: StoredRow): Stored {
  return row._transactioncurrencyid_value ?? row.transactioncurrencyid ?? null
}

/** Logical name of the table that a lookup points at in this row. */
function targetOf(column: Column, row: StoredRow): string | undefined {
  const type = column.polymorphic ? row[typeColumn(column)] : column.lookups[0]?.target
  return type == null ? undefined : String(type)
}

/** The primary name of a row that a lookup points at; each is read once. */
function primaryNames(organization: Organization, caller: Caller): (table: string, id: Stored) => string | undefined {
  const { database, schema } = organization
  const known = new Map<string, { sql: string | undefined; names: Map<Stored, string | undefined> }>()
  return (target, id) => {
    if (!known.has(target)) {
      const table = schema.tables.get(target)!
      const depth = organization.switches.unreadable_lookup_name === 'hide' ? depthOf(organization, caller, table, 'Read') : 'organization'
      const rows = depth === 'user' ? readable(organization, caller, table) : quoted(table.logicalName)
      const sql =
        depth === 'none' ? undefined : `select ${quoted(table.primaryName)} as name from ${rows} where ${quoted(table.primaryId)} = ?`
      known.set(target, { sql, names: new Map() })
    }
    const { sql, names } = known.get(target)!
    if (!names.has(id)) {
      const name = sql && database.get(sql, id)?.name
      names.set(id, name == null ? undefined : String(name))
    }
    return names.get(id)
  }
}

function currencySymbols({ database }: Organization): (id: Stored) => string {
  const known = new Map<Stored, string>()
  return (id) => {
    if (!known.has(id))
      known.set(
        id,
        String(database.get('select currencysymbol from transactioncurrency where transactioncurrencyid = ?', id)?.currencysymbol ?? '$'),
      )
    return known.get(id)!
  }
}

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const fraction = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
/** As a user with English labels and UTC would see the value; undefined for plain texts and ids. */
function format(column: Column, stored: Stored, symbol: () => string): string | undefined {
  switch (column.type) {
    case 'Picklist':
    case 'State':
    case 'Status':
      return column.choices?.find((choice) => choice.value === stored)?.label
    case 'MultiSelectPicklist':
      return String(stored)
        .split(',')
        .map((value) => column.choices?.find((choice) => String(choice.value) === value)?.label ?? value)
        .join('; ')
    case 'Boolean':
      return column.labels?.[Number(stored)]
    case 'Money': {
      const amount = Number(moneyText(String(stored)))
      return `${amount < 0 ? '-' : ''}${symbol()}${fraction.format(Math.abs(amount))}`
    }
    case 'Decimal':
      return fraction.format(Number(decimalText(String(stored))))
    case 'Double':
      return fraction.format(Number(stored))
    case 'Integer':
    case 'BigInt':
      return whole.format(Number(stored))
    case 'DateTime':
      return column.dateOnly || column.format === 'DateOnly'
        ? dayText(String(stored))
        : `${dayText(String(stored))} ${timeText(String(stored))}`
    default:
      return undefined
  }
}

/** `2031-05-01…` as `5/1/2031`. By hand, since `Intl` costs more than the rest of a row. */
function dayText(moment: string): string {
  const [year, month, day] = moment.slice(0, 10).split('-').map(Number)
  return `${month}/${day}/${year}`
}

/** `…T14:05:09` as `2:05 PM`. */
function timeText(moment: string): string {
  const hour = Number(moment.slice(11, 13))
  return `${hour % 12 || 12}:${moment.slice(14, 16)} ${hour < 12 ? 'AM' : 'PM'}`
}
