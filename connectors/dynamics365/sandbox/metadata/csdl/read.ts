import { SaxesParser, type SaxesTagNS } from 'saxes'

/** What the generator needs of a CSDL document (`$metadata`). */
export interface Csdl {
  entityTypes: ReadonlyMap<string, EntityType>
  /** Entity set names by entity type. */
  entitySets: ReadonlyMap<string, string>
}

export interface EntityType {
  name: string
  /** Without the namespace. */
  baseType: string
  key: string[]
  properties: { name: string; type: string; readOnly: boolean }[]
  navigations: Navigation[]
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

export function parseCsdl(xml: string): Csdl {
  const entityTypes = new Map<string, EntityType>()
  const entitySets = new Map<string, string>()
  const parser = new SaxesParser({ xmlns: true })
  let entity: EntityType | undefined
  let permissions = false
  parser.on('opentag', (tag) => {
    const name = attribute(tag, 'Name') ?? ''
    if (tag.local === 'EntityType') {
      entity = { name, baseType: local(attribute(tag, 'BaseType') ?? ''), key: [], properties: [], navigations: [] }
      entityTypes.set(name, entity)
    } else if (tag.local === 'EntitySet') entitySets.set(local(attribute(tag, 'EntityType') ?? ''), name)
    else if (entity && tag.local === 'PropertyRef' && !attribute(tag, 'Alias')) entity.key.push(name)
    else if (entity && tag.local === 'Property') entity.properties.push({ name, type: attribute(tag, 'Type') ?? '', readOnly: false })
    else if (entity && tag.local === 'NavigationProperty') entity.navigations.push(navigation(tag, name))
    else if (entity && tag.local === 'ReferentialConstraint') entity.navigations.at(-1)!.property = attribute(tag, 'Property') ?? ''
    else if (tag.local === 'Annotation') permissions = attribute(tag, 'Term') === 'Org.OData.Core.V1.Permissions'
  })
  parser.on('text', (text) => {
    const property = entity?.properties.at(-1)
    if (permissions && property && text.trim() === 'Org.OData.Core.V1.PermissionType/Read') property.readOnly = true
  })
  parser.on('closetag', (tag) => {
    if (tag.local === 'EntityType') entity = undefined
    if (tag.local === 'Annotation') permissions = false
  })
  parser.write(xml).close()
  return { entityTypes, entitySets }
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
