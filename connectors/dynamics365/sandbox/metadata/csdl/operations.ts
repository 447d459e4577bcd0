import type { Operation, Parameter } from '../../operations/operation.ts'
import { element } from './xml.ts'

/** A function or action, once for each table that it is bound to, with the complex type of its result. */
export function operationElements(operation: Operation): string[] {
  const { name, kind, binding, returns, composable } = operation
  const result = typeof returns === 'string' ? returns : returns && `mscrm.${name}Response`
  const tag = kind === 'function' ? 'Function' : 'Action'
  const attributes = { Name: name, IsBound: binding && true, IsComposable: kind === 'function' && composable ? true : undefined }
  const tail = [
    ...operation.parameters.map(parameterElement),
    ...(result === undefined ? [] : [element('ReturnType', { Type: result, Nullable: false, ...facets(result) })]),
  ]
  return [
    ...(typeof returns === 'object' ? [complexType(`${name}Response`, returns)] : []),
    ...(binding
      ? (binding.tables ?? ['crmbaseentity']).map((table) => element(tag, attributes, [bindingParameter(binding.to, table), ...tail]))
      : [element(tag, attributes, tail)]),
  ]
}

/** Unbound operations are reached through the container. */
export function importElement({ name, kind, binding }: Operation): string[] {
  if (binding) return []
  const tag = kind === 'function' ? 'Function' : 'Action'
  return [element(`${tag}Import`, { Name: name, [tag]: `Microsoft.Dynamics.CRM.${name}` })]
}

export function complexType(name: string, members: readonly Pick<Parameter, 'name' | 'type'>[]): string {
  return element(
    'ComplexType',
    { Name: name },
    members.map((one) => element('Property', { Name: one.name, Type: one.type, ...facets(one.type) })),
  )
}

function bindingParameter(to: 'row' | 'set', table: string): string {
  const [name, type] = to === 'row' ? ['entity', `mscrm.${table}`] : ['entityset', `Collection(mscrm.${table})`]
  return element('Parameter', { Name: name, Type: type, Nullable: false })
}

function parameterElement({ name, type, optional }: Parameter): string {
  return element('Parameter', { Name: name, Type: type, Nullable: optional ? undefined : false, ...facets(type) })
}

function facets(type: string) {
  return type.includes('Edm.String') ? { Unicode: false } : type.includes('Edm.Decimal') ? { Scale: 'Variable' } : {}
}
