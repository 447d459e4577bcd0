import { environment } from './environment.ts'
import { anything, either, optional } from './known.ts'
import type { JsonSchema } from './types.ts'

export interface Signature {
  /** What it is called on, in the words of messages; undefined for a function that is not called on a value. */
  receiver?: string
  parameters: (string | undefined)[]
  result: JsonSchema
}

const schemaOf: Record<string, JsonSchema> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int: { type: 'whole' },
  uint: { type: 'whole' },
  double: { type: 'number' },
  bytes: { type: 'bytes' },
  type: { type: 'type' },
  'google.protobuf.Timestamp': { type: 'time' },
  'google.protobuf.Duration': { type: 'duration' },
}

const familyOf: Record<string, string> = {
  string: 'text',
  bool: 'true or false',
  int: 'a number',
  uint: 'a number',
  double: 'a number',
  bytes: 'bytes',
  'google.protobuf.Timestamp': 'a time',
  'google.protobuf.Duration': 'a duration',
}

function schemaNamed(name: string): JsonSchema {
  if (name.startsWith('list')) return { type: 'array' }
  if (name.startsWith('map')) return { type: 'object' }
  if (name.startsWith('optional')) return optional(anything)
  return schemaOf[name] ?? anything
}

/** Undefined for a parameter that takes anything. */
function familyNamed(name: string): string | undefined {
  if (name.startsWith('list')) return 'a list'
  if (name.startsWith('map')) return 'a map'
  return familyOf[name]
}

let byName: Map<string, Signature[]> | undefined

/** Every way to call a function or method of that name, CEL's and ours. */
export function signaturesOf(name: string): Signature[] {
  byName ??= Map.groupBy(allSignatures(), ({ name }) => name)
  return byName.get(name) ?? []
}

function allSignatures(): (Signature & { name: string })[] {
  return environment.getDefinitions().functions.map(({ name, receiverType, returnType, params }) => ({
    name,
    ...(receiverType !== null && { receiver: familyNamed(receiverType) ?? receiverType }),
    parameters: params.map(({ type }) => familyNamed(type)),
    result: schemaNamed(returnType),
  }))
}

export function resultOf(signatures: readonly Signature[]): JsonSchema {
  return either(signatures.map(({ result }) => result))
}
