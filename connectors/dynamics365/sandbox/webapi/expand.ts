import type { Expand } from '../odata/expand.ts'
import { quoted, type Stored, type StoredRow } from '../organization/database.ts'
import type { Collection, Table } from '../organization/schema.ts'
import { typeColumn } from '../organization/tables.ts'
import { readable } from '../privileges/check.ts'
import { annotator } from './annotate.ts'
import type { Call } from './call.ts'
import { readPage } from './page.ts'
import { project, toWire } from './projection.ts'

/** Children of one row that are sent along, at most. */
const mostChildren = 5_000

type AddTo = (wire: Record<string, unknown>, stored: StoredRow, table: Table) => Record<string, unknown>

/** Lookups that must be read, though they may not be sent. */
export function hiddenFor(expands: readonly Expand[]): string[] {
  return expands.flatMap(({ lookup }) => (lookup ? [lookup.column] : []))
}

/** What adds the expanded rows to each of these rows (facts sheet "$expand", one level). */
export function expander(call: Call, expands: readonly Expand[], rows: readonly StoredRow[]): AddTo {
  const adders = expands.map((expand) =>
    expand.collection ? collectionAdder(call, expand, expand.collection) : lookupAdder(call, expand, rows),
  )
  return (wire, stored, table) => {
    for (const add of adders) add(wire, stored, table)
    return wire
  }
}

/** All rows that the lookups point at are read at once. */
function lookupAdder(call: Call, { name, table, lookup, select }: Expand, rows: readonly StoredRow[]): AddTo {
  const column = lookup?.column ?? ''
  const projection = project(table, select)
  const ids = [...new Set(rows.map((row) => row[column]).filter((id) => id != null))]
  const sql = `select ${projection.sql('t0')} from ${readable(call.organization, call.caller, table)} t0 where t0.${quoted(table.primaryId)} in (select value from json_each(?))`
  const found = call.organization.database.all(sql, JSON.stringify(ids))
  const annotate = annotator(call.organization, call.prefer, projection, found)
  const byId = new Map<Stored, StoredRow>(found.map((row) => [row[table.primaryId] ?? null, row]))
  return (wire, stored, parent) => {
    const owner = parent.columns.get(column)
    const ofThisTable = !owner?.polymorphic || stored[typeColumn(owner)] === table.logicalName
    const row = ofThisTable ? byId.get(stored[column] ?? null) : undefined
    wire[name] = row ? toWire(projection, row, annotate, false) : null
    return wire
  }
}

function collectionAdder(call: Call, { name, table, select, filter, orderBy, top, raw }: Expand, collection: Collection): AddTo {
  const foreignKey = table.columns.get(collection.lookup?.column ?? '')
  const columns = select && foreignKey ? [...new Set([...select, foreignKey])] : select
  const projection = project(table, columns)
  return (wire, stored, parent) => {
    const id = String(stored[parent.primaryId])
    const query = {
      projection,
      orderBy,
      limit: Math.min(top ?? mostChildren, mostChildren),
      within: { collection, table: parent, id },
      caller: call.caller,
      ...(filter && { filter }),
    }
    const { rows } = readPage(call.organization, query)
    const annotate = annotator(call.organization, call.prefer, projection, rows)
    wire[name] = rows.map((row) => toWire(projection, row, annotate))
    const options = [...raw].map(([option, value]) => `${option}=${encodeURIComponent(value)}`)
    wire[`${name}@odata.nextLink`] =
      `${call.base}/${parent.entitySetName}(${id})/${name}${options.length > 0 ? `?${options.join('&')}` : ''}`
    return wire
  }
}
