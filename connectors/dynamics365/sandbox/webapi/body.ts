import { badPayload } from '../error.ts'
import { readJson } from '../json.ts'
import type { Table } from '../organization/schema.ts'
import type { Call } from './call.ts'

/** The request's body as a JSON object, long numbers digit for digit. @throws WebApiError 0x80048d19 */
export function bodyOf(call: Call, table: Table): Record<string, unknown> {
  return objectBody(call, table.entitySetName)
}

/** The parameters of an action; no body at all counts as none. @throws WebApiError 0x80048d19 */
export function actionBody(call: Call, action: string): Record<string, unknown> {
  return call.body.length === 0 ? {} : objectBody(call, action)
}

/** @param subject what the body is of, for messages. @throws WebApiError 0x80048d19 for what is no JSON object */
export function objectBody({ body }: Call, subject: string): Record<string, unknown> {
  try {
    const value = readJson(body.toString('utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Told below, as for any other value that is no object.
  }
  throw badPayload(subject, 'The body must be a JSON object.')
}
