import { badQuery, notSupported } from '../error.ts'
import { resolveFilter } from '../odata/condition.ts'
import { type Aliases, parseFilter } from '../odata/filter.ts'
import { Scope } from '../odata/scope.ts'
import { TokenReader } from '../odata/token-reader.ts'
import { syntaxError } from '../odata/tokens.ts'
import type { Schema, Table } from '../organization/schema.ts'
import type { ColumnRef, Condition } from '../query/tree.ts'
import { type Aggregation, canMeasure, type Group, type Measure, type MeasureKind, mostAggregated } from './aggregation.ts'

const methods = new Map<string, MeasureKind>([
  ['sum', 'sum'],
  ['average', 'avg'],
  ['min', 'min'],
  ['max', 'max'],
])

/**
 * Reads `$apply`: filters, then `groupby` or `aggregate` (facts sheet "`$apply`").
 * @throws WebApiError 0x80060888 for what is wrong in it, 501 for what the sandbox does not know
 */
export function parseApply(schema: Schema, table: Table, text: string, aliases: Aliases): Aggregation {
  return new ApplyParser(schema, table, text, aliases).parse()
}

class ApplyParser extends TokenReader {
  readonly #aliases: Aliases
  readonly #scope: Scope
  readonly #table: Table

  constructor(schema: Schema, table: Table, text: string, aliases: Aliases) {
    super(text)
    this.#aliases = aliases
    this.#scope = new Scope(schema, table)
    this.#table = table
  }

  parse(): Aggregation {
    const filters: Condition[] = []
    while (this.takeName('filter')) {
      filters.push(this.#filter())
      if (!this.take('/')) throw notSupported('$apply with filters alone; $filter asks for the same')
    }
    const { groups, measures } = this.takeName('groupby') ? this.#groupBy() : { groups: [], measures: this.#aggregate() }
    if (this.take('/')) throw notSupported('$apply with a step behind groupby or aggregate')
    if (this.peek().type !== 'end') throw this.unexpected()
    const names = [...groups, ...measures].map(({ name }) => name)
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined) throw badQuery(`The name '${twice}' is used more than once in $apply.`)
    const condition: Condition | undefined = filters.length === 0 ? undefined : { kind: 'and', parts: filters }
    return { rows: this.#scope.rows(condition), groups, measures, orders: [], mostRows: mostAggregated }
  }

  /** The text up to the parenthesis that closes is a `$filter`. */
  #filter(): Condition {
    this.expect('(')
    const start = this.peek().at
    let [open, end] = [1, start]
    while (open > 0) {
      const token = this.next()
      end = token.at
      if (token.type === 'end') throw syntaxError(this.text, token.at)
      if (token.type === 'symbol') open += token.text === '(' ? 1 : token.text === ')' ? -1 : 0
    }
    return resolveFilter(this.#scope, parseFilter(this.text.slice(start, end), this.#aliases))
  }

  #groupBy(): Pick<Aggregation, 'groups' | 'measures'> {
    this.expect('(')
    this.expect('(')
    const groups: Group[] = []
    do groups.push(this.#group())
    while (this.take(','))
    this.expect(')')
    const measures = this.take(',') ? this.#aggregate() : []
    this.expect(')')
    return { groups, measures }
  }

  #group(): Group {
    const { name, column } = this.#column()
    if (column.column.type === 'DateTime') throw badQuery(`Grouping by the date and time column '${name}' is not supported.`)
    return { name, column }
  }

  #aggregate(): Measure[] {
    if (!this.takeName('aggregate')) {
      const { type, text } = this.peek()
      if (type === 'name') throw notSupported(`${text.slice(0, 100)} in $apply`)
      throw this.unexpected()
    }
    this.expect('(')
    const measures: Measure[] = []
    do measures.push(this.#measure())
    while (this.take(','))
    this.expect(')')
    return measures
  }

  #measure(): Measure {
    if (this.takeName('$count')) return { kind: 'count', name: this.#alias() }
    const { column } = this.#column()
    if (!this.takeName('with')) throw this.unexpected()
    const method = this.#name()
    const kind = methods.get(method)
    if (!kind || !canMeasure(kind, column))
      throw badQuery(`The aggregation method '${method}' is not supported on '${column.column.property}'.`)
    return { kind, column, name: this.#alias() }
  }

  #alias(): string {
    if (!this.takeName('as')) throw this.unexpected()
    return this.#name()
  }

  /** In the answer, a column behind a lookup is named after its table. */
  #column(): { name: string; column: ColumnRef } {
    const path = [this.#name()]
    while (this.take('/')) path.push(this.#name())
    const column = this.#scope.column(path)
    const { property } = column.column
    return { column, name: column.table === this.#table && path.length === 1 ? property : `${column.table.logicalName}_${property}` }
  }

  #name(): string {
    const token = this.next()
    if (token.type !== 'name') throw syntaxError(this.text, token.at)
    return token.text
  }
}
