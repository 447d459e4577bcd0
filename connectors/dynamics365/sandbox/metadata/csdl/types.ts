import type { Operation, OperationType } from '../../operations/operation.ts'
import { complexTypes, enumTypes, flagTypes } from '../../operations/types.ts'
import type { Schema } from '../../organization/schema.ts'
import { complexType } from './operations.ts'
import { element } from './xml.ts'

const entityTypes = new Set(['crmbaseentity', 'expando', 'crmmodelbaseentity', 'activitypointer', 'principal'])

/**
 * The complex types and enumerations that operations use, and those that these use themselves.
 * A type that the sandbox knows by name only is an open one, so that no reference dangles.
 */
export function typeElements(schema: Schema, operations: readonly Operation[]): string[] {
  const used = new Set<string>()
  const use = (type: string) => {
    const name = /mscrm\.(\w+)/.exec(type)?.[1]
    if (name === undefined || used.has(name) || entityTypes.has(name) || schema.tables.has(name)) return
    used.add(name)
    for (const member of Object.values(complexTypes[name] ?? {})) use(member)
  }
  for (const { parameters, returns = [] } of operations)
    for (const type of [
      ...parameters.map((one) => one.type),
      ...(typeof returns === 'string' ? [returns] : returns.map((one) => one.type)),
    ])
      use(type)
  return [...used].sort().map(typeElement)
}

function typeElement(name: string): string {
  const members = complexTypes[name]
  if (members)
    return complexType(
      name,
      Object.entries(members).map(([member, type]) => ({ name: member, type: type as OperationType })),
    )
  if (enumTypes[name]) return enumType(name, enumTypes[name])
  return element('ComplexType', { Name: name, OpenType: true })
}

function enumType(name: string, members: Readonly<Record<string, number>>): string {
  return element(
    'EnumType',
    { Name: name, IsFlags: flagTypes.has(name) || undefined },
    Object.entries(members).map(([member, value]) => element('Member', { Name: member, Value: value })),
  )
}
