import type { KeySeed, Label, Lookup, ManyToMany, TablePart } from '../../organization/seed.ts'
import { type AttributeJson, columnPart } from './column.ts'
import { type LabelJson, labelOf } from './label.ts'
import type { Loaded } from './read-metadata.ts'

/** A table as `EntityDefinitions` answers; what was not selected or expanded is absent. */
export interface EntityJson {
  LogicalName: string
  SchemaName?: string
  EntitySetName?: string | null
  ObjectTypeCode?: number
  PrimaryIdAttribute?: string | null
  PrimaryNameAttribute?: string | null
  PrimaryImageAttribute?: string | null
  OwnershipType?: string
  TableType?: string
  MetadataId?: string
  DisplayName?: LabelJson
  DisplayCollectionName?: LabelJson
  Description?: LabelJson
  IsActivity?: boolean
  IsCustomEntity?: boolean
  IsIntersect?: boolean
  IsOptimisticConcurrencyEnabled?: boolean
  ChangeTrackingEnabled?: boolean
  Attributes: AttributeJson[]
  Keys?: KeyJson[]
  ManyToOneRelationships?: OneToManyJson[]
  ManyToManyRelationships?: ManyToManyJson[]
}

export interface KeyJson {
  LogicalName?: string
  SchemaName?: string
  KeyAttributes: string[]
  EntityKeyIndexStatus?: string
  MetadataId?: string
  DisplayName?: LabelJson
}

export interface OneToManyJson {
  SchemaName: string
  ReferencingEntity: string
  ReferencingAttribute: string
  ReferencingEntityNavigationPropertyName: string
  ReferencedEntity: string
  ReferencedEntityNavigationPropertyName?: string | null
  CascadeConfiguration?: { Delete?: string }
  MetadataId?: string
}

export interface ManyToManyJson {
  SchemaName: string
  IntersectEntityName: string
  Entity1LogicalName: string
  Entity1IntersectAttribute: string
  Entity1NavigationPropertyName: string
  Entity2LogicalName: string
  Entity2IntersectAttribute: string
  Entity2NavigationPropertyName: string
  MetadataId?: string
}

/** Tables as `EntityDefinitions` answers (facts sheet "What a runner must read"). The one-to-many relationships are the others' many-to-one. */
export function fromDefinitions(definitions: readonly EntityJson[]): Loaded {
  const notes: string[] = []
  const intersects = new Map(definitions.filter((one) => one.IsIntersect).map((one) => [one.LogicalName, one]))
  const pairs = new Map(definitions.flatMap((one) => one.ManyToManyRelationships ?? []).map((one) => [one.SchemaName, one]))
  const tables = definitions.filter((one) => !one.IsIntersect).map((one) => tablePart(one, notes))
  return {
    part: {
      tableParts: tables,
      manyToMany: [...pairs.values()].map((one) => manyToMany(one, intersects.get(one.IntersectEntityName))),
    },
    notes,
  }
}

function tablePart(definition: EntityJson, notes: string[]): TablePart {
  const { LogicalName: logicalName, PrimaryIdAttribute: primaryId, PrimaryNameAttribute: primaryName } = definition
  const columns = definition.Attributes.flatMap((one) =>
    columnPart(one, { logicalName, primaryId: primaryId ?? `${logicalName}id` }, notes),
  )
  return {
    logicalName,
    ...(definition.EntitySetName && { entitySetName: definition.EntitySetName }),
    ...(definition.SchemaName && { schemaName: definition.SchemaName }),
    ...(definition.ObjectTypeCode !== undefined && { objectTypeCode: definition.ObjectTypeCode }),
    ...(primaryId && { primaryId }),
    ...(primaryName && { primaryName }),
    ...(definition.PrimaryImageAttribute && { primaryImage: definition.PrimaryImageAttribute }),
    ...(definition.OwnershipType && { ownership: ownership(definition.OwnershipType) }),
    ...(definition.TableType === 'Elastic' && { elastic: true as const }),
    ...(definition.IsActivity && { activity: true as const }),
    ...(definition.IsCustomEntity && { custom: true as const }),
    ...(definition.IsOptimisticConcurrencyEnabled === false && { noOptimisticConcurrency: true as const }),
    ...(definition.ChangeTrackingEnabled && { changeTracking: true as const }),
    ...named(definition),
    ...(definition.Keys && { keys: definition.Keys.filter(isOwnKey).map(keyOf) }),
    columns,
    lookups: (definition.ManyToOneRelationships ?? []).map(lookupOf),
  }
}

function ownership(type: string): TablePart['ownership'] & string {
  return type === 'UserOwned' || type === 'BusinessOwned' || type === 'OrganizationOwned' ? type : 'None'
}

function named({ DisplayName, DisplayCollectionName, Description, MetadataId }: Partial<EntityJson>) {
  const texts: [string, Label | undefined][] = [
    ['displayName', labelOf(DisplayName)],
    ['displayCollectionName', labelOf(DisplayCollectionName)],
    ['description', labelOf(Description)],
    ['metadataId', MetadataId],
  ]
  return Object.fromEntries(texts.filter(([, text]) => text !== undefined))
}

/** Every elastic table has this key of its own accord. */
function isOwnKey({ KeyAttributes }: KeyJson): boolean {
  return !KeyAttributes.includes('partitionid')
}

export function keyOf(key: KeyJson): KeySeed {
  return {
    name: key.LogicalName ?? key.SchemaName?.toLowerCase() ?? key.KeyAttributes.join('_'),
    columns: key.KeyAttributes,
    ...(key.SchemaName && { schemaName: key.SchemaName }),
    ...(key.EntityKeyIndexStatus === 'Failed' && { failed: true as const }),
    ...named({ ...(key.DisplayName && { DisplayName: key.DisplayName }), ...(key.MetadataId && { MetadataId: key.MetadataId }) }),
  }
}

export function lookupOf(one: OneToManyJson): Lookup {
  const owner = one.ReferencedEntity === 'owner'
  const collection = one.ReferencedEntityNavigationPropertyName
  const { Delete: onDelete } = one.CascadeConfiguration ?? {}
  return {
    column: one.ReferencingAttribute,
    navigation: one.ReferencingEntityNavigationPropertyName,
    schemaName: one.SchemaName,
    target: one.ReferencedEntity,
    ...(one.MetadataId && { metadataId: one.MetadataId }),
    ...(collection && !owner && { collection }),
    ...(onDelete === 'Cascade' && { deletedWithParent: true as const }),
    ...(onDelete === 'Restrict' && { restrictsDelete: true as const }),
  }
}

function manyToMany(one: ManyToManyJson, table: EntityJson | undefined): ManyToMany {
  return {
    schemaName: one.SchemaName,
    intersect: one.IntersectEntityName,
    intersectEntitySet: table?.EntitySetName ?? `${one.IntersectEntityName}collection`,
    ...(table?.PrimaryIdAttribute && { primaryId: table.PrimaryIdAttribute }),
    ...(one.MetadataId && { metadataId: one.MetadataId }),
    sides: [
      { table: one.Entity1LogicalName, column: one.Entity1IntersectAttribute, navigation: one.Entity1NavigationPropertyName },
      { table: one.Entity2LogicalName, column: one.Entity2IntersectAttribute, navigation: one.Entity2NavigationPropertyName },
    ],
  }
}
