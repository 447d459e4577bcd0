import type { Context } from 'hono'
import type { Directory } from './directory.ts'
import { EntraError, type ErrorBody, errorBody } from './errors.ts'

export const noStore = { 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache', Expires: '-1', 'X-Content-Type-Options': 'nosniff' }

/**
 * A thrown error as the JSON answer that Entra gives.
 * @param as the `error` of an endpoint that names it otherwise
 * @throws whatever is no EntraError
 */
export function refusal(directory: Directory, c: Context, thrown: unknown, as?: string): Response {
  const { error, body } = describe(directory, c, thrown)
  return c.json({ ...body, ...(as && { error: as }) }, (error.entry.status ?? 400) as 400, {
    ...noStore,
    'Content-Type': 'application/json; charset=utf-8',
    'x-ms-request-id': body.trace_id,
    'x-ms-clitelem': `1,${error.code},0,,`,
  })
}

/** @throws whatever is no EntraError */
export function describe({ clock }: Directory, c: Context, thrown: unknown): { error: EntraError; body: ErrorBody } {
  if (!(thrown instanceof EntraError)) throw thrown
  const sent = c.req.header('client-request-id')
  return { error: thrown, body: errorBody(thrown, clock(), sent && /^[\da-f-]{36}$/i.test(sent) ? sent : undefined) }
}
