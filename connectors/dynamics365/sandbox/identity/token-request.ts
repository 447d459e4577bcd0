import type { Dialect } from './dialects/dialect.ts'
import { EntraError } from './errors.ts'

/** A call of the token endpoint, as far as the grants read it. */
export interface TokenRequest {
  dialect: Dialect
  /** As in the path; of AD FS the directory's own. */
  tenant: string
  /** `http://host:port` that the client called. */
  origin: string
  headers: Headers
  form: ReadonlyMap<string, string>
}

/**
 * Reads the form; unknown fields are kept and ignored.
 * @throws EntraError 9002313 when it is no form, or has a field twice (RFC 6749 section 3.2)
 */
export function readForm(body: string, contentType: string | undefined): Map<string, string> {
  if (!contentType?.toLowerCase().startsWith('application/x-www-form-urlencoded')) throw new EntraError(9002313)
  const fields = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(body)) {
    if (fields.has(name)) throw new EntraError(9002313)
    fields.set(name, value)
  }
  return fields
}

/** @throws EntraError 900144 */
export function requiredField({ form }: TokenRequest, name: string): string {
  const value = form.get(name)
  if (!value) throw new EntraError(900144, { parameter: name })
  return value
}
