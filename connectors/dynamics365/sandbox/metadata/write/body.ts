import { badPayload } from '../../error.ts'
import { invalid, invalidName } from './refuse.ts'

/** A definition as it was sent. Only its form is known. */
export type DefinitionBody = Record<string, unknown>

export function isObject(value: unknown): value is DefinitionBody {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The type that a body declares, without namespace: `#Microsoft.Dynamics.CRM.StringAttributeMetadata` is `StringAttributeMetadata`. Empty without. */
export function typeIn(body: DefinitionBody): string {
  return String(body['@odata.type'] ?? '').replace(/^#?(Microsoft\.Dynamics\.CRM\.)?/, '')
}

/** A body that declares none has the type, where there is one only. @throws WebApiError 400 for another than the expected ones */
export function declaredType(body: DefinitionBody, expected: readonly string[]): string {
  const type = typeIn(body) || (expected.length === 1 ? expected[0]! : '')
  if (expected.includes(type)) return type
  throw invalid(`The property @odata.type must name one of these types of Microsoft.Dynamics.CRM: ${expected.join(', ')}.`)
}

/** @throws WebApiError 400 for a property that the type does not have */
export function checkProperties(body: DefinitionBody, type: string, known: ReadonlySet<string>): void {
  const unknown = Object.keys(body).find((name) => !name.includes('@') && !known.has(name))
  if (unknown !== undefined) throw badPayload(type, `The property '${unknown}' does not exist on type 'Microsoft.Dynamics.CRM.${type}'.`)
}

/** A value that must be a text, where it is there at all. @throws WebApiError 400 */
export function textOf(body: DefinitionBody, name: string): string | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw invalid(`${name} must be a text.`)
}

/** @throws WebApiError 400 */
export function numberOf(body: DefinitionBody, name: string): number | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  const isWritten = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')
  if (isWritten && Number.isFinite(Number(value))) return Number(value)
  throw invalid(`${name} must be a number.`)
}

/** @throws WebApiError 400 */
export function listOf(body: DefinitionBody, name: string): DefinitionBody[] {
  const value = body[name] ?? []
  if (Array.isArray(value) && value.every(isObject)) return value
  throw invalid(`${name} must be a list of objects.`)
}

/** Names that a publisher gives: a prefix of two to eight characters that is not Microsoft's, an underscore, and letters, digits and underscores. */
const customName = /^(?!mscrm)[A-Za-z][A-Za-z0-9]{1,7}_[A-Za-z0-9_]+$/i

/**
 * The schema name of a definition that a customer makes.
 * @throws WebApiError 400 without prefix, with other characters, or longer than 50
 */
export function customSchemaName(body: DefinitionBody, property = 'SchemaName'): string {
  const name = textOf(body, property) ?? ''
  if (name.length <= 50 && customName.test(name)) return name
  throw invalidName(
    `The ${property} '${name}' is invalid or missing. Custom attribute, entity, entity key, option set and relationship names must start with a valid customization prefix, such as new_, and have at most 50 letters, digits and underscores.`,
  )
}
