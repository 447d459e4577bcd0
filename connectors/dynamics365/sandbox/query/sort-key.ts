import { quoted } from '../organization/database.ts'
import { ownerTables, type Schema } from '../organization/schema.ts'
import { typeColumn } from '../organization/tables.ts'
import type { ColumnRef, Order } from './tree.ts'

/** What rows sort by, in SQL: of a lookup the name of the row it points at, of a choice its label where labels are asked for, else the value. */
export function sortKey(schema: Schema, { column: ref, by }: Pick<Order, 'column' | 'by'>): string {
  const { column } = ref
  if (column.isLookup) return nameOf(schema, ref)
  if (by === 'label' && ['Picklist', 'State', 'Status'].includes(column.type)) return labelOf(ref)
  return sqlOf(ref)
}

function sqlOf({ alias, column }: ColumnRef): string {
  return `${alias}.${quoted(column.name)}`
}

function labelOf(ref: ColumnRef): string {
  const sql = sqlOf(ref)
  const { choices = [] } = ref.column
  if (choices.length === 0) return sql
  const cases = choices.map(({ value, label }) => `when ${value} then '${label.replaceAll("'", "''")}'`)
  return `(case ${sql} ${cases.join(' ')} end collate nocase)`
}

function nameOf({ tables }: Schema, ref: ColumnRef): string {
  const { column, alias } = ref
  const targets = new Set(
    column.lookups.filter(({ inherited }) => !inherited).flatMap(({ target }) => (target === 'owner' ? ownerTables : [target])),
  )
  const names = [...targets].map((target) => {
    const { logicalName, primaryId, primaryName } = tables.get(target)!
    const type = column.polymorphic ? ` and ${alias}.${quoted(typeColumn(column))} = '${logicalName}'` : ''
    return `(select n.${quoted(primaryName)} from ${quoted(logicalName)} n where n.${quoted(primaryId)} = ${sqlOf(ref)}${type})`
  })
  if (names.length === 0) return sqlOf(ref)
  return `(${names.length === 1 ? names[0] : `coalesce(${names.join(', ')})`} collate nocase)`
}
