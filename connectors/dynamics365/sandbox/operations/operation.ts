import type { Organization } from '../organization/open.ts'
import type { Table } from '../organization/schema.ts'
import type { Call } from '../webapi/call.ts'

/** Type of a parameter or result as `$metadata` names it; a leading `Collection(` is allowed. */
export type OperationType = `Edm.${string}` | `mscrm.${string}` | `Collection(${string})`

export interface Parameter {
  name: string
  type: OperationType
  optional?: true
}

/** A function (GET) or action (POST) of the Web API (facts sheet "Functions and actions"). One file holds one operation or one family. */
export interface Operation {
  /** Without namespace. */
  name: string
  kind: 'function' | 'action'
  /** Section of the facts sheet. */
  sheet: string
  about: string
  /** Bound to a row or to the rows of a set; `tables` undefined: of any table. Unbound without. */
  binding?: { to: 'row' | 'set'; tables?: readonly string[] }
  /** Of a bound operation that only some tables have, as their flags tell. */
  suits?(table: Table): boolean
  parameters: readonly Parameter[]
  /**
   * A list: members of the complex result `<Name>Response`. A type: the result is that value alone, see `OperationResult`.
   * Without, an action answers 204.
   */
  returns?: readonly Parameter[] | OperationType
  /** Query options may follow. */
  composable?: true
  /** Callable, and absent from `$metadata`. */
  private?: true
  /** @throws WebApiError */
  run(context: OperationContext): OperationResult | undefined
}

/**
 * Members of the complex result; or `value`, where `returns` is a type of values; or a stored row; or stored rows of one table.
 * An address in `context` stands for the one that would be made of the type.
 */
export type OperationResult = Record<string, unknown> | StoredResult

/** Rows that are to be read and sent as they are stored. */
export class StoredResult {
  readonly table: Table
  readonly ids: readonly string[]
  /** Whether the result is one row and not a collection. */
  readonly single: boolean

  constructor(table: Table, ids: readonly string[], single: boolean) {
    this.table = table
    this.ids = ids
    this.single = single
  }
}

export interface OperationContext {
  call: Call
  organization: Organization
  /** Of a bound operation. */
  table?: Table
  /** Of an operation bound to a row. */
  id?: string
  /** By name, checked against their types, as they came in JSON or were read from the address. */
  parameters: Record<string, unknown>
}
