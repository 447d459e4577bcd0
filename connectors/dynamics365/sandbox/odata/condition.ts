import { badQuery, notSupported } from '../error.ts'
import { fold, type Stored } from '../organization/database.ts'
import type { Table } from '../organization/schema.ts'
import type { Expression, Operand, Property, Value } from './filter.ts'
import { edmType, toComparable } from './literal.ts'
import { callCondition } from './query-functions.ts'
import type { ColumnRef, Source } from './source.ts'

/** A condition in SQL, its values to be bound in order. */
export interface Sql {
  sql: string
  values: Stored[]
}

/** Whose request it is, and when: some query functions ask. */
export interface Context {
  now: Date
  userId: string
  /** What stands for a table in SQL where the caller may not read all of its rows; the table itself when left out. */
  rowsOf?(table: Table): string
}

const sqlOperators = { eq: 'is', ne: 'is not', gt: '>', ge: '>=', lt: '<', le: '<=' } as const

/** A parsed `$filter` as SQL over the source, which gets the joins that paths need. */
export function toCondition(source: Source, expression: Expression, context: Context): Sql {
  switch (expression.kind) {
    case 'and':
    case 'or': {
      const [left, right] = [toCondition(source, expression.left, context), toCondition(source, expression.right, context)]
      return { sql: `(${left.sql} ${expression.kind} ${right.sql})`, values: [...left.values, ...right.values] }
    }
    case 'not': {
      const operand = toCondition(source, expression.operand, context)
      return { sql: `not (${operand.sql})`, values: operand.values }
    }
    case 'compare':
      return comparison(source, expression)
    case 'text':
      return textCondition(source, expression)
    case 'call':
      return callCondition(source, expression, context)
  }
}

function comparison(source: Source, { operator, left, right }: Extract<Expression, { kind: 'compare' }>): Sql {
  if (left.kind === 'property' && right.kind === 'property') return columnComparison(source, sqlOperators[operator], left, right)
  const mirrored = { eq: 'eq', ne: 'ne', gt: 'lt', ge: 'le', lt: 'gt', le: 'ge' } as const
  if (left.kind === 'value' && right.kind === 'property')
    return comparison(source, { kind: 'compare', operator: mirrored[operator], left: right, right: left })
  if (left.kind !== 'property' || right.kind !== 'value') throw notSupported('a comparison of two literals in $filter')
  const column = source.column(left.path)
  return { ...compareTo(column, sqlOperators[operator], toComparable(column.table, column.column, right.literal)) }
}

/** `is` and `is not`, since null differs from every value: `name ne 'x'` holds for rows without a name, as it does in Dataverse. */
export function compareTo(column: ColumnRef, operator: string, value: Stored): Sql {
  if (typeof value !== 'string' || isAscii(value) || edmType(column.column) !== 'Edm.String')
    return { sql: `${column.sql} ${operator} ?`, values: [value] }
  return { sql: `fold(${column.sql}) ${operator} ?`, values: [fold(value)] }
}

function columnComparison(source: Source, operator: string, left: Property, right: Property): Sql {
  if (left.path.length > 1 || right.path.length > 1) throw badQuery('Only columns of the same row can be compared with each other.')
  const [a, b] = [source.column(left.path), source.column(right.path)]
  if (edmType(a.column) !== edmType(b.column)) {
    throw badQuery(
      `A binary operator with incompatible types was detected. Found operand types '${edmType(a.column)}' and '${edmType(b.column)}'.`,
    )
  }
  const text = edmType(a.column) === 'Edm.String'
  const [one, other] = text ? [`fold(${a.sql})`, `fold(${b.sql})`] : [a.sql, b.sql]
  return { sql: `${one} ${{ is: '=', 'is not': '<>' }[operator] ?? operator} ${other}`, values: [] }
}

function textCondition(source: Source, { name, property, value }: { name: string; property: Property; value: Value }): Sql {
  const column = source.column(property.path)
  if (edmType(column.column) !== 'Edm.String')
    throw badQuery(`No function signature for the function with name '${name}' matches the specified arguments.`)
  const text = requireText(value)
  return like(column, `${name === 'startswith' ? '' : '%'}${text}${name === 'endswith' ? '' : '%'}`)
}

/**
 * SQL Server's wildcards stay active inside the text (facts sheet "$filter"). They are taken to be active in these functions only:
 * `eq` becomes `=` there, which knows none.
 */
function like(column: ColumnRef, pattern: string): Sql {
  // SQLite's own `like` is faster, but knows no sets and folds ASCII only.
  const sql = isAscii(pattern) && !pattern.includes('[') ? `${column.sql} like ?` : `matches(${column.sql}, ?)`
  return { sql, values: [pattern] }
}

function requireText(operand: Operand): string {
  if (operand.kind === 'value' && operand.literal.type === 'string') return operand.literal.value
  throw badQuery('A text is expected as the second argument.')
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text)
}
