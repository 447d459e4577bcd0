import { badQuery } from '../../error.ts'
import { complexTypes } from '../../operations/types.ts'

export type Json = Record<string, unknown>

/** The members of an object of a complex type; none of one that is not given. @throws WebApiError 400 */
export function membersOf(value: unknown, type: string): Json {
  if (value == null) return {}
  if (typeof value !== 'object' || Array.isArray(value))
    throw badQuery(`An object of the type 'Microsoft.Dynamics.CRM.${type}' is expected.`)
  const unknown = Object.keys(value).find((name) => !name.includes('@') && !Object.hasOwn(complexTypes[type]!, name))
  if (unknown !== undefined) throw badQuery(`The property '${unknown}' does not exist on type 'Microsoft.Dynamics.CRM.${type}'.`)
  return value as Json
}

/** The items of a list; none of one that is not given. @throws WebApiError 400 */
export function listOf(value: unknown, name: string): unknown[] {
  if (value != null && !Array.isArray(value)) throw badQuery(`The value of '${name}' must be a list.`)
  return (value as unknown[] | null | undefined) ?? []
}
