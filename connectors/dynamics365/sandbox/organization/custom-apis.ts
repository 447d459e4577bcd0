import { stableId } from './schema.ts'
import { type CustomApiSeed, type CustomApiType, customApiTypes, type RowSeed } from './seed.ts'

/** Rows of `customapi`, `customapirequestparameter` and `customapiresponseproperty` that describe a custom API (facts sheet "Custom API"). */
export function customApiRows(api: CustomApiSeed): RowSeed[] {
  const customapiid = stableId(`custom api ${api.name}`)
  const bindings = { none: 0, row: 1, set: 2 }
  const named = (name: string) => ({ uniquename: name, name, displayname: name })
  const row = {
    customapiid,
    ...named(api.name),
    bindingtype: bindings[api.binding?.to ?? 'none'],
    boundentitylogicalname: api.binding?.table ?? null,
    isfunction: api.function ?? false,
    isprivate: api.private ?? false,
    allowedcustomprocessingsteptype: 0,
    executeprivilegename: api.executePrivilege ?? null,
  }
  const part = (name: string, type: CustomApiType, table: string | undefined) => ({
    ...named(name),
    'CustomAPIId@odata.bind': `/customapis(${customapiid})`,
    type: customApiTypes.indexOf(type),
    logicalentityname: table ?? null,
  })
  return [
    { table: 'customapi', row },
    ...(api.parameters ?? []).map(({ name, type, table, optional = false }) => ({
      table: 'customapirequestparameter',
      row: { ...part(name, type, table), isoptional: optional },
    })),
    ...(api.results ?? []).map(({ name, type, table }) => ({ table: 'customapiresponseproperty', row: part(name, type, table) })),
  ]
}
