import type { QueryContext, Sql } from './context.ts'
import { toSql } from './sql.ts'
import type { Rows } from './tree.ts'

/** What stands behind `from`, conditions included, its values to be bound in order. */
export function rowsSql(rows: Rows, context: QueryContext, more: readonly Sql[] = []): Sql {
  const { from, where, values } = toSql(rows, context)
  return {
    sql: `${from} where ${[where, ...more.map(({ sql }) => sql)].join(' and ')}`,
    values: [...values, ...more.flatMap((one) => one.values)],
  }
}
