import type { Schema, Table } from '../organization/schema.ts'
import { columnResources, primaryImageOf } from './column-definition.ts'
import { keyResource } from './key-definition.ts'
import { label, managed, spoken } from './label.ts'
import { manyToMany, manyToOne, oneToMany } from './relationship-definition.ts'
import type { Definition, Resource } from './resource.ts'

/** What the definitions of an organization are made from. */
export interface MetadataSource {
  schema: Schema
  /** Now: an index of a key takes a while. */
  clock(): Date
}

/** A table with its columns, keys and relationships (facts sheet "What a runner must read"). */
export function tableResource(source: MetadataSource, table: Table): Resource {
  return {
    type: 'EntityMetadata',
    properties: tableDefinition(source, table),
    related: {
      Attributes: () => columnResources(source.schema, table),
      Keys: () => [...table.keys, ...table.failedKeys].map((key) => keyResource(table, key, source.clock())),
      ManyToOneRelationships: () => manyToOne(source.schema, table),
      OneToManyRelationships: () => oneToMany(source.schema, table),
      ManyToManyRelationships: () => manyToMany(source.schema, table),
    },
  }
}

function tableDefinition(source: MetadataSource, table: Table): Definition {
  const custom = table.custom === true
  const displayName = table.displayName ?? spoken(table.schemaName)
  return {
    LogicalName: table.logicalName,
    SchemaName: table.schemaName,
    EntitySetName: table.entitySetName,
    LogicalCollectionName: table.entitySetName,
    CollectionSchemaName: table.entitySetName,
    PrimaryIdAttribute: table.primaryId,
    PrimaryNameAttribute: table.primaryName,
    PrimaryImageAttribute: primaryImageOf(table),
    ObjectTypeCode: table.objectTypeCode,
    OwnershipType: table.ownership,
    TableType: table.elastic ? 'Elastic' : 'Standard',
    DataProviderId: null,
    DataSourceId: null,
    ExternalName: null,
    DisplayName: label(displayName),
    DisplayCollectionName: label(table.displayCollectionName ?? displayName),
    Description: label(table.description),
    IconSmallName: null,
    IconMediumName: null,
    IconLargeName: null,
    IconVectorName: null,
    IsActivity: table.activity === true,
    IsActivityParty: false,
    IsIntersect: table.intersect === true,
    IsCustomEntity: custom,
    IsManaged: !custom,
    IsLogicalEntity: false,
    IsPrivate: false,
    IsChildEntity: false,
    IsEnabledForCharts: true,
    IsValidForAdvancedFind: table.intersect !== true,
    HasNotes: hangsOn(source, 'annotation', table),
    HasActivities: hangsOn(source, 'task', table),
    HasFeedback: false,
    ChangeTrackingEnabled: table.changeTracking === true,
    IsOptimisticConcurrencyEnabled: table.noOptimisticConcurrency !== true,
    CanChangeTrackingBeEnabled: managed(true, 'canchangetrackingbeenabled'),
    CanCreateAttributes: managed(table.intersect !== true, 'cancreateattributes', custom),
    CanBeInManyToMany: managed(table.intersect !== true, 'canbeinmanytomany', false),
    CanBePrimaryEntityInRelationship: managed(table.intersect !== true, 'canbeprimaryentityinrelationship', false),
    CanBeRelatedEntityInRelationship: managed(table.intersect !== true, 'canberelatedentityinrelationship', false),
    IsAuditEnabled: managed(false, 'canmodifyauditsettings'),
    IsCustomizable: managed(true, 'iscustomizable'),
    IsRenameable: managed(true, 'isrenameable'),
    IsDuplicateDetectionEnabled: managed(false, 'canmodifyduplicatedetectionsettings'),
    IsConnectionsEnabled: managed(false, 'canmodifyconnectionsettings'),
    IntroducedVersion: '1.0.0.0',
    HasChanged: null,
    MetadataId: table.metadataId,
  }
}

function hangsOn({ schema }: MetadataSource, follower: string, { logicalName }: Table): boolean {
  return schema.tables.get(follower)?.lookups.some(({ target }) => target === logicalName) ?? false
}
