import type { Literal } from '../odata/literal.ts'
import type { Collection, Column, Table } from '../organization/schema.ts'
import type { Operator } from './operators.ts'

/** A question about the rows of a table. `$filter` and FetchXML are both read into it, and it is compiled to SQL in one place. Names are resolved while it is read. */
export interface Query extends Rows {
  orders: readonly Order[]
}

/** Rows of a table, together with those that joins bring along. Aliases are made by the reader: letters and digits, each used once in a query. */
export interface Rows {
  table: Table
  alias: string
  joins: readonly Join[]
  condition?: Condition
}

/** A further table beside the first one. It may link to the tables before it. */
export interface Join {
  table: Table
  alias: string
  /** `first`: like `inner`, with one row of those that belong (`matchfirstrowusingcrossapply`). */
  kind: 'inner' | 'left' | 'first'
  link: Link
  /** Part of the join: in a left join it decides what is joined, not which rows stay. */
  condition?: Condition
}

/** What makes rows of a further table (`inner`) belong to a row (`outer`). */
export type Link =
  | { kind: 'columns'; inner: ColumnRef; outer: ColumnRef }
  | { kind: 'collection'; collection: Collection; owner: { alias: string; table: Table } }

export interface ColumnRef {
  alias: string
  table: Table
  column: Column
}

/** A condition is true, false or unknown, and a row is kept where it is true. A null makes a test unknown, save that `eq` and `ne` with a value take it as one more value: `ne` holds for it. */
export type Condition =
  | { kind: 'and' | 'or'; parts: readonly Condition[] }
  /** Unknown stays unknown, unless `orUnknown` makes it hold. */
  | { kind: 'not'; part: Condition; orUnknown?: true }
  | { kind: 'test'; operator: Operator; column: ColumnRef; values: readonly Literal[] }
  /** Two columns, of the same row in `$filter`, of any tables joined with `valueof`. Unknown where one is null. */
  | { kind: 'columns'; operator: Comparison; left: ColumnRef; right: ColumnRef }
  /** Whether there is a row: lambdas, and the link types `any`, `all`, `exists`, `in` of FetchXML. */
  | { kind: 'exists'; negated: boolean; rows: Rows & { link: Link } }
  /** Two literals that were compared. */
  | { kind: 'constant'; value: boolean | null }

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le'

export interface Order {
  column: ColumnRef
  descending: boolean
  /** OData sorts choices by number, FetchXML by label; both sort lookups by the name of the row they point at. */
  by: 'value' | 'label'
}
