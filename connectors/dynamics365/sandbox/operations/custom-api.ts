import type { CustomApiSeed, CustomApiType } from '../organization/seed.ts'
import { requirePrivilege } from '../privileges/check.ts'
import type { Operation, OperationType, Parameter } from './operation.ts'

/** A custom API that the seed declares, as an operation: its results are fixed values or repeat a parameter. */
export function customApi({ name, binding, parameters = [], results = [], executePrivilege, ...api }: CustomApiSeed): Operation {
  return {
    name,
    kind: api.function ? 'function' : 'action',
    sheet: '12.6',
    about: 'a custom API',
    ...(binding && { binding: { to: binding.to, tables: [binding.table] } }),
    parameters: parameters.map((one): Parameter => ({ name: one.name, type: typeOf(one), ...(one.optional && { optional: true }) })),
    ...(results.length > 0 && { returns: results.map((one): Parameter => ({ name: one.name, type: typeOf(one) })) }),
    ...(api.private && { private: true }),
    run({ call, organization, parameters: given }) {
      if (executePrivilege !== undefined) requirePrivilege(organization, call.caller, executePrivilege)
      if (results.length === 0) return undefined
      return Object.fromEntries(results.map(({ name, value, from }) => [name, (from === undefined ? value : given[from]) ?? null]))
    },
  }
}

function typeOf({ type, table = 'crmbaseentity' }: { type: CustomApiType; table?: string }): OperationType {
  const types: Record<CustomApiType, OperationType> = {
    Boolean: 'Edm.Boolean',
    DateTime: 'Edm.DateTimeOffset',
    Decimal: 'Edm.Decimal',
    Entity: `mscrm.${table}`,
    EntityCollection: `Collection(mscrm.${table})`,
    EntityReference: `mscrm.${table}`,
    Float: 'Edm.Double',
    Integer: 'Edm.Int32',
    Money: 'Edm.Decimal',
    Picklist: 'Edm.Int32',
    String: 'Edm.String',
    StringArray: 'Collection(Edm.String)',
    Guid: 'Edm.Guid',
  }
  return types[type]
}
