import type { Table } from '../organization/schema.ts'
import type { Preferences } from './prefer.ts'

/** The most rows of a page, and the most that a count says (facts sheet "Count" and "Elastic tables"). */
export function largestPage({ elastic }: Pick<Table, 'elastic'>): number {
  return elastic ? 500 : 5_000
}

export function pageSize({ maxPageSize }: Preferences, table: Pick<Table, 'elastic'>): number {
  return Math.min(maxPageSize ?? Number.POSITIVE_INFINITY, largestPage(table))
}
