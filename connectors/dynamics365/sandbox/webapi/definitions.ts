import { badQuery, noSuchSegment, notSupported, WebApiError } from '../error.ts'
import { splitOutside } from '../odata/expand.ts'
import type { Table } from '../organization/schema.ts'
import type { Call, WebApiResponse } from './call.ts'
import { attributeDefinition, keyDefinition, manyToOne, oneToMany, optionSet, tableDefinition } from './definition.ts'
import { json } from './response.ts'

type Definition = Record<string, unknown>

/** Parts of a table's definition that are lists of their own. */
const parts: Record<string, (table: Table, call: Call) => Definition[]> = {
  Attributes: (table) => [...table.columns.values()].map((column) => attributeDefinition(table, column)),
  Keys: (table) => table.keys.map((key) => keyDefinition(table, key)),
  ManyToOneRelationships: (table) => manyToOne(table),
  OneToManyRelationships: (table, { organization }) => oneToMany(organization.schema, table),
}

/** `EntityDefinitions` and what stands below it (facts sheet "Reading definitions"). */
export function definitions(call: Call, [first = '', part, cast, ...more]: string[]): WebApiResponse {
  if (more.length > 0) throw notSupported('this path below EntityDefinitions')
  if (first === 'EntityDefinitions') return allTables(call)
  const table = tableOf(call, first)
  const context = `${call.base}/$metadata#EntityDefinitions`
  if (part === undefined) return json(200, { '@odata.context': `${context}/$entity`, ...shaped(call, table) })
  const [, name = '', logicalName] = /^(\w+)(?:\(LogicalName='([^']*)'\))?$/.exec(decodeURIComponent(part)) ?? []
  const list = parts[name]?.(table, call)
  if (!list) throw noSuchSegment(part)
  if (logicalName === undefined) return json(200, { '@odata.context': `${context}('${table.logicalName}')/${name}`, value: list.map((one) => picked(one, call.query.get('$select'))) })
  const column = table.columns.get(logicalName)
  if (name !== 'Attributes' || !column) throw new WebApiError(404, '0x80060891', `Could not find an attribute with the specified name '${logicalName}'.`)
  const definition = attributeDefinition(table, column)
  if (cast !== undefined && definition['@odata.type'] !== `#${cast}`) throw new WebApiError(404, '0x80060888', `Resource not found for the segment '${cast}'.`)
  const expanded = cast !== undefined && call.query.has('$expand') ? optionSet(table, column) : {}
  return json(200, { '@odata.context': `${context}('${table.logicalName}')/Attributes/$entity`, ...picked(definition, call.query.get('$select')), ...expanded })
}

function allTables(call: Call): WebApiResponse {
  const tables = [...call.organization.schema.tables.values()].filter(filterOf(call.query.get('$filter')))
  return json(200, { '@odata.context': `${call.base}/$metadata#EntityDefinitions`, value: tables.map((table) => shaped(call, table)) })
}

function tableOf({ organization }: Call, segment: string): Table {
  const [, name, id] = /^EntityDefinitions\((?:LogicalName='([^']*)'|([0-9a-f-]{36}))\)$/i.exec(decodeURIComponent(segment)) ?? []
  const table = name === undefined ? [...organization.schema.tables.values()].find((one) => one.metadataId === id?.toLowerCase()) : organization.schema.tables.get(name)
  if (!table) throw new WebApiError(404, '0x80060888', `Could not find an entity with the specified name '${name ?? id}' in the metadata cache.`)
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
  for (const name of wanted) if (!(name in definition) && !known.has(name)) throw badQuery(`Could not find a property named '${name}' on this type of definition.`)
  return Object.fromEntries(Object.entries(definition).filter(([name]) => name === 'MetadataId' || name.startsWith('@') || wanted.has(name)))
}

/** Properties that only some types of attributes have. */
const known = new Set(['Targets', 'MaxLength', 'PrimaryImageAttribute', 'OptionSet'])

/** `Property eq 'text'` or `eq true`, joined by `and`. */
function filterOf(text: string | undefined): (table: Table) => boolean {
  if (text === undefined) return () => true
  const terms = text.split(/\s+and\s+/).map((term) => {
    const [, name, , word, quotedText] = /^(\w+)\s+eq\s+((true|false)|'([^']*)')$/.exec(term.trim()) ?? []
    if (name === undefined) throw notSupported('this $filter of definitions')
    return (table: Table) => tableDefinition(table)[name] === (word === undefined ? quotedText : word === 'true')
  })
  return (table) => terms.every((term) => term(table))
}
