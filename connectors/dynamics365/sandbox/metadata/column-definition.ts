import type { Column, Schema, Table } from '../organization/schema.ts'
import { stableId } from '../organization/schema.ts'
import type { ColumnSeed, TableSeed } from '../organization/seed.ts'
import { label, managed, spoken } from './label.ts'
import { choiceTypes, globalOptionSet, ownOptionSet } from './option-set.ts'
import type { Definition, Resource } from './resource.ts'
import { shadowsOf } from './shadow-columns.ts'

/** Of the type names in `@odata.type`, those that are not the column's type itself. */
const typeNames: Partial<Record<Column['type'], string>> = { Customer: 'Lookup', Owner: 'Lookup', Uniqueidentifier: 'UniqueIdentifier' }

/** Types that `AttributeType` has no word for. */
const virtualTypes = new Set<Column['type']>(['Image', 'File', 'MultiSelectPicklist'])

/** The columns of a table, and after them those that only shadow another one. */
export function columnResources(schema: Schema, table: Table): Resource[] {
  return [
    ...[...table.columns.values()].map((column, index) => columnResource(schema, table, column, index + 1)),
    ...shadowsOf(schema, table).map(({ name, of, type }) => shadowResource(table, name, of, type)),
  ]
}

function columnResource(schema: Schema, table: Table, column: Column, number: number): Resource {
  const common = commonProperties(table, column, number)
  const global = schema.globalChoices.get(column.globalChoice ?? '')
  return {
    type: `${typeNames[column.type] ?? column.type}AttributeMetadata`,
    base: { type: 'AttributeMetadata', properties: new Set(Object.keys(common)) },
    properties: { ...common, ...ofType(table, column) },
    ...(choiceTypes.has(column.type) && {
      related: {
        OptionSet: () => (global ? globalOptionSet(global) : ownOptionSet(table, column)),
        GlobalOptionSet: () => (global ? globalOptionSet(global) : null),
      },
    }),
  }
}

/** Made by a customer. */
export function isCustomColumn(table: Pick<TableSeed, 'custom'>, { custom, name }: ColumnSeed): boolean {
  return custom ?? (table.custom === true && /^[a-z0-9]+_/.test(name))
}

function commonProperties(table: Table, column: Column, number: number): Definition {
  const schemaName = column.schemaName ?? column.name
  const primary = column.name === table.primaryId
  return {
    LogicalName: column.name,
    SchemaName: schemaName,
    AttributeType: virtualTypes.has(column.type) ? 'Virtual' : column.type,
    AttributeTypeName: { Value: `${column.type}Type` },
    AttributeOf: column.attributeOf ?? null,
    EntityLogicalName: table.logicalName,
    ColumnNumber: number,
    DisplayName: label(column.displayName ?? spoken(schemaName)),
    Description: label(column.description),
    IsPrimaryId: primary,
    IsPrimaryName: column.name === table.primaryName,
    IsCustomAttribute: isCustomColumn(table, column),
    IsManaged: table.custom !== true,
    IsSecured: false,
    IsLogical: false,
    IsFilterable: true,
    IsSearchable: false,
    IsRetrievable: true,
    IsValidODataAttribute: true,
    IsValidForCreate: !column.readOnly,
    IsValidForUpdate: !column.readOnly && !primary && column.name !== 'overriddencreatedon',
    IsValidForRead: column.writeOnly !== true,
    RequiredLevel: managed(
      primary ? 'SystemRequired' : (column.required ?? 'None'),
      'canmodifyrequirementlevelsettings',
      !primary && column.required !== 'SystemRequired',
    ),
    IsValidForAdvancedFind: managed(true, 'canmodifysearchsettings'),
    IsAuditEnabled: managed(false, 'canmodifyauditsettings'),
    IsCustomizable: managed(true, 'iscustomizable'),
    IsRenameable: managed(true, 'isrenameable'),
    SourceType: 0,
    IntroducedVersion: '1.0.0.0',
    DeprecatedVersion: null,
    InheritsFrom: null,
    ExternalName: null,
    LinkedAttributeId: null,
    HasChanged: null,
    MetadataId: column.metadataId,
  }
}

/** The least and the greatest value of a type of numbers. */
export function rangeOf(type: Column['type']): [least: number, most: number] | undefined {
  return ranges[type]
}

