import { notSupported, WebApiError } from '../error.ts'
import type { Organization } from '../organization/open.ts'
import type { Table } from '../organization/schema.ts'
import type { ColumnRef } from '../query/tree.ts'
import { badNode, duplicateAlias, noColumn, noTable } from './error.ts'

/** A table in a query: the entity, or a link-entity. */
export interface Source {
  /** As FetchXML names it: its alias, of the entity its logical name. */
  name: string
  table: Table
  /** In SQL. */
  alias: string
  /** Rank in the query; SQL lets the condition of a join speak of those before it only. */
  rank: number
  /** Where its filter ends up. */
  place: 'where' | 'join'
}

const mostLinks = 15
const mostConditions = 500

/** How much a query holds. */
interface Counts {
  sources: number
  links: number
  conditions: number
}

/** What of an organization a query depends on. */
export type Known = Pick<Organization, 'schema' | 'switches'>

/** The tables of a query by their names. A link-entity that only asks for existence has a scope of its own, inside the one around it. */
export class Scope {
  readonly known: Known
  readonly #sources = new Map<string, Source>()
  readonly #outer: { scope: Scope; from: Source } | undefined
  readonly #counts: Counts

  constructor(known: Known, outer?: { scope: Scope; from: Source }) {
    this.known = known
    this.#outer = outer
    this.#counts = outer ? outer.scope.#counts : { sources: 0, links: 0, conditions: 0 }
  }

  /** @param from whose filter it stands in */
  inside(from: Source): Scope {
    return new Scope(this.known, { scope: this, from })
  }

  /** @throws WebApiError 0x80041102 for a table that there is not */
  table(name: string): Table {
    const table = this.known.schema.tables.get(name)
    if (!table) throw noTable(name.slice(0, 100))
    return table
  }

  /** Adds a table that conditions and orders may name. @throws WebApiError 0x80041130 */
  declare(table: Table, name: string, place: Source['place']): Source {
    if (this.#find(name)) throw duplicateAlias(name)
    const source = { ...this.anonymous(table), name, place }
    this.#sources.set(name, source)
    return source
  }

  /** A table that nothing else can name. */
  anonymous(table: Table): Source {
    const rank = this.#counts.sources++
    return { name: table.logicalName, table, alias: `t${rank}`, rank, place: 'where' }
  }

  /** A name for a link-entity without alias: its logical name and a number. */
  freeName(table: Table): string {
    let number = 1
    while (this.#find(`${table.logicalName}${number}`)) number++
    return `${table.logicalName}${number}`
  }

  /**
   * The table that a condition or order names.
   * @param from whose filter it stands in
   * @throws WebApiError 0x8004111c for a name that there is not, 501 where the filter of a link-entity speaks of a later one
   */
  source(name: string, from?: Source): Source {
    const own = this.#sources.get(name) ?? [...this.#sources.values()].find(({ table }) => table.logicalName === name)
    const source = own ?? this.#outer?.scope.source(name, this.#outer.from)
    if (!source) throw badNode(`There is no link-entity with the name or alias '${name.slice(0, 100)}'.`)
    if (own && from?.place === 'join' && own.rank > from.rank)
      throw notSupported('the filter of a link-entity that names a later link-entity')
    return source
  }

  /** @throws WebApiError 0x8004430D */
  countLink(): void {
    if (++this.#counts.links > mostLinks)
      throw new WebApiError(400, '0x8004430D', 'Number of link entities in query exceeded maximum limit.')
    this.countCondition()
  }

  /** Conditions and link-entities count together. @throws WebApiError 0x8004430C */
  countCondition(): void {
    if (++this.#counts.conditions > mostConditions)
      throw new WebApiError(400, '0x8004430C', 'Number of conditions in query exceeded maximum limit.')
  }

  #find(name: string): Source | undefined {
    return this.#sources.get(name) ?? (this.#outer ? this.#outer.scope.#find(name) : undefined)
  }
}

/** @param name logical name. @throws WebApiError 0x80041103 */
export function columnOf({ table, alias }: Pick<Source, 'table' | 'alias'>, name: string): ColumnRef {
  const column = table.columns.get(name)
  if (!column) throw noColumn(table, name.slice(0, 100))
  return { table, alias, column }
}
