import { WebApiError } from '../../error.ts'
import { columnId, manyToManyId, type Schema } from '../../organization/schema.ts'
import type { ColumnSeed, Definitions, Lookup, ManyToMany, TableSeed } from '../../organization/seed.ts'
import { isCustomColumn } from '../column-definition.ts'
import { isCustomPair } from '../relationship-definition.ts'
import { followersOf } from './column.ts'
import { inUse, notDeletable } from './refuse.ts'
import { withTable } from './with-table.ts'

/**
 * A table without a column, and without what only the column brought along.
 * @throws WebApiError 400 for a column of Microsoft, the primary key and name, and one that a key is made of
 */
export function withoutColumn(table: TableSeed, column: ColumnSeed): TableSeed {
  const id = columnId(table, column)
  if (column.name === table.primaryName)
    throw new WebApiError(400, '0x80047002', `The Primary UI Attribute ${column.name} is not valid for deletion.`)
  const parent = table.columns.find((one) => followersOf(one).some(({ name }) => name === column.name))
  if (parent) throw new WebApiError(400, '0x80047016', `The Child Attribute ${column.name} of ${parent.name} is not valid for deletion.`)
  if (column.name === table.primaryId || !isCustomColumn(table, column)) throw notDeletable(column.name, id)
  const keys = (table.keys ?? []).filter(({ columns }) => columns.includes(column.name))
  if (keys.length > 0)
    throw inUse(
      'Attribute',
      id,
      keys.map(({ name }) => name),
    )
  const gone = new Set([column, ...followersOf(column)].map(({ name }) => name))
  const { primaryImage, ...rest } = table
  return {
    ...rest,
    ...(primaryImage !== undefined && primaryImage !== column.name && { primaryImage }),
    columns: table.columns.filter(({ name }) => !gone.has(name)),
    lookups: table.lookups.filter((lookup) => lookup.column !== column.name),
  }
}

/** With the relationship goes its lookup, unless that points at other tables as well. @throws WebApiError 400 for one of Microsoft's */
export function withoutLookup(definitions: Definitions, table: TableSeed, lookup: Lookup): Definitions {
  const column = table.columns.find(({ name }) => name === lookup.column)!
  if (!isCustomColumn(table, column)) throw notDeletable(lookup.schemaName ?? lookup.navigation, lookup.metadataId ?? '')
  const others = table.lookups.filter((one) => one !== lookup)
  const isShared = others.some((one) => one.column === lookup.column)
  return withTable(definitions, isShared ? { ...table, lookups: others } : withoutColumn(table, column))
}

/** @throws WebApiError 400 for one of Microsoft's */
export function withoutManyToMany(schema: Schema, relationship: ManyToMany): Definitions {
  if (!isCustomPair(schema, relationship)) throw notDeletable(relationship.schemaName, manyToManyId(relationship))
  const { definitions } = schema
  return { ...definitions, manyToMany: definitions.manyToMany.filter((one) => one !== relationship) }
}
