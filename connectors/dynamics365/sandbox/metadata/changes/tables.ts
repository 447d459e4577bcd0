import { notSupported } from '../../error.ts'
import { inLanguages } from '../languages.ts'
import type { Definition, Resource } from '../resource.ts'
import { type MetadataSource, tableResource } from '../table-definition.ts'
import { meets, propertiesIn } from './criteria.ts'
import type { DefinitionHistory } from './history.ts'
import type { DefinitionQuery, Wanted } from './query.ts'

/** What is to be told, and to whom. */
export interface Reading {
  query: DefinitionQuery
  history: DefinitionHistory
  /** Version of the metadata that the client has; undefined: none, so everything is told. */
  since: number | undefined
  /** What is told of a definition that has not changed itself, but something in it: as always, or no more than which one it is. */
  unchanged: 'values' | 'keys'
}

/** A definition that is told. */
interface Found {
  resource: Resource
  wanted: Wanted
  /** Undefined where nothing is compared. */
  changed: boolean | undefined
  /** By property. */
  lists: Record<string, readonly Found[]>
  optionSet?: Found
}

const everything: Wanted = { properties: undefined, criteria: undefined }

/** Told of every definition that has them ("Query schema definitions" of the developer guide of Dataverse). */
const always = new Set(['MetadataId', 'LogicalName', 'HasChanged'])

/**
 * The tables that a query is for, with what is asked of them; of a client that has a version, those that changed since, or in which
 * something did. Shapes are those of "Query schema definitions" and "Cache schema data" of the developer guide of Dataverse: all properties
 * are there, null where they were not asked for; lists are empty then, since OData has no lists that are null.
 * @throws WebApiError 501 for a property that the definitions of the sandbox lack
 */
export function tablesAsked(source: MetadataSource, reading: Reading): Definition[] {
  const { query } = reading
  const tables = [...source.schema.tables.values()].map((table) => tableResource(source, table))
  const unknown = lacking(query, tables.slice(0, 1))
  if (unknown !== undefined) throw notSupported(`the property '${unknown}' of table definitions`)
  const asked = tables.filter(({ properties }) => isAsked(properties, query))
  checkParts(asked, tables, query)
  return asked.flatMap((table) => tableFound(table, reading) ?? []).map((found) => told(found, reading))
}

function isAsked(definition: Definition, { criteria }: Wanted): boolean {
  return criteria === undefined || meets(definition, criteria)
}

function tableFound(resource: Resource, reading: Reading): Found | undefined {
  const lists = Object.fromEntries(
    Object.entries(resource.related!).map(([name, items]) => {
      const asked = isWanted(reading.query, name) ? (items() as readonly Resource[]) : []
      const wanted = wantedOf(reading.query, name)
      return [name, asked.filter(({ properties }) => isAsked(properties, wanted)).flatMap((item) => found(item, wanted, reading) ?? [])]
    }),
  )
  return kept({ resource, wanted: reading.query, changed: hasChanged(resource, reading), lists })
}

function found(resource: Resource, wanted: Wanted, reading: Reading): Found | undefined {
  const options = isWanted(wanted, 'OptionSet') ? (resource.related?.OptionSet?.() as Resource | undefined) : undefined
  const optionSet = options && kept({ resource: options, wanted: everything, changed: hasChanged(options, reading), lists: {} })
  return kept({ resource, wanted, changed: hasChanged(resource, reading), lists: {}, ...(optionSet && { optionSet }) })
}

function hasChanged({ properties }: Resource, { since, history }: Reading): boolean | undefined {
  return since === undefined ? undefined : history.changedWith(String(properties.MetadataId)) > since
}

/** What changed, or holds something that did. */
function kept(one: Found): Found | undefined {
  return one.changed !== false || one.optionSet || Object.values(one.lists).some((list) => list.length > 0) ? one : undefined
}

function wantedOf({ attributes, keys, relationships }: DefinitionQuery, list: string): Wanted {
  if (list === 'Attributes') return attributes
  return list === 'Keys' ? keys : relationships
}

function isWanted({ properties }: Wanted, name: string): boolean {
  return properties === undefined || properties.has(name)
}

function told({ resource, wanted, changed, lists, optionSet }: Found, reading: Reading): Definition {
  const { type, properties, related } = resource
  const bare = changed === false && reading.unchanged === 'keys'
  const answer: Definition = declaresItself(type) ? { '@odata.type': `#Microsoft.Dynamics.CRM.Complex${type}` } : {}
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'HasChanged') answer[name] = changed ?? null
    else answer[name] = always.has(name) || (isWanted(wanted, name) && !bare) ? inLanguages(value, reading.query.languages) : null
  }
  if (related && 'OptionSet' in related) answer.OptionSet = optionSet ? told(optionSet, reading) : null
  for (const [name, list] of Object.entries(lists)) answer[name] = list.map((one) => told(one, reading))
  return answer
}

/** Columns alone are listed under a type that others derive from. In the example of the documentation, ids have that type itself. */
function declaresItself(type: string): boolean {
  return /.AttributeMetadata$/.test(type) && type !== 'UniqueIdentifierAttributeMetadata'
}

const partLists: Readonly<Record<'attributes' | 'keys' | 'relationships', readonly string[]>> = {
  attributes: ['Attributes'],
  keys: ['Keys'],
  relationships: ['OneToManyRelationships', 'ManyToOneRelationships', 'ManyToManyRelationships'],
}

/** A property that no definition of its kind has may be misspelt, or known to the real service only. Looking at all tables takes long. */
function checkParts(asked: readonly Resource[], tables: readonly Resource[], query: DefinitionQuery): void {
  for (const part of ['attributes', 'keys', 'relationships'] as const) {
    const parts = (among: readonly Resource[]) =>
      among.flatMap(({ related }) => partLists[part].flatMap((name) => related![name]!() as readonly Resource[]))
    const unknown = lacking(query[part], parts(asked)) && lacking(query[part], parts(tables))
    if (unknown !== undefined) throw notSupported(`the property '${unknown}' of ${part}`)
  }
}

/** A property that is spoken of, and that no definition has. */
function lacking({ properties, criteria }: Wanted, definitions: readonly Resource[]): string | undefined {
  const names = [...(properties ?? []), ...(criteria ? propertiesIn(criteria) : [])]
  return names.find((name) => !definitions.some((one) => Object.hasOwn(one.properties, name) || Object.hasOwn(one.related ?? {}, name)))
}
