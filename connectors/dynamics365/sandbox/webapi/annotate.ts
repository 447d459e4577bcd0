import { quoted, type Stored, type StoredRow } from '../organization/database.ts'
import type { Organization } from '../organization/open.ts'
import type { Column } from '../organization/schema.ts'
import { typeColumn } from '../organization/tables.ts'
import { moneyText } from '../organization/values.ts'
import type { Preferences } from './prefer.ts'
import type { Annotate, Projection } from './projection.ts'

const formattedValue = 'OData.Community.Display.V1.FormattedValue'
const navigationProperty = 'Microsoft.Dynamics.CRM.associatednavigationproperty'
const lookupTable = 'Microsoft.Dynamics.CRM.lookuplogicalname'

/** What adds the annotations that were asked for to these rows, or undefined when none were. */
export function annotator(
  organization: Organization,
  prefer: Preferences,
  projection: Projection,
  rows: readonly StoredRow[],
): Annotate | undefined {
  const [formatted, navigation, table] = [formattedValue, navigationProperty, lookupTable].map((name) => prefer.annotates(name))
  if (!formatted && !navigation && !table) return undefined
  const names = formatted ? primaryNames(organization, projection, rows) : new Map<string, string>()
  const symbol = currencySymbols(organization)
  return (row, column, stored, source) => {
    const { property } = column
    if (formatted) {
      const text = column.isLookup
        ? names.get(`${targetOf(column, source)} ${stored}`)
        : format(column, stored, () => symbol(source.transactioncurrencyid ?? null))
      if (text !== undefined) row[`${property}@${formattedValue}`] = text
    }
    const target = column.isLookup ? targetOf(column, source) : undefined
    if (target === undefined) return
    const lookup = column.lookups.find((one) => !one.inherited && (one.target === target || one.target === 'owner'))
    if (navigation && lookup) row[`${property}@${navigationProperty}`] = lookup.navigation
    if (table) row[`${property}@${lookupTable}`] = target
  }
}

/** Logical name of the table that a lookup points at in this row. */
function targetOf(column: Column, row: StoredRow): string | undefined {
  const type = column.polymorphic ? row[typeColumn(column)] : column.lookups[0]?.target
  return type == null ? undefined : String(type)
}

/** `<table> <id>` to primary name, of every row that a lookup of these rows points at: one query a table. */
function primaryNames({ database, schema }: Organization, { columns }: Projection, rows: readonly StoredRow[]): Map<string, string> {
  const ids = new Map<string, Set<Stored>>()
  for (const column of columns.filter((one) => one.isLookup))
    for (const row of rows) {
      const [target, id] = [targetOf(column, row), row[column.name]]
      if (target === undefined || id == null) continue
      if (!ids.has(target)) ids.set(target, new Set())
      ids.get(target)!.add(id)
    }
  const names = new Map<string, string>()
  for (const [target, wanted] of ids) {
    const { logicalName, primaryId, primaryName } = schema.tables.get(target)!
    const sql = `select ${quoted(primaryId)} as id, ${quoted(primaryName)} as name from ${quoted(logicalName)} where ${quoted(primaryId)} in (select value from json_each(?))`
    for (const { id, name } of database.all(sql, JSON.stringify([...wanted]))) if (name !== null) names.set(`${target} ${id}`, String(name))
  }
  return names
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
const day = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', year: 'numeric', month: 'numeric', day: 'numeric' })
const time = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', hour: 'numeric', minute: '2-digit' })

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
    case 'Double':
      return fraction.format(Number(stored))
    case 'Integer':
    case 'BigInt':
      return whole.format(Number(stored))
    case 'DateTime': {
      const date = new Date(column.dateOnly ? String(stored) : `${stored}Z`)
      // Node writes a narrow no-break space before AM and PM.
      return column.dateOnly ? day.format(date) : `${day.format(date)} ${time.format(date).replace('\u202f', ' ')}`
    }
    default:
      return undefined
  }
}
