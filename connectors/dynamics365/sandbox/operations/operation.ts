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
  parameters: readonly Parameter[]
  /** Members of the complex result `<Name>Response`; a type gives that value itself; without, an action answers 204. */
  returns?: readonly Parameter[] | OperationType
  /** Callable, and absent from `$metadata`. */
  private?: true
  /**
   * @returns the members of the result, or nothing
   * @throws WebApiError
   */
  run(context: OperationContext): Record<string, unknown> | undefined
}

export interface OperationContext {
  call: Call
  /** Of a bound operation. */
  table?: Table
  /** Of an operation bound to a row. */
  id?: string
  /** By name, as they came in JSON, or parsed from the address. */
  parameters: Record<string, unknown>
}
