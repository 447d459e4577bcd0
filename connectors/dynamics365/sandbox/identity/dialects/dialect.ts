import type { Context } from 'hono'
import type { Directory, Realm, Registration } from '../directory.ts'
import type { EntraError } from '../errors.ts'
import type { Fields } from '../fields.ts'
import type { Issued } from '../issue.ts'
import type { Scope } from '../scope.ts'

/** In what Entra v2, Entra v1 and AD FS differ. The grants themselves are the same for all. */
export interface Dialect {
  realm: Realm
  /** Behind the origin, such as `/<tenant>/oauth2/v2.0`. */
  base(directory: Directory): string
  /**
   * What is asked for: `scope` or `resource`. Undefined where a token request leaves it to the sign-in that came before.
   * @throws EntraError
   */
  readScope(fields: Fields, origin: string, directory: Directory): Scope | undefined
  /** The sign-in itself must name what it asks for. */
  scopeAtOnce: boolean
  isRegistered(redirectUri: string, client: Registration, directory: Directory): boolean
  /** A wrong proof key uses the code up. */
  burnsCode: boolean
  /** Signature algorithms that a client assertion may have. */
  assertionAlgorithms: readonly string[]
  /** Seconds that a sign-in lasts however it is used; undefined: as long as it is used. */
  fixedRefreshSeconds?: number
  /** Whether a renewal brings a refresh token. */
  renewsRefreshToken(directory: Directory): boolean
  answer(issued: Issued): Record<string, unknown>
  refuse(directory: Directory, c: Context, error: EntraError): Response
}
