import type { Stored } from '../organization/database.ts'
import type { Sql } from './context.ts'

/** What rows are ordered by. */
export interface KeysetTerm {
  sql: string
  descending: boolean
}

/**
 * Rows that sort behind one row; null sorts before everything.
 * @param after the values of that row's terms, ready to be bound
 */
export function behind(terms: readonly KeysetTerm[], after: readonly Stored[]): Sql {
  const alternatives = terms.map((term, index): Sql => {
    const equal = terms.slice(0, index).map(({ sql }) => `${sql} is ?`)
    const value = after[index] ?? null
    const further = term.descending
      ? value === null
        ? '0'
        : `(${term.sql} < ? or ${term.sql} is null)`
      : value === null
        ? `${term.sql} is not null`
        : `${term.sql} > ?`
    return { sql: `(${[...equal, further].join(' and ')})`, values: [...after.slice(0, index), ...(value === null ? [] : [value])] }
  })
  // Said again for the first term alone, so that an index finds the place instead of running up to it.
  const [first, start] = [terms[0]!, after[0] ?? null]
  const reached: Sql = first.descending || start === null ? { sql: '1', values: [] } : { sql: `${first.sql} >= ?`, values: [start] }
  return {
    sql: `(${reached.sql} and (${alternatives.map(({ sql }) => sql).join(' or ')}))`,
    values: [...reached.values, ...alternatives.flatMap(({ values }) => values)],
  }
}
