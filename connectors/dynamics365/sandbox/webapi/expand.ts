import { resolveFilter } from '../odata/condition.ts'
import { type Expand, isNested } from '../odata/expand.ts'
import { parseQuery } from '../odata/options.ts'
import { Scope } from '../odata/scope.ts'
import { quoted, type Stored, type StoredRow } from '../organization/database.ts'
import type { Collection, Lookup, Table } from '../organization/schema.ts'
import { typeColumn } from '../organization/tables.ts'
import { queryContext } from '../query/context.ts'
import { toSql } from '../query/sql.ts'
import { annotator } from './annotate.ts'
import type { Call } from './call.ts'
import { cookieColumns } from './cursor.ts'
import { type Cursor, readPage } from './page.ts'
import { pageSize } from './page-size.ts'
import { type Projection, project, toWire } from './projection.ts'
import { nextLink } from './skip-token.ts'

/** Children of one row that are sent along, at most, where they are not paged. */
const mostChildren = 5_000

type AddTo = (wire: Record<string, unknown>, stored: StoredRow, table: Table) => Record<string, unknown>

/** Lookups that must be read, though they may not be sent. */
export function hiddenFor(expands: readonly Expand[]): string[] {
  return expands.flatMap(({ lookup }) => (lookup ? [lookup.column] : []))
}

/**
 * What adds the expanded rows to each of these rows (facts sheet "$expand").
 * @param nested whether any expansion of the whole query has another one inside
 * @param inner whether these stand inside another one
 */
export function expander(
  call: Call,
  expands: readonly Expand[],
  rows: readonly StoredRow[],
  nested = isNested(expands),
  inner = false,
): AddTo {
  const adders = expands.map((expand) => {
    if (expand.collection && inner && call.method === 'POST') return emptyAdder(expand.name)
    if (expand.collection) return collectionAdder(call, expand, expand.collection, nested)
    if (expand.reference) return referenceAdder(call, expand.name, expand.lookup!)
    return expand.lookup!.target === 'owner' ? principalAdder(expand.lookup!) : lookupAdder(call, expand, expand.lookup!, rows, nested)
  })
  return (wire, stored, table) => {
    for (const add of adders) add(wire, stored, table)
    return wire
  }
}

/** All rows that the lookups point at are read at once. */
function lookupAdder(call: Call, one: Expand, lookup: Lookup, rows: readonly StoredRow[], nested: boolean): AddTo {
  const { name, table } = one
  const projection = project(table, one.select, hiddenFor(one.expand))
  const ids = [...new Set(rows.map((row) => row[lookup.column]).filter((id) => id != null))]
  const found = readByIds(call, projection, ids, one.filter)
  const annotate = annotator(call)
  const expand = expander(call, one.expand, found, nested, true)
  const byId = new Map<Stored, StoredRow>(found.map((row) => [row[table.primaryId] ?? null, row]))
  return (wire, stored, parent) => {
    const row = targetOf(lookup, stored, parent) === table.logicalName ? byId.get(stored[lookup.column] ?? null) : undefined
    wire[name] = row ? expand(toWire(projection, row, annotate, false), row, table) : null
    return wire
  }
}

function readByIds(call: Call, projection: Projection, ids: readonly Stored[], filter: Expand['filter']): StoredRow[] {
  const { organization, caller } = call
  const { table } = projection
  const scope = new Scope(organization.schema, table)
  const condition = filter && resolveFilter(scope, filter)
  const { from, where, values } = toSql(scope.rows(condition), queryContext(organization, caller))
  const sql = `select ${projection.sql(scope.alias)} from ${from} where ${where} and ${scope.alias}.${quoted(table.primaryId)} in (select value from json_each(?))`
  return organization.database.all(sql, ...values, JSON.stringify(ids))
}

/** Logical name of the table that a lookup points at in this row; `owner` is users or teams. */
function targetOf(lookup: Lookup, stored: StoredRow, table: Table): string {
  const column = table.columns.get(lookup.column)!
  return column.polymorphic ? String(stored[typeColumn(column)]) : lookup.target
}

function referenceAdder(call: Call, name: string, lookup: Lookup): AddTo {
  return (wire, stored, parent) => {
    const [id, target] = [stored[lookup.column] ?? null, targetOf(lookup, stored, parent)]
    const points = id !== null && (lookup.target === 'owner' || lookup.target === target)
    const set = points ? call.organization.schema.tables.get(target)!.entitySetName : ''
    wire[name] = points ? { '@odata.id': `${call.base}/${set}(${id})` } : null
    return wire
  }
}

function principalAdder(lookup: Lookup): AddTo {
  return (wire, stored, parent) => {
    const id = stored[lookup.column] ?? null
    const type = `#Microsoft.Dynamics.CRM.${targetOf(lookup, stored, parent)}`
    wire[lookup.navigation] = id === null ? null : { '@odata.type': type, ownerid: id }
    return wire
  }
}

/** The representation of a new row brings no rows of collections inside an expansion (facts sheet "Create"). */
function emptyAdder(name: string): AddTo {
  return (wire) => Object.assign(wire, { [name]: [] })
}

/** Without nesting every child is sent, and the link is merely the address of the collection; with it the children come in pages. */
function collectionAdder(call: Call, one: Expand, collection: Collection, nested: boolean): AddTo {
  const { name, table, select } = one
  const foreignKey = table.columns.get(collection.lookup?.column ?? '')
  const columns = select && foreignKey ? [...new Set([...select, foreignKey])] : select
  const projection = project(table, columns, hiddenFor(one.expand))
  return (wire, stored, parent) => {
    const id = String(stored[parent.primaryId])
    const { rows, next } = readPage(call.organization, {
      projection,
      orderBy: one.orderBy,
      limit: nested ? pageSize(call.prefer, table) : Math.min(one.top ?? mostChildren, mostChildren),
      within: { collection, table: parent, id },
      caller: call.caller,
      ...(one.filter && { filter: one.filter }),
    })
    const annotate = annotator(call)
    const expand = expander(call, one.expand, rows, nested, true)
    wire[name] = rows.map((row) => expand(toWire(projection, row, annotate, !nested), row, table))
    const link = childrenLink(call, one, `${parent.entitySetName}(${id})/${name}`, nested ? next : 'all')
    if (link !== undefined) wire[`${name}@odata.nextLink`] = link
    return wire
  }
}

/** @param next where the page ended; `all` gives the address of the whole collection */
function childrenLink(call: Call, { raw, table }: Expand, path: string, next: Cursor | 'all' | undefined): string | undefined {
  if (next === undefined) return undefined
  const rawQuery = [...raw].map(([option, value]) => `${option}=${encodeURIComponent(value).replaceAll('%2C', ',')}`).join('&')
  if (next === 'all') return `${call.base}/${path}${rawQuery === '' ? '' : `?${rawQuery}`}`
  const { organization, base } = call
  return nextLink({ organization, base, path, rawQuery, query: parseQuery(rawQuery) }, next, cookieColumns(table, [], next))
}
