import { badQuery, noSuchSegment, notSupported, WebApiError } from '../error.ts'
import { splitOutside } from '../odata/expand.ts'
import type { Column, Table } from '../organization/schema.ts'
import type { Call, WebApiResponse } from './call.ts'
import { attributeDefinition, keyDefinition, manyToOne, oneToMany, optionSet, tableDefinition } from './definition.ts'
import { matching } from './definition-filter.ts'
import { json } from './response.ts'

type Definition = Record<string, unknown>

/** Parts of a table's definition that are lists of their own. */
const parts: Record<string, (table: Table, call: Call) => Definition[]> = {
  Attributes: (table) => [...table.columns.values()].map((column) => attributeDefinition(table, column)),
  Keys: (table) => table.keys.map((key) => keyDefinition(table, key)),
  ManyToOneRelationships: (table, { organization }) => manyToOne(organization.schema, table),
  OneToManyRelationships: (table, { organization }) => oneToMany(organization.schema, table),
}

/** `EntityDefinitions` and what stands below it (facts sheet "Reading definitions"): no paging, everything at once. */
export function definitions(call: Call, [first = '', part, cast, ...more]: string[]): WebApiResponse {
  if (more.length > 0) throw notSupported('this path below EntityDefinitions')
  const unknown = [...call.query.keys()].find((name) => !options.has(name))
  if (unknown !== undefined) throw notSupported(`${unknown} on definitions`)
  if (first === 'EntityDefinitions') return allTables(call)
  const table = tableOf(call, first)
  if (part === undefined) return json(200, { '@odata.context': `${call.base}/$metadata#EntityDefinitions/$entity`, ...shaped(call, table) })
  const [, name = '', key] = /^(\w+)(?:\((.*)\))?$/s.exec(decodeURIComponent(part)) ?? []
  if (name === 'Attributes' && cast !== undefined && key === undefined) return columnsOfType(call, table, cast)
  if (name === 'Attributes' && key !== undefined) return oneColumn(call, table, key, cast)
  const list = parts[name]?.(table, call)
  if (!list || key !== undefined || cast !== undefined) throw noSuchSegment(cast ?? part)
  return listed(
    call,
    table,
    name,
    matching(list, call.query.get('$filter')).map((one) => picked(one, call.query.get('$select'))),
  )
}

const options = new Set(['$select', '$filter', '$expand', 'LabelLanguages'])

function listed(call: Call, table: Table, path: string, value: Definition[]): WebApiResponse {
  return json(200, { '@odata.context': `${call.base}/$metadata#EntityDefinitions('${table.logicalName}')/${path}`, value })
}

/** One cast per request: `Attributes/Microsoft.Dynamics.CRM.PicklistAttributeMetadata`. */
function columnsOfType(call: Call, table: Table, cast: string): WebApiResponse {
  const columns = [...table.columns.values()].filter((column) => attributeDefinition(table, column)['@odata.type'] === `#${cast}`)
  const byName = new Map(columns.map((column) => [column.name, column]))
  const found = matching(
    columns.map((column) => attributeDefinition(table, column)),
    call.query.get('$filter'),
  )
  return listed(
    call,
    table,
    `Attributes/${cast}`,
    found.map((one) => withChoices(call, table, byName.get(String(one.LogicalName))!, one)),
  )
}

function oneColumn(call: Call, table: Table, key: string, cast: string | undefined): WebApiResponse {
  const name = /^LogicalName='([^']*)'$/.exec(key)?.[1]
  const column =
    name === undefined ? [...table.columns.values()].find((one) => one.metadataId === key.toLowerCase()) : table.columns.get(name)
  if (!column) throw new WebApiError(404, '0x80060891', `Could not find an attribute with the specified name '${name ?? key}'.`)
  const definition = attributeDefinition(table, column)
  if (cast !== undefined && definition['@odata.type'] !== `#${cast}`) throw noSuchSegment(cast)
  const context = `${call.base}/$metadata#EntityDefinitions('${table.logicalName}')/Attributes${cast === undefined ? '' : `/${cast}`}/$entity`
  const shown = cast === undefined ? picked(definition, call.query.get('$select')) : withChoices(call, table, column, definition)
  return json(200, { '@odata.context': context, ...shown })
}

/** The choices come with `$expand=OptionSet`, after a cast only. */
function withChoices(call: Call, table: Table, column: Column, definition: Definition): Definition {
  const sets = optionSet(table, column)
  const shown = picked(definition, call.query.get('$select'))
  for (const expand of splitOutside(call.query.get('$expand') ?? '', ',').filter((one) => one.trim() !== '')) {
    const name = /^\s*(\w+)/.exec(expand)?.[1] ?? ''
    if (!(name in sets)) throw badQuery(`Could not find a property named '${name}' on this type of definition.`)
    shown[name] = sets[name]
  }
  return shown
}

function allTables(call: Call): WebApiResponse {
  const all = [...call.organization.schema.tables.values()]
  const wanted = new Set(matching(all.map(tableDefinition), call.query.get('$filter')).map(({ LogicalName }) => LogicalName))
  const tables = all.filter(({ logicalName }) => wanted.has(logicalName))
  return json(200, { '@odata.context': `${call.base}/$metadata#EntityDefinitions`, value: tables.map((table) => shaped(call, table)) })
}

function tableOf({ organization }: Call, segment: string): Table {
  const [, name, id] = /^EntityDefinitions\((?:LogicalName='([^']*)'|([0-9a-f-]{36}))\)$/i.exec(decodeURIComponent(segment)) ?? []
  const table =
    name === undefined
      ? [...organization.schema.tables.values()].find((one) => one.metadataId === id?.toLowerCase())
      : organization.schema.tables.get(name)
  if (!table)
    throw new WebApiError(404, '0x80060888', `Could not find an entity with the specified name '${name ?? id}' in the metadata cache.`)
  return table
}

/** The definition with what `$select` and `$expand` ask for. */
function shaped(call: Call, table: Table): Definition {
  const definition = picked(tableDefinition(table), call.query.get('$select'))
  for (const expand of splitOutside(call.query.get('$expand') ?? '', ',').filter((one) => one.trim() !== '')) {
    const [, name = '', options = ''] = /^\s*(\w+)\s*(?:\((.*)\))?\s*$/s.exec(expand) ?? []
    const list = parts[name]
    if (!list) throw badQuery(`Could not find a property named '${name}' on type 'Microsoft.Dynamics.CRM.EntityMetadata'.`)
    const select = /^\s*\$select=([\w,\s]*)$/.exec(options)?.[1]
    if (options !== '' && select === undefined) throw notSupported('options other than $select inside $expand of definitions')
    definition[name] = list(table, call).map((one) => picked(one, select))
  }
  return definition
}

/** `MetadataId` and annotations always come back. */
function picked(definition: Definition, select: string | undefined): Definition {
  if (select === undefined) return { ...definition }
  const wanted = new Set(select.split(',').map((name) => name.trim()))
  for (const name of wanted)
    if (!(name in definition) && !known.has(name)) throw badQuery(`Could not find a property named '${name}' on this type of definition.`)
  return Object.fromEntries(
    Object.entries(definition).filter(([name]) => name === 'MetadataId' || name.startsWith('@') || wanted.has(name)),
  )
}

/** Properties that only some types of attributes have. */
const known = new Set(['Targets', 'MaxLength', 'MinValue', 'MaxValue', 'Precision', 'Format', 'DateTimeBehavior'])
