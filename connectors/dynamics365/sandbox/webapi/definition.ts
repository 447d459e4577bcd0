import type { Column, Lookup, Schema, Table } from '../organization/schema.ts'
import { stableId } from '../organization/schema.ts'
import type { Choice, KeySeed } from '../organization/seed.ts'

type Definition = Record<string, unknown>

/** Of the type names in `@odata.type`, those that are not the column's type itself. */
const typeNames: Partial<Record<Column['type'], string>> = { Customer: 'Lookup', Owner: 'Lookup', Uniqueidentifier: 'UniqueIdentifier' }

export function tableDefinition(table: Table): Definition {
  return {
    LogicalName: table.logicalName,
    SchemaName: table.schemaName,
    EntitySetName: table.entitySetName,
    PrimaryIdAttribute: table.primaryId,
    PrimaryNameAttribute: table.primaryName,
    PrimaryImageAttribute: table.columns.has('entityimage') ? 'entityimage' : null,
    ObjectTypeCode: table.objectTypeCode,
    OwnershipType: table.ownership,
    IsActivity: table.activity === true,
    IsIntersect: false,
    IsCustomEntity: false,
    ChangeTrackingEnabled: table.changeTracking === true,
    IsOptimisticConcurrencyEnabled: true,
    TableType: 'Standard',
    DataProviderId: null,
    MetadataId: table.metadataId,
  }
}

export function attributeDefinition(table: Table, column: Column): Definition {
  const image = column.type === 'Image'
  return {
    '@odata.type': `#Microsoft.Dynamics.CRM.${typeNames[column.type] ?? column.type}AttributeMetadata`,
    LogicalName: column.name,
    SchemaName: column.schemaName ?? column.name,
    AttributeType: image ? 'Virtual' : column.type,
    AttributeTypeName: { Value: `${column.type}Type` },
    AttributeOf: null,
    EntityLogicalName: table.logicalName,
    IsPrimaryId: column.name === table.primaryId,
    IsPrimaryName: column.name === table.primaryName,
    RequiredLevel: {
      Value: column.name === table.primaryId ? 'SystemRequired' : (column.required ?? 'None'),
      CanBeChanged: column.name !== table.primaryId && column.required !== 'SystemRequired',
      ManagedPropertyLogicalName: 'canmodifyrequirementlevelsettings',
    },
    IsValidForCreate: !column.readOnly,
    IsValidForUpdate: !column.readOnly && column.name !== table.primaryId && column.name !== 'overriddencreatedon',
    IsValidForRead: true,
    MetadataId: column.metadataId,
    ...ofType(column),
  }
}

function ofType(column: Column): Definition {
  switch (column.type) {
    case 'String':
    case 'Memo':
      return { MaxLength: column.maxLength }
    case 'Integer':
      return { MinValue: -(2 ** 31), MaxValue: 2 ** 31 - 1 }
    case 'Money':
      return { Precision: 4 }
    case 'Decimal':
      return { Precision: 10 }
    case 'DateTime': {
      const behavior = column.dateOnly ? 'DateOnly' : 'UserLocal'
      return { Format: column.dateOnly ? 'DateOnly' : 'DateAndTime', DateTimeBehavior: { Value: behavior } }
    }
    default:
      return column.isLookup ? { Targets: targetsOf(column) } : {}
  }
}

function targetsOf(column: Column): string[] {
  return [...new Set(column.lookups.flatMap(({ target }) => (target === 'owner' ? ['systemuser', 'team'] : [target])))]
}

export function keyDefinition(table: Table, { name, columns }: KeySeed): Definition {
  return {
    LogicalName: name,
    SchemaName: name,
    KeyAttributes: columns,
    EntityKeyIndexStatus: 'Active',
    EntityLogicalName: table.logicalName,
    MetadataId: stableId(`${table.logicalName}/${name}`),
  }
}

export function manyToOne(schema: Schema, table: Table): Definition[] {
  return table.lookups.filter((lookup) => !lookup.inherited).map((lookup) => relationship(schema, table, lookup))
}

export function oneToMany(schema: Schema, table: Table): Definition[] {
  return [...table.collections.values()].flatMap(({ table: child, lookup }) =>
    lookup ? [relationship(schema, schema.tables.get(child)!, lookup)] : [],
  )
}

/** In Dataverse the relationship bears the name of its collection. */
function relationship(schema: Schema, table: Table, lookup: Lookup): Definition {
  const name = lookup.collection ?? `owner_${table.entitySetName}`
  return {
    SchemaName: name,
    ReferencingEntity: table.logicalName,
    ReferencingAttribute: lookup.column,
    ReferencingEntityNavigationPropertyName: lookup.navigation,
    ReferencedEntity: lookup.target,
    ReferencedAttribute: schema.tables.get(lookup.target)?.primaryId ?? 'ownerid',
    ReferencedEntityNavigationPropertyName: name,
    RelationshipType: 'OneToManyRelationship',
    MetadataId: stableId(`${table.logicalName} ${lookup.navigation} ${lookup.target}`),
  }
}

/** Choices with their labels, in the language of the seed. */
export function optionSet(table: Table, column: Column): Definition {
  const name = `${table.logicalName}_${column.name}`
  const common = { Name: name, IsGlobal: false, MetadataId: stableId(`${name} choices`) }
  if (column.type === 'Boolean') {
    const [no = 'No', yes = 'Yes'] = column.labels ?? []
    return {
      OptionSet: {
        ...common,
        OptionSetType: 'Boolean',
        FalseOption: option({ value: 0, label: no }),
        TrueOption: option({ value: 1, label: yes }),
      },
      GlobalOptionSet: null,
    }
  }
  return { OptionSet: { ...common, OptionSetType: column.type, Options: (column.choices ?? []).map(option) }, GlobalOptionSet: null }
}

function option({ value, label, state }: Choice): Definition {
  const localized = { Label: label, LanguageCode: 1033, IsManaged: false, MetadataId: stableId(`${value} ${label}`), HasChanged: null }
  return {
    Value: value,
    Color: null,
    IsManaged: false,
    MetadataId: null,
    HasChanged: null,
    ...(state !== undefined && { State: state }),
    Label: { LocalizedLabels: [localized], UserLocalizedLabel: localized },
    Description: { LocalizedLabels: [], UserLocalizedLabel: null },
  }
}
