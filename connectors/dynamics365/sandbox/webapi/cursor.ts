import type { Order } from '../odata/options.ts'
import type { Table } from '../organization/schema.ts'
import type { Cursor } from './page.ts'
import type { CookieColumn } from './skip-token.ts'

/** Names the values of a cursor: the columns of the order, and at the end the primary key. */
export function cookieColumns(table: Table, orderBy: readonly Order[], cursor: Cursor): CookieColumn[] {
  const names = orderBy.map(({ path }) => table.properties.get(path.at(-1)!)?.name ?? path.at(-1)!)
  return cursor.map((last, index) => ({ name: names[index] ?? table.primaryId, last }))
}
