import type { ConnectionSpec, Look, OpenConnection } from '../../connection/index.ts'
import type { Clock, OperationUse } from '../../connector/index.ts'

/** One connection on the doctor's table. */
export interface Link {
  spec: ConnectionSpec
  connection: OpenConnection
  /** Of the system; undefined where the connector sends no requests. */
  baseUrl: string | undefined
  /** What the system tells without a token; asked once. */
  look(): Promise<Look | undefined>
  /** What the recipes do over it. */
  uses: readonly OperationUse[]
  clock: Clock
  warnBeforeMs: number
  signal: AbortSignal
}
