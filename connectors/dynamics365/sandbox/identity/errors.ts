import { randomUUID } from 'node:crypto'
import { type Entry, errors } from './error-table.ts'

export type ErrorCode = keyof typeof errors

/** Whether it is an AADSTS number of the table. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'number' && Object.hasOwn(errors, code)
}

/** A refusal by the identity plane; `facts` fill the sentence. */
export class EntraError extends Error {
  override readonly name = 'EntraError'
  readonly code: ErrorCode
  readonly entry: Entry
  /** Overrides the entry's `error`, where the service is known to answer one number with several. */
  readonly error: string
  constructor(code: ErrorCode, facts: Record<string, string> = {}, error?: string) {
    const entry: Entry = errors[code]
    super(`AADSTS${code}: ${entry.text.replace(/\{(\w+)\}/g, (_, name: string) => facts[name] ?? '')}`)
    this.code = code
    this.entry = entry
    this.error = error ?? entry.error
  }
}

export interface ErrorBody {
  error: string
  error_description: string
  error_codes: number[]
  timestamp: string
  trace_id: string
  correlation_id: string
  error_uri?: string
  suberror?: string
  claims?: string
}

/** The body of facts sheet "Payload", fields in the order they were recorded. */
export function errorBody({ message, code, entry, error }: EntraError, at: Date, correlationId: string = randomUUID()): ErrorBody {
  const timestamp = `${at.toISOString().slice(0, 19).replace('T', ' ')}Z`
  const trace = randomUUID()
  return {
    error,
    error_description: `${message} Trace ID: ${trace} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: trace,
    correlation_id: correlationId,
    ...(!entry.noUri && { error_uri: `https://login.microsoftonline.com/error?code=${code}` }),
    ...(entry.suberror && { suberror: entry.suberror }),
    ...(entry.claims && { claims: entry.claims }),
  }
}
