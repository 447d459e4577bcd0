import { SaxesParser, type SaxesTagNS } from 'saxes'

/** What the sandbox takes from a CSDL document (`$metadata`). */
export interface Csdl {
  entityTypes: ReadonlyMap<string, EntityType>
  /** Entity set names by entity type. */
  entitySets: ReadonlyMap<string, string>
  /** Entity types whose sets track changes. */
  changeTracking: ReadonlySet<string>
}

export interface EntityType {
  name: string
  abstract: boolean
  /** Without the namespace. */
  baseType: string
  key: string[]
  properties: Property[]
  navigations: Navigation[]
  /** Names of properties, key by key. */
  alternateKeys: string[][]
  description?: string
}

export interface Property {
  name: string
  type: string
  readOnly: boolean
  writeOnly?: true
  description?: string
}

export interface Navigation {
  name: string
  /** Entity type without the namespace. */
  type: string
  collection: boolean
  partner: string | undefined
  /** Property that holds the foreign key. */
  property?: string
}

interface Reading {
  entityTypes: Map<string, EntityType>
  entitySets: Map<string, string>
  changeTracking: Set<string>
  entity?: EntityType
  /** Entity type of the set that is read. */
  set?: string
  /** Names of the elements that are open, outermost first. */
  open: string[]
  /** Terms of the annotations that are open. */
  terms: string[]
}

/** @throws Error where the text is not well-formed */
export function parseCsdl(xml: string): Csdl {
  const reading: Reading = { entityTypes: new Map(), entitySets: new Map(), changeTracking: new Set(), open: [], terms: [] }
  const parser = new SaxesParser({ xmlns: true })
  parser.on('opentag', (tag) => {
    if (tag.local === 'Annotation') annotate(reading, tag)
    else if (reading.entity) inEntityType(reading, reading.entity, tag)
    else atTop(reading, tag)
    reading.open.push(tag.local)
  })
  parser.on('text', (text) => permit(reading, text.trim()))
  parser.on('closetag', ({ local: name }) => {
    reading.open.pop()
    if (name === 'EntityType') delete reading.entity
    if (name === 'EntitySet') delete reading.set
    if (name === 'Annotation') reading.terms.pop()
  })
  parser.write(xml).close()
  return reading
}

function atTop(reading: Reading, tag: SaxesTagNS): void {
  const name = attribute(tag, 'Name') ?? ''
  if (tag.local === 'EntityType') {
    const abstract = attribute(tag, 'Abstract') === 'true'
    const baseType = local(attribute(tag, 'BaseType') ?? '')
    reading.entity = { name, abstract, baseType, key: [], properties: [], navigations: [], alternateKeys: [] }
    reading.entityTypes.set(name, reading.entity)
  } else if (tag.local === 'EntitySet') {
    reading.set = local(attribute(tag, 'EntityType') ?? '')
    reading.entitySets.set(reading.set, name)
  } else if (reading.set !== undefined && reading.terms.at(-1) === 'Org.OData.Capabilities.V1.ChangeTracking')
    if (attribute(tag, 'Property') === 'Supported' && attribute(tag, 'Bool') === 'true') reading.changeTracking.add(reading.set)
}

function inEntityType(reading: Reading, entity: EntityType, tag: SaxesTagNS): void {
  const name = attribute(tag, 'Name') ?? ''
  if (tag.local === 'PropertyRef' && !attribute(tag, 'Alias')) entity.key.push(name)
  else if (tag.local === 'Property') entity.properties.push({ name, type: attribute(tag, 'Type') ?? '', readOnly: false })
  else if (tag.local === 'NavigationProperty') entity.navigations.push(navigation(tag, name))
  else if (tag.local === 'ReferentialConstraint' && reading.open.at(-1) === 'NavigationProperty')
    entity.navigations.at(-1)!.property = attribute(tag, 'Property') ?? ''
  else if (reading.terms.at(-1) === 'OData.Community.Keys.V1.AlternateKeys') inAlternateKeys(entity, tag)
}

function inAlternateKeys(entity: EntityType, tag: SaxesTagNS): void {
  const property = attribute(tag, 'Property')
  if (property === 'Key') entity.alternateKeys.push([])
  if (property === 'Name') entity.alternateKeys.at(-1)?.push(attribute(tag, 'PropertyPath') ?? '')
}

function annotate({ terms, open, entity }: Reading, tag: SaxesTagNS): void {
  const term = attribute(tag, 'Term') ?? ''
  terms.push(term)
  const text = attribute(tag, 'String')
  if (!entity || term !== 'Org.OData.Core.V1.Description' || !text) return
  if (open.at(-1) === 'EntityType') entity.description = text
  if (open.at(-1) === 'Property') entity.properties.at(-1)!.description = text
}

function permit({ terms, entity }: Reading, text: string): void {
  const property = entity?.properties.at(-1)
  if (!property || terms.at(-1) !== 'Org.OData.Core.V1.Permissions') return
  if (text === 'Org.OData.Core.V1.PermissionType/Read') property.readOnly = true
  if (text === 'Org.OData.Core.V1.PermissionType/Write') property.writeOnly = true
}

function navigation(tag: SaxesTagNS, name: string): Navigation {
  const type = attribute(tag, 'Type') ?? ''
  const inner = /^Collection\((.*)\)$/.exec(type)?.[1]
  return { name, type: local(inner ?? type), collection: inner !== undefined, partner: attribute(tag, 'Partner') }
}

function attribute(tag: SaxesTagNS, name: string): string | undefined {
  return tag.attributes[name]?.value
}

function local(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
