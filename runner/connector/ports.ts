import type { Json } from './json.ts'

/** Time from outside, so that tests own it. */
export interface Clock {
  now(): Date
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** Lines for people and machines; goes to stderr, masked. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
}

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** Absolute, or relative to the connection's base URL (which ends with `/`). Sent byte for byte as given. */
  url: string
  headers?: Record<string, string>
  body?: string | Uint8Array
  /** May be sent again when no answer came. Default: only for GET. */
  repeatable?: boolean
  /** Milliseconds until the request is given up; default the connection's `timeout`. */
  timeoutMs?: number
  signal?: AbortSignal
}

export interface HttpResponse {
  status: number
  /** Names in lower case; several headers of one name are joined with `, `. */
  headers: Record<string, string>
  /** The whole body as UTF-8 text. */
  body: string
}

/**
 * An authorized request to the connection's system.
 *
 * Returns every answer below 500 that is not 401 or 429, so that the caller judges it. Before that it renews the access token once after a 401,
 * waits as `Retry-After` says after 429 and 503, and repeats an unanswered repeatable request three times.
 * @throws ConnectorError `auth` (needs sign-in, bad credential), `rate_limited` (asked to wait longer than the signal allows), `transient` (no answer, 5xx)
 */
export type Request = (request: HttpRequest) => Promise<HttpResponse>

/** The last seen state of one row, kept between polls so that changes can be compared. */
export interface SnapshotRow {
  /** Opaque version of the row, compared for equality only. */
  version: string
  /** The watched values as they were. */
  values: Json
}

/** `row: null` forgets the row. */
export interface SnapshotChange {
  id: string
  row: SnapshotRow | null
}

/** Reads the snapshot of the recipe that polls; changes travel back with the page. */
export interface Snapshot {
  get(ids: readonly string[]): Promise<Map<string, SnapshotRow>>
  /** All row ids, in slices, in ascending order. */
  ids(): AsyncIterable<string[]>
}

/** What an action may keep between its attempts, stored before the promise resolves. Survives crashes. */
export interface Progress {
  /** What the last `save` of an earlier attempt of this very step stored; undefined on a first attempt. */
  readonly saved: Json | undefined
  save(value: Json): Promise<void>
}
