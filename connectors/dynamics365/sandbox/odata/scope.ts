import { badQuery, noProperty, notSupported, WebApiError } from '../error.ts'
import type { Collection, Schema, Table } from '../organization/schema.ts'
import type { ColumnRef, Condition, Join, Link, Rows } from '../query/tree.ts'

const mostLinks = 15

/** Rows that names are looked up in, with the joins that paths through lookups need. */
export class Scope {
  readonly schema: Schema
  readonly table: Table
  readonly alias: string
  readonly #joins = new Map<string, Join>()
  readonly #taken: { aliases: number }

  constructor(schema: Schema, table: Table, taken = { aliases: 0 }) {
    this.schema = schema
    this.table = table
    this.#taken = taken
    this.alias = this.#nextAlias()
  }

  rows(condition?: Condition): Rows {
    return { table: this.table, alias: this.alias, joins: [...this.#joins.values()], ...(condition && { condition }) }
  }

  /**
   * The column at the end of a path: a column's name on the wire, or navigation properties and one.
   * @throws WebApiError 0x80060888 when the path does not exist
   */
  column(path: readonly string[], byLogicalName = false): ColumnRef {
    const name = path.at(-1) ?? ''
    let { table, alias }: { table: Table; alias: string } = this
    for (let depth = 1; depth < path.length; depth++) ({ table, alias } = this.#join(table, alias, path.slice(0, depth)))
    // Dataverse's own functions take a lookup by either name: `ownerid` and `_ownerid_value`.
    const column = table.properties.get(name) ?? (byLogicalName ? table.columns.get(name) : undefined)
    if (!column) throw noProperty(name, table)
    return { table, column, alias }
  }

  /** The rows of a collection, and what links them to these. @throws WebApiError for a collection behind a lookup, or none */
  collection(path: readonly string[]): { scope: Scope; link: Link } {
    const [name = '', ...further] = path
    if (further.length > 0)
      throw badQuery(`A collection that is reached through a lookup cannot be asked with any or all: '${path.join('/')}'.`)
    const collection: Collection | undefined = this.table.collections.get(name)
    if (!collection) throw noProperty(name, this.table)
    refuseElastic(this.table)
    const scope = new Scope(this.schema, this.schema.tables.get(collection.table)!, this.#taken)
    return { scope, link: { kind: 'collection', collection, owner: { alias: this.alias, table: this.table } } }
  }

  /** Each table beside the first is a link-entity to the service (facts sheet "`<fetch>` attributes", limits). */
  #nextAlias(): string {
    if (this.#taken.aliases > mostLinks)
      throw new WebApiError(400, '0x8004430D', 'Number of link entities in query exceeded maximum limit.')
    return `t${this.#taken.aliases++}`
  }

  #join(table: Table, alias: string, path: readonly string[]): Join {
    const name = path.at(-1)!
    const lookup = table.navigations.get(name)
    if (!lookup)
      throw table.collections.has(name) ? badQuery(`The path '${name}' leads to a collection; use any or all.`) : noProperty(name, table)
    refuseElastic(table)
    if (lookup.target === 'owner') throw notSupported('paths through ownerid; owninguser and owningteam lead to the same row')
    const known = this.#joins.get(path.join('/'))
    if (known) return known
    const target = this.schema.tables.get(lookup.target)!
    const joined = this.#nextAlias()
    const outer = { alias, table, column: table.columns.get(lookup.column)! }
    const inner = { alias: joined, table: target, column: target.columns.get(target.primaryId)! }
    const join: Join = { table: target, alias: joined, kind: 'left', link: { kind: 'columns', inner, outer } }
    this.#joins.set(path.join('/'), join)
    return join
  }
}

function refuseElastic(table: Table): void {
  if (table.elastic) throw new WebApiError(400, '0x80048d0b', 'Link entities are not supported')
}
