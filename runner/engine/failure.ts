import { ConnectorError, type Effect, type FailureKind } from '../connector/index.ts'
import { ExpressionError } from '../expression/index.ts'
import { FenceLost, type StoredError } from '../store/index.ts'

/** What a loop does with a failure of one kind. */
export interface FailureRule {
  /** `fail`: trigger error. `wait`: as long as asked, outside the count. `retry`: with back-off, counted. */
  poll: 'fail' | 'wait' | 'retry'
  /** `fail`: job error at this step. `wait` and `retry` as above; what may have had its effect is decided by the operation first. */
  job: 'fail' | 'wait' | 'retry'
  /** Jobs that have not begun are held until the cause is gone, so that ten thousand of them do not fail in a row. */
  holdsOthers: boolean
  keepsStack: boolean
}

/** The failure table: the only place where a kind gets a meaning. Whether it is a trigger error or a job error is decided by the loop that caught it. */
export const failureTable: Record<FailureKind, FailureRule> = {
  auth: { poll: 'fail', job: 'fail', holdsOthers: true, keepsStack: false },
  rate_limited: { poll: 'wait', job: 'wait', holdsOthers: false, keepsStack: false },
  transient: { poll: 'retry', job: 'retry', holdsOthers: false, keepsStack: false },
  rejected: { poll: 'fail', job: 'fail', holdsOthers: false, keepsStack: false },
  bug: { poll: 'fail', job: 'fail', holdsOthers: false, keepsStack: true },
}

/** A failure as a loop judges it. `aborted` is no failure of the work: it is given back and nothing is counted. */
export interface Failure {
  kind: FailureKind | 'aborted'
  code: string
  message: string
  effect: Effect
  status?: number
  retryAfterMs?: number
  details?: Record<string, unknown>
  stack?: string
}

/** Turns anything thrown into a failure. `signal` is the work's own: once it is aborted, whatever was thrown is its echo. */
export function toFailure(thrown: unknown, signal: AbortSignal): Failure {
  if (thrown instanceof FenceLost || signal.aborted)
    return { kind: 'aborted', code: 'aborted', message: 'The work was stopped.', effect: 'unknown' }
  if (thrown instanceof ExpressionError) return { kind: 'rejected', code: thrown.code, message: thrown.message, effect: 'none' }
  if (thrown instanceof ConnectorError) return fromConnector(thrown)
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  return { kind: 'bug', code: 'bug', message: error.message, effect: 'unknown', ...(error.stack && { stack: error.stack }) }
}

function fromConnector(error: ConnectorError): Failure {
  const { kind, code, message, effect, status, retryAfterMs, details, stack } = error
  return {
    kind,
    code,
    message,
    effect,
    ...(status !== undefined && { status }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(Object.keys(details).length > 0 && { details }),
    ...(failureTable[kind].keepsStack && stack && { stack }),
  }
}

/** The failure as it is kept with a run or a job. */
export function toStoredError(failure: Failure): StoredError {
  const { kind, code, message, status, details, stack } = failure
  return {
    kind,
    code,
    message,
    ...(status !== undefined && { status }),
    ...(details && { details }),
    ...(stack && { stack }),
  }
}