const ranges: Partial<Record<Column['type'], [least: number, most: number]>> = {
  Integer: [-(2 ** 31), 2 ** 31 - 1],
  Decimal: [-100_000_000_000, 100_000_000_000],
  Double: [-100_000_000_000, 100_000_000_000],
  Money: [-922_337_203_685_477, 922_337_203_685_477],
}

function ofType(table: Table, column: Column): Definition {
  const [least, most] = rangeOf(column.type) ?? []
  const bounds = { MinValue: column.minValue ?? least ?? null, MaxValue: column.maxValue ?? most ?? null }
  switch (column.type) {
    case 'String':
      return {
        MaxLength: column.maxLength ?? null,
        Format: column.format ?? 'Text',
        FormatName: { Value: column.format ?? 'Text' },
        ImeMode: 'Auto',
      }
    case 'Memo':
      return { MaxLength: column.maxLength ?? null, Format: 'TextArea', FormatName: { Value: 'TextArea' }, ImeMode: 'Auto' }
    case 'Integer':
      return { ...bounds, Format: 'None' }
    case 'BigInt':
      return { MinValue: -(2 ** 63), MaxValue: 2 ** 63 }
    case 'Decimal':
    case 'Double':
      return { ...bounds, Precision: column.precision ?? (column.type === 'Decimal' ? 10 : 2), ImeMode: 'Auto' }
    case 'Money':
      return {
        ...bounds,
        Precision: column.precision ?? 4,
        PrecisionSource: 2,
        CalculationOf: /_base$/.test(column.name) ? column.name.slice(0, -'_base'.length) : null,
        IsBaseCurrency: /_base$/.test(column.name),
        ImeMode: 'Auto',
      }
    case 'DateTime': {
      const behavior = column.dateOnly ? 'DateOnly' : column.timeZoneIndependent ? 'TimeZoneIndependent' : 'UserLocal'
      return {
        Format: column.dateOnly ? 'DateOnly' : (column.format ?? 'DateAndTime'),
        DateTimeBehavior: { Value: behavior },
        ImeMode: 'Inactive',
      }
    }
    case 'Image':
      return {
        MaxSizeInKB: column.maxSizeInKB ?? 10_240,
        CanStoreFullImage: column.canStoreFullImage === true,
        IsPrimaryImage: column.name === primaryImageOf(table),
        MaxHeight: 144,
        MaxWidth: 144,
      }
    case 'File':
      return { MaxSizeInKB: column.maxSizeInKB ?? 32_768 }
    case 'Boolean':
      return { DefaultValue: column.default ?? false }
    case 'Picklist':
    case 'MultiSelectPicklist':
    case 'State':
    case 'Status':
      return { DefaultFormValue: column.default ?? -1 }
    default:
      return column.isLookup ? { Targets: targetsOf(column), Format: 'None' } : {}
  }
}

/** The column of the picture that stands for a row; null without one. */
export function primaryImageOf({ primaryImage, columns }: Table): string | null {
  return primaryImage ?? (columns.has('entityimage') ? 'entityimage' : null)
}

function targetsOf(column: Column): string[] {
  return [...new Set(column.lookups.flatMap(({ target }) => (target === 'owner' ? ['systemuser', 'team'] : [target])))]
}

/** Shadows can be read through their column only, so nothing but their name and type is telling. */
function shadowResource(table: Table, name: string, of: Column, type: 'String' | 'Virtual' | 'EntityName'): Resource {
  const column: Column = {
    name,
    type: type === 'Virtual' ? 'String' : type,
    schemaName: `${of.schemaName ?? of.name}${name.slice(of.name.length)}`,
    readOnly: true,
    attributeOf: of.name,
    property: name,
    isLookup: false,
    lookups: [],
    polymorphic: false,
    metadataId: stableId(`${table.logicalName}.${name} of ${of.name}`),
  }
  const common = {
    ...commonProperties(table, column, table.columns.size + 1),
    AttributeType: type,
    AttributeTypeName: { Value: `${type}Type` },
    IsValidODataAttribute: false,
    IsLogical: true,
  }
  const base = { type: 'AttributeMetadata', properties: new Set(Object.keys(common)) }
  if (type === 'Virtual') return { type: 'AttributeMetadata', base, properties: common }
  return { type: `${type}AttributeMetadata`, base, properties: { ...common, ...ofType(table, { ...column, maxLength: 100 }) } }
}
