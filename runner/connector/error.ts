/** What happened, in the only terms that the loop which catches it needs. The table in `engine/failure.ts` gives each kind its meaning. */
export type FailureKind = 'auth' | 'rate_limited' | 'transient' | 'rejected' | 'bug'

/** `none`: the other system has certainly not carried the request out. `unknown`: it may have. */
export type Effect = 'none' | 'unknown'

export interface FailureFacts {
  /** Default `none`. Only a request that was sent and not answered, or answered 5xx, leaves it `unknown`. */
  effect?: Effect
  /** HTTP status of the answer, where there was one. */
  status?: number
  /** How long the other system asked us to wait, in milliseconds. */
  retryAfterMs?: number
  /** What helps a person: request path, service request id, the other system's own code, likely fix. Never a header or a credential. */
  details?: Record<string, unknown>
  cause?: unknown
}

/**
 * The one error that a connector throws. It says what happened and nothing about jobs, retries or recipes.
 *
 * `code` is stable, snake_case and listed in `connector/codes.ts`; `message` is one sentence for a person and holds no secret.
 */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError'
  readonly kind: FailureKind
  readonly code: string
  readonly effect: Effect
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined
  readonly details: Record<string, unknown>

  constructor(kind: FailureKind, code: string, message: string, facts: FailureFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.kind = kind
    this.code = code
    this.effect = facts.effect ?? 'none'
    this.status = facts.status
    this.retryAfterMs = facts.retryAfterMs
    this.details = facts.details ?? {}
  }
}
