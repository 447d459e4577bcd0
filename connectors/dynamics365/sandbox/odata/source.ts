import { badQuery, noProperty, notSupported, WebApiError } from '../error.ts'
import { quoted } from '../organization/database.ts'
import type { Column, Schema, Table } from '../organization/schema.ts'
import { typeColumn } from '../organization/tables.ts'

/** A column in a query, with the alias of the table it is read from. */
export interface ColumnRef {
  table: Table
  column: Column
  /** `t0."name"` */
  sql: string
  alias: string
}

/** The tables that a query reads: the one asked for, and those that paths lead to. */
export class Source {
  readonly schema: Schema
  readonly table: Table
  readonly alias = 't0'
  readonly #joins = new Map<string, { alias: string; table: Table; sql: string }>()

  readonly #rows: string

  /** @param rows what stands for the table in SQL: the table itself, or those of its rows that the caller may read */
  constructor(schema: Schema, table: Table, rows = quoted(table.logicalName)) {
    this.#rows = rows
    this.schema = schema
    this.table = table
  }

  /** What stands behind `from`. */
  get sql(): string {
    return [`${this.#rows} ${this.alias}`, ...[...this.#joins.values()].map((join) => join.sql)].join(' ')
  }

  /**
   * The column at the end of a path: a column's name on the wire, or navigation properties and one.
   * @throws WebApiError 0x80060888 when the path does not exist
   */
  column(path: readonly string[]): ColumnRef {
    const name = path.at(-1) ?? ''
    let [table, alias] = [this.table, this.alias]
    for (let depth = 1; depth < path.length; depth++) ({ table, alias } = this.#join(table, alias, path.slice(0, depth)))
    const column = table.properties.get(name)
    if (!column) throw noProperty(name, table)
    return { table, column, alias, sql: `${alias}.${quoted(column.name)}` }
  }

  /** The primary name of the row that a lookup points at, for sorting. */
  nameOf({ column, alias }: ColumnRef): string {
    const targets = [
      ...new Set(
        column.lookups
          .filter((lookup) => !lookup.inherited)
          .flatMap(({ target }) => (target === 'owner' ? ['systemuser', 'team'] : [target])),
      ),
    ]
    const names = targets.map((name) => {
      const target = this.schema.tables.get(name)!
      const joined = this.#add(`${alias}.${column.name}>${name}`, target, alias, column)
      return `${joined.alias}.${quoted(target.primaryName)}`
    })
    if (names.length === 0) return 'null'
    return names.length === 1 ? names[0]! : `coalesce(${names.join(', ')})`
  }

  #join(table: Table, alias: string, path: readonly string[]): { table: Table; alias: string } {
    const name = path.at(-1)!
    const lookup = table.navigations.get(name)
    if (!lookup)
      throw table.collections.has(name) ? badQuery(`The path '${name}' leads to a collection; use any or all.`) : noProperty(name, table)
    if (table.elastic) throw new WebApiError(400, '0x80048d0b', 'Link entities are not supported')
    if (lookup.target === 'owner') throw notSupported('paths through ownerid; owninguser and owningteam lead to the same row')
    return this.#add(path.join('/'), this.schema.tables.get(lookup.target)!, alias, table.columns.get(lookup.column)!)
  }

  #add(key: string, target: Table, from: string, column: Column): { table: Table; alias: string } {
    let join = this.#joins.get(key)
    if (!join) {
      const alias = `t${this.#joins.size + 1}`
      const ofType = column.polymorphic ? ` and ${from}.${quoted(typeColumn(column))} = '${target.logicalName}'` : ''
      const sql = `left join ${quoted(target.logicalName)} ${alias} on ${alias}.${quoted(target.primaryId)} = ${from}.${quoted(column.name)}${ofType}`
      join = { alias, table: target, sql }
      this.#joins.set(key, join)
    }
    return join
  }
}
