import { type Lookup, lookupId, manyToManyId, type Schema, type Table } from '../organization/schema.ts'
import type { ManyToMany } from '../organization/seed.ts'
import { managed } from './label.ts'
import type { Definition, Resource } from './resource.ts'

const baseProperties = new Set(
  `SchemaName RelationshipType IsCustomRelationship IsManaged IsValidForAdvancedFind IsCustomizable SecurityTypes IntroducedVersion HasChanged
  MetadataId`.split(/\s+/),
)
const base = { type: 'RelationshipMetadataBase', properties: baseProperties }

/** Lookups that come from the base type of activities belong to that type's definition. */
export function manyToOne(schema: Schema, table: Table): Resource[] {
  return table.lookups.filter((lookup) => !lookup.inherited).map((lookup) => oneToManyResource(schema, table, lookup))
}

export function oneToMany(schema: Schema, table: Table): Resource[] {
  return [...table.collections.values()].flatMap(({ table: child, lookup }) =>
    lookup ? [oneToManyResource(schema, schema.tables.get(child)!, lookup)] : [],
  )
}

export function manyToMany(schema: Schema, table: Table): Resource[] {
  return schema.manyToMany
    .filter(({ sides }) => sides.some((side) => side.table === table.logicalName))
    .map((one) => manyToManyResource(schema, one))
}

/** Every relationship of the organization. */
export function relationships(schema: Schema): Resource[] {
  return [
    ...[...schema.tables.values()].flatMap((table) => manyToOne(schema, table)),
    ...schema.manyToMany.map((one) => manyToManyResource(schema, one)),
  ]
}

/** Where the metadata does not tell otherwise, a relationship bears the name of its collection. */
export function relationshipName(table: Table, lookup: Lookup): string {
  return lookup.schemaName ?? lookup.collection ?? `${lookup.target}_${table.entitySetName}`
}

function oneToManyResource(schema: Schema, table: Table, lookup: Lookup): Resource {
  return {
    type: 'OneToManyRelationshipMetadata',
    base,
    properties: {
      ...common(relationshipName(table, lookup), 'OneToManyRelationship', table.custom === true),
      ReferencingEntity: table.logicalName,
      ReferencingAttribute: lookup.column,
      ReferencingEntityNavigationPropertyName: lookup.navigation,
      ReferencedEntity: lookup.target,
      ReferencedAttribute: schema.tables.get(lookup.target)?.primaryId ?? 'ownerid',
      ReferencedEntityNavigationPropertyName: lookup.collection ?? relationshipName(table, lookup),
      IsHierarchical: false,
      EntityKey: null,
      RelationshipBehavior: 1,
      CascadeConfiguration: cascade(lookup),
      AssociatedMenuConfiguration: menu,
      MetadataId: lookupId(table, lookup),
    },
  }
}

function manyToManyResource(schema: Schema, relationship: ManyToMany): Resource {
  const {
    schemaName,
    intersect,
    sides: [one, two],
  } = relationship
  const custom = isCustomPair(schema, relationship)
  return {
    type: 'ManyToManyRelationshipMetadata',
    base,
    properties: {
      ...common(schemaName, 'ManyToManyRelationship', custom),
      IntersectEntityName: intersect,
      Entity1LogicalName: one.table,
      Entity1IntersectAttribute: one.column,
      Entity1NavigationPropertyName: one.navigation,
      Entity2LogicalName: two.table,
      Entity2IntersectAttribute: two.column,
      Entity2NavigationPropertyName: two.navigation,
      Entity1AssociatedMenuConfiguration: menu,
      Entity2AssociatedMenuConfiguration: menu,
      MetadataId: manyToManyId(relationship),
    },
  }
}

/** Made by a customer. */
export function isCustomPair({ tables }: Schema, { custom, sides }: ManyToMany): boolean {
  return custom === true || sides.some(({ table }) => tables.get(table)?.custom)
}

function common(schemaName: string, type: string, custom: boolean): Definition {
  return {
    SchemaName: schemaName,
    RelationshipType: type,
    IsCustomRelationship: custom,
    IsManaged: !custom,
    IsValidForAdvancedFind: true,
    IsCustomizable: managed(true, 'iscustomizable'),
    SecurityTypes: 'Append',
    IntroducedVersion: '1.0.0.0',
    HasChanged: null,
  }
}

function cascade({ deletedWithParent, restrictsDelete }: Lookup): Definition {
  return {
    Assign: 'NoCascade',
    Delete: deletedWithParent ? 'Cascade' : restrictsDelete ? 'Restrict' : 'RemoveLink',
    Merge: 'NoCascade',
    Reparent: 'NoCascade',
    Share: 'NoCascade',
    Unshare: 'NoCascade',
    RollupView: 'NoCascade',
  }
}

const menu: Definition = {
  Behavior: 'UseCollectionName',
  Group: 'Details',
  Label: { LocalizedLabels: [], UserLocalizedLabel: null },
  Order: null,
}
