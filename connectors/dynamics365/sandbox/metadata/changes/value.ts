import { parseJson } from '../../../../../runner/connector/index.ts'
import { badQuery } from '../../error.ts'
import { membersOf } from './members.ts'

/** The value of a condition. */
export interface ConditionValue {
  /** Name of the type in .NET; empty for null. */
  type: string
  values: readonly (string | number | boolean | null)[]
  several: boolean
}

/**
 * Reads an `Object` of the Web API: two texts, the name of a type in .NET and the value, which for a list is JSON whose texts may stand
 * in single quotes ("Query schema definitions" of the developer guide of Dataverse, and its example with `System.String[]`).
 * @throws WebApiError 400
 */
export function readValue(object: unknown): ConditionValue {
  const { Type, Value } = membersOf(object, 'Object')
  if (Value == null) return { type: '', values: [null], several: false }
  const type = String(Type)
  const several = type.endsWith('[]')
  const texts = several ? listIn(Value) : [Value]
  return { type, several, values: texts.map((text) => converted(type.replace('[]', ''), String(text))) }
}

function converted(type: string, text: string): string | number | boolean {
  if (type === 'System.Boolean' && /^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  if (type === 'System.Int32' && /^-?\d+$/.test(text)) return Number(text)
  if (type === 'System.Guid') return text.toLowerCase()
  if (type === 'System.String' || type.startsWith('Microsoft.Xrm.Sdk.Metadata.')) return text
  throw badQuery(`The value '${text}' cannot be read as '${type}'.`)
}

function listIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  try {
    const list: unknown = parseJson(String(value).replaceAll("'", '"'))
    if (Array.isArray(list)) return list
  } catch {
    // Told below, together with JSON that is no list.
  }
  throw badQuery(`The value '${value}' is no list.`)
}
