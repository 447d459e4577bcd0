import type { Caller, Organization } from '../organization/open.ts'
import type { Preferences } from './prefer.ts'

/** A request that has passed authentication. */
export interface WebApiRequest {
  method: string
  /** Exactly as received; begins with `/api/data/`. */
  rawUrl: string
  /** By name in lower case. */
  headers: Record<string, string | string[] | undefined>
  body: Buffer
  /** `http://host:port`, the start of every address that is written. */
  origin: string
  /** `systemuserid` of the signed-in user. */
  userId: string
}

export interface WebApiResponse {
  status: number
  headers: Record<string, string>
  body: string | Buffer
}

/** What every operation is given. */
export interface Call {
  organization: Organization
  method: string
  /** `http://host:port/api/data/v9.2` */
  base: string
  /** Behind the base, still percent-encoded, without leading slash. */
  path: string
  /** Behind the question mark, as it was received. */
  rawQuery: string
  query: ReadonlyMap<string, string>
  header(name: string): string | undefined
  prefer: Preferences
  body: Buffer
  caller: Caller
}
