import { badQuery, noSuchSegment, notSupported, WebApiError } from '../error.ts'
import { percentDecoded } from '../odata/percent.ts'
import type { Organization } from '../organization/open.ts'
import { choiceTypes, globalOptionSet } from './option-set.ts'
import { relationships } from './relationship-definition.ts'
import type { Resource } from './resource.ts'
import { listType } from './shape.ts'
import { tableResource } from './table-definition.ts'

const namespace = 'Microsoft.Dynamics.CRM.'

/** A set of resources at an address, whose items share a declared type. */
export interface Place {
  /** As `@odata.context` names it. */
  path: string
  declared?: string
  items: readonly Resource[]
}

/** One resource; `address` is the path of what lies below it, where that differs from the path of the set it is of. */
export type Found = Place | { path: string; address?: string; declared?: string; item: Resource }

/**
 * Walks from set to item, from item to one of its lists, and through casts.
 * @throws WebApiError 404
 */
export function findDefinition(organization: Organization, [first = '', ...rest]: readonly string[]): Found {
  let found: Found | undefined
  for (const segment of [first, ...rest]) {
    const { name, key } = parse(segment)
    if (found === undefined) found = rootOf(organization, name)
    else if (name.startsWith(namespace)) found = cast(organization, found, name.slice(namespace.length))
    else if ('item' in found) found = below(found, name)
    else throw noSuchSegment(name)
    if (key !== undefined) found = itemOf(found, key)
  }
  return found!
}

function rootOf(organization: Organization, name: string): Place {
  const { schema } = organization
  if (name === 'EntityDefinitions')
    return { path: name, items: [...schema.tables.values()].map((table) => tableResource(organization, table)) }
  if (name === 'RelationshipDefinitions') return { path: name, declared: 'RelationshipMetadataBase', items: relationships(schema) }
  if (name === 'GlobalOptionSetDefinitions')
    return { path: name, declared: 'OptionSetMetadataBase', items: [...schema.globalChoices.values()].map(globalOptionSet) }
  throw notSupported(name)
}

function itemOf(found: Found, key: string): Found {
  if (!('items' in found)) throw noSuchSegment(key)
  const [, property, text] = /^(\w+)='((?:[^']|'')*)'$/.exec(key) ?? []
  const value = text?.replaceAll("''", "'")
  const id = key.replace(/^MetadataId=/, '').toLowerCase()
  const alternate = keyProperties[found.path.split('/').at(-1)!] ?? (found.path.includes('/Attributes/') ? 'LogicalName' : 'SchemaName')
  if (property !== undefined && property !== alternate) throw badQuery(`The key '${property}' is not valid for '${found.path}'.`)
  const item = found.items.find(({ properties }) =>
    property === undefined ? properties.MetadataId === id : properties[property] === value,
  )
  if (!item) throw unknown(found.path, value ?? id)
  const { declared } = found
  const address = found.path === 'EntityDefinitions' ? `EntityDefinitions('${item.properties.LogicalName}')` : found.path
  return { path: found.path, address, item, ...(declared !== undefined && { declared }) }
}

/** By what a name in parentheses goes. */
const keyProperties: Record<string, string> = {
  EntityDefinitions: 'LogicalName',
  Attributes: 'LogicalName',
  Keys: 'LogicalName',
  RelationshipDefinitions: 'SchemaName',
  GlobalOptionSetDefinitions: 'Name',
}

function unknown(path: string, name: string): WebApiError {
  if (path === 'EntityDefinitions')
    return new WebApiError(404, '0x80060888', `Could not find an entity with the specified name '${name}' in the metadata cache.`)
  return new WebApiError(404, '0x80060891', `Could not find a definition with the specified name '${name}' in ${path}.`)
}

function below({ path: set, address: path = set, item }: Extract<Found, { item: Resource }>, name: string): Found {
  const related = item.related && Object.hasOwn(item.related, name) ? item.related[name]!() : undefined
  if (related === undefined) {
    if (Object.hasOwn(item.properties, name)) throw notSupported('single properties of definitions')
    throw noSuchSegment(name)
  }
  if (related === null) throw noSuchSegment(name)
  if (!Array.isArray(related)) return { path: `${path}/${name}`, item: related as Resource }
  const declared = listType(name)
  return { path: `${path}/${name}`, items: related, ...(declared !== undefined && { declared }) }
}

/** One cast per request. `EnumAttributeMetadata`, the common base of choices, cannot be cast to. */
function cast({ switches }: Organization, found: Found, type: string): Found {
  const path = `${found.path}/${namespace}${type}`
  if (type === 'EnumAttributeMetadata')
    throw new WebApiError(switches.enum_cast_status, '0x80060888', `The type '${namespace}${type}' cannot be cast to.`)
  if (!castTypes.has(type)) throw badQuery(`The type '${namespace}${type}' cannot be cast to.`)
  if ('items' in found) return { path, declared: type, items: found.items.filter((item) => item.type === type) }
  if (found.item.type !== type) throw noSuchSegment(`${namespace}${type}`)
  return { path, declared: type, item: found.item }
}

const castTypes = new Set([
  ...['String', 'Memo', 'Integer', 'BigInt', 'Decimal', 'Double', 'Money', 'DateTime', 'Lookup', 'Image', 'File', 'UniqueIdentifier']
    .concat(...choiceTypes)
    .map((type) => `${type}AttributeMetadata`),
  'OneToManyRelationshipMetadata',
  'ManyToManyRelationshipMetadata',
  'OptionSetMetadata',
  'BooleanOptionSetMetadata',
])

function parse(segment: string): { name: string; key?: string } {
  const [, name = '', key] = /^([^(]*)(?:\((.*)\))?$/s.exec(percentDecoded(segment, 'The path')) ?? []
  return { name, ...(key !== undefined && { key }) }
}
