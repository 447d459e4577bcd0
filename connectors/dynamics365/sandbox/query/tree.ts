import type { Literal } from '../odata/literal.ts'
import type { Collection, Column, Table } from '../organization/schema.ts'
import type { Operator } from './operators.ts'

/** A question about the rows of a table. `$filter` and FetchXML are both read into it, and it is compiled to SQL in one place. Names are resolved while it is read. */
export interface Query extends Rows {
  orders: readonly Order[]
}

/** Rows of a table, together with those that joins bring along. */
export interface Rows {
  table: Table
  alias: string
  joins: readonly Join[]
  condition?: Condition
}

/** A further table beside the first one. */
export interface Join {
  table: Table
  alias: string
  kind: 'inner' | 'left'
  link: Link
  condition?: Condition
}

/** What makes rows of a further table belong to a row. */
export type Link =
  | { kind: 'columns'; inner: ColumnRef; outer: ColumnRef }
  | { kind: 'collection'; collection: Collection; owner: { alias: string; table: Table } }

export interface ColumnRef {
  alias: string
  table: Table
  column: Column
}

/** Null counts as a value that differs from every other where something is compared with `eq` or `ne`, and as unknown everywhere else. */
export type Condition =
  | { kind: 'and' | 'or'; parts: readonly Condition[] }
  | { kind: 'not'; part: Condition }
  | { kind: 'test'; operator: Operator; column: ColumnRef; values: readonly Literal[] }
  | { kind: 'columns'; operator: Comparison; left: ColumnRef; right: ColumnRef }
  /** Whether there is a row: lambdas, and the link types `any`, `all`, `exists` of FetchXML. */
  | { kind: 'exists'; negated: boolean; rows: Rows & { link: Link } }

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le'

export interface Order {
  column: ColumnRef
  descending: boolean
  /** OData sorts choices by number, FetchXML by label; both sort lookups by the name of the row they point at. */
  by: 'value' | 'label'
}
