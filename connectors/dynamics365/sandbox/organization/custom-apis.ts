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

/** @throws RangeError for one that there cannot be */
export function checkCustomApis(apis: readonly CustomApiSeed[]): void {
  for (const [index, api] of apis.entries()) {
    const wrong = apis.findIndex(({ name }) => name === api.name) < index ? 'is declared twice' : wrongCustomApi(api)
    if (wrong !== undefined) throw new RangeError(`The custom API \`${api.name}\` ${wrong}.`)
  }
}

function wrongCustomApi({ name, function: isFunction, parameters = [], results = [] }: CustomApiSeed): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9]*_\w+$/.test(name)) return 'needs a name with the prefix of a publisher, such as `hrb_Dock`'
  const untyped = [...parameters, ...results].find(({ type }) => !customApiTypes.includes(type))
  if (untyped) return `has \`${untyped.name}\` without one of the types ${customApiTypes.join(', ')}`
  if (isFunction && results.length === 0) return 'is a function, which needs a result'
  const lost = results.find(({ from }) => from !== undefined && !parameters.some((one) => one.name === from))
  return lost && `has no parameter \`${lost.from}\` for \`${lost.name}\``
}

/** A sentence on the first that names a table which there is not. */
export function tableLacking(apis: readonly CustomApiSeed[], tables: ReadonlyMap<string, unknown>): string | undefined {
  for (const { name, binding, parameters = [], results = [] } of apis) {
    const lost = [binding, ...parameters, ...results].find((one) => one?.table !== undefined && !tables.has(one.table))
    if (lost) return `The custom API \`${name}\` names the table \`${lost.table}\`, and there is no such table.`
  }
  return undefined
}
