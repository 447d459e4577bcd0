import { edmType } from '../../organization/edm-type.ts'
import type { Column, Lookup, Schema, Table } from '../../organization/schema.ts'
import { ownerTables } from '../../organization/schema.ts'

/** A type that tables derive from (facts sheet "`$metadata`"), with what it declares for all of them. */
export interface BaseType {
  name: string
  /** Property that is the key of every derived type. */
  key: string
  columns: readonly Column[]
  lookups: readonly Lookup[]
}

/** What activities have in common, and what users and teams have. */
export function baseTypes(schema: Schema): readonly BaseType[] {
  const activities = [...schema.tables.values()].filter(({ activity }) => activity)
  const owners = ownerTables.map((name) => schema.tables.get(name)).filter((table) => table !== undefined)
  const ownerColumns = shared(owners).columns.filter(({ name }) => name === 'ownerid')
  return [
    { name: 'activitypointer', key: 'activityid', ...shared(activities) },
    { name: 'principal', key: 'ownerid', columns: ownerColumns, lookups: [] },
  ]
}

/** The base type of a table; undefined for `crmbaseentity`. */
export function baseOf(bases: readonly BaseType[], { logicalName, activity }: Table): BaseType | undefined {
  const name = activity ? 'activitypointer' : ownerTables.includes(logicalName) ? 'principal' : undefined
  return bases.find((base) => base.name === name)
}

/** Columns that every table has with the same type, and lookups that lead from every table to the same one without a collection there. */
function shared([first, ...others]: readonly Table[]): Pick<BaseType, 'columns' | 'lookups'> {
  if (!first) return { columns: [], lookups: [] }
  return {
    columns: [...first.columns.values()].filter((column) =>
      others.every(({ columns }) => {
        const other = columns.get(column.name)
        return other?.isLookup === column.isLookup && edmType(other) === edmType(column) && other.readOnly === column.readOnly
      }),
    ),
    lookups: first.lookups.filter((lookup) =>
      [first, ...others].every(({ navigations }) => {
        const other = navigations.get(lookup.navigation)
        return other?.column === lookup.column && other.target === lookup.target && (other.inherited || !other.collection)
      }),
    ),
  }
}
