import { type Literal, placeOf } from '../odata/literal.ts'
import { quoted, type Stored } from '../organization/database.ts'
import type { Sql } from './context.ts'
import { type Span, storedLimit } from './dates.ts'
import { fold, isAscii } from './text.ts'
import type { ColumnRef } from './tree.ts'
import { familyOf, optionsOf } from './values.ts'

export function columnSql({ alias, column }: ColumnRef): string {
  return `${alias}.${quoted(column.name)}`
}

/** For null and for a value: never unknown. */
export function equal(column: ColumnRef, literal: Literal): Sql {
  const sql = columnSql(column)
  if (literal.type === 'null') return { sql: `${sql} is null`, values: [] }
  const test = familyOf(column.column) === 'choices' ? sameChoices(column, literal) : compare(column, '=', literal)
  // Where the column is null the whole is false. An index can still be used, which `is ?` keeps partial ones from.
  return { sql: `(${test.sql} and ${sql} is not null)`, values: test.values }
}

export function unequal(column: ColumnRef, literal: Literal): Sql {
  const { sql, values } = equal(column, literal)
  return { sql: `not ${literal.type === 'null' ? `(${sql})` : sql}`, values }
}

/** How values compare with a literal that lies between two of them is how they compare with the lower one. */
const besides = { '>': '>', '>=': '>', '<': '<=', '<=': '<=' } as const

export function compare(column: ColumnRef, operator: '=' | '>' | '>=' | '<' | '<=', literal: Literal): Sql {
  const { value, exact } = placeOf(column.table, column.column, literal)
  if (exact) return compareStored(column, operator, value)
  return operator === '=' ? never(column) : compareStored(column, besides[operator], value)
}

function compareStored(column: ColumnRef, operator: string, value: Stored): Sql {
  const sql = columnSql(column)
  if (familyOf(column.column) !== 'text' || typeof value !== 'string' || isAscii(value))
    return { sql: `${sql} ${operator} ?`, values: [value] }
  // SQLite's own case rule is ASCII only.
  return { sql: `fold(${sql}) ${operator} ?`, values: [fold(value)] }
}

/** False, of null unknown. */
function never(column: ColumnRef): Sql {
  return { sql: `${columnSql(column)} <> ${columnSql(column)}`, values: [] }
}

export function oneOf(column: ColumnRef, literals: readonly Literal[]): Sql {
  if (literals.length === 0) return { sql: '0', values: [] }
  if (familyOf(column.column) === 'choices') return anyOf(literals.map((literal) => sameChoices(column, literal)))
  const places = literals.map((literal) => placeOf(column.table, column.column, literal)).filter(({ exact }) => exact)
  if (places.length === 0) return never(column)
  const values = places.map(({ value }) => value)
  const folded = values.some((value) => familyOf(column.column) === 'text' && typeof value === 'string' && !isAscii(value))
  const [sql, bound] = folded
    ? [`fold(${columnSql(column)})`, values.map((value) => (typeof value === 'string' ? fold(value) : value))]
    : [columnSql(column), values]
  return { sql: `${sql} in (${bound.map(() => '?').join(', ')})`, values: bound }
}

/** A text with wildcards. */
export function like(column: ColumnRef, pattern: string): Sql {
  const sql = columnSql(column)
  // SQLite's own `like` is faster, but knows no sets and folds ASCII only; with many runs it takes very long.
  const simple = isAscii(pattern) && !pattern.includes('[') && pattern.split('%').length <= 3
  return { sql: simple ? `${sql} like ?` : `matches(${sql}, ?)`, values: [pattern] }
}

/** Whether one of the options is chosen. */
export function containsChoice(column: ColumnRef, literals: readonly Literal[]): Sql {
  return anyOf(optionsOf(literals).map((option) => ({ sql: `instr(',' || ${columnSql(column)} || ',', ?) > 0`, values: [`,${option},`] })))
}

function sameChoices(column: ColumnRef, literal: Literal): Sql {
  const options = optionsOf([literal])
  const each = options.map((option) => `instr(',' || ${columnSql(column)} || ',', ',${option},') > 0`)
  return { sql: joined('and', [`length(${columnSql(column)}) = ?`, ...each]), values: [options.join(',').length] }
}

export function within(column: ColumnRef, [from, to]: Span): Sql {
  const sql = columnSql(column)
  const limits = [from && (['>=', from] as const), to && (['<', to] as const)].filter((limit) => limit !== null)
  return {
    sql: `(${limits.map(([operator]) => `${sql} ${operator} ?`).join(' and ')})`,
    values: limits.map(([, date]) => storedLimit(date, column.column.dateOnly === true)),
  }
}

/** Whether an id is among those that a query gives. */
export function among(column: ColumnRef, { sql, values }: Sql): Sql {
  return { sql: `${columnSql(column)} in (${sql})`, values }
}

export function not({ sql, values }: Sql): Sql {
  return { sql: `not (${sql})`, values }
}

function anyOf(parts: readonly Sql[]): Sql {
  const sql =
    parts.length === 0
      ? '0'
      : joined(
          'or',
          parts.map((part) => part.sql),
        )
  return { sql, values: parts.flatMap(({ values }) => values) }
}

/** In halves of halves: SQLite takes no chain of more than a thousand. */
function joined(operator: 'and' | 'or', parts: readonly string[]): string {
  if (parts.length < 2) return `(${parts.join()})`
  const half = parts.length >> 1
  return `(${joined(operator, parts.slice(0, half))} ${operator} ${joined(operator, parts.slice(half))})`
}
