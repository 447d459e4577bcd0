/** `AttributeType` of the metadata; `Image`, `File` and `MultiSelectPicklist` are what the metadata calls `Virtual` with the type name `ImageType` and so on. */
export type ColumnType =
  | 'String'
  | 'Memo'
  | 'EntityName'
  | 'Integer'
  | 'BigInt'
  | 'Decimal'
  | 'Double'
  | 'Money'
  | 'Boolean'
  | 'Picklist'
  | 'State'
  | 'Status'
  | 'DateTime'
  | 'Uniqueidentifier'
  | 'Lookup'
  | 'Customer'
  | 'Owner'
  | 'Image'
  | 'File'
  | 'MultiSelectPicklist'

/** A text for people: in English, or by language code. */
export type Label = string | Record<string, string>

export interface Choice {
  value: number
  label: string
  /** As in `#FF0000`. */
  color?: string
  /** Of a status: the state it belongs to. */
  state?: number
}

export interface ColumnSeed {
  name: string
  type: ColumnType
  /** Absent: the sources do not tell, and the logical name stands in. */
  schemaName?: string
  metadataId?: string
  displayName?: Label
  description?: Label
  /** Added by a publisher; of a custom table every column with a prefix is, unless told otherwise. */
  custom?: boolean
  /** Name of the column that this one belongs to, such as that of an image's address. */
  attributeOf?: string
  maxLength?: number
  /** Of a text, such as `Email`; default `Text`. Of a DateTime, `DateOnly`: the time is kept and not shown. */
  format?: string
  /** Of a number: bounds, inclusive, and digits behind the point. */
  minValue?: number
  maxValue?: number
  precision?: number
  /** Of a file or image. */
  maxSizeInKB?: number
  /** Of an image: whether the full one is kept beside the thumbnail. */
  canStoreFullImage?: true
  /** Ignored when written. */
  readOnly?: true
  /** Taken when written, and never given back, such as `authvalue`. */
  writeOnly?: true
  required?: 'SystemRequired' | 'ApplicationRequired'
  /** Of a DateTime: a day without time. */
  dateOnly?: true
  /** Of a DateTime: never converted to anyone's time zone. */
  timeZoneIndependent?: true
  choices?: Choice[]
  /** Name of the global choice that the options come from. */
  globalChoice?: string
  /** Labels of no and yes. */
  labels?: [no: string, yes: string]
  default?: string | number | boolean
}

/** A many-to-one relationship: a lookup and one table that it may point at. */
export interface Lookup {
  column: string
  /** Name for `@odata.bind`, `$expand` and paths; case sensitive. */
  navigation: string
  /** Name of the relationship; default that of the collection. */
  schemaName?: string
  metadataId?: string
  /** Logical name; `owner` stands for systemuser and team. */
  target: string
  /** Collection navigation property on the target. */
  collection?: string
  /** Inherited from the activity base type, and not what the table's own definition lists. */
  inherited?: true
  /** Deleting the row that is pointed at deletes this row too; otherwise the lookup becomes null. */
  deletedWithParent?: true
  /** The row that is pointed at cannot be deleted while this row points at it. */
  restrictsDelete?: true
}

/** A many-to-many relationship: two tables and the table of pairs between them, which has one lookup-like column for each. */
export interface ManyToMany {
  schemaName: string
  /** Logical name of the table of pairs. */
  intersect: string
  intersectEntitySet: string
  /** Of the table of pairs; default its name with `id`. */
  primaryId?: string
  metadataId?: string
  /** Made by a customer between tables that are not. */
  custom?: true
  /** `column` is the intersect table's id of a row of `table`; `navigation` the collection on `table` that holds the others. */
  sides: [ManyToManySide, ManyToManySide]
}

export interface ManyToManySide {
  table: string
  column: string
  navigation: string
}

/** A choice that several columns may use. */
export interface GlobalChoice {
  name: string
  displayName?: Label
  metadataId?: string
  choices: Choice[]
}

export interface KeySeed {
  name: string
  columns: string[]
  schemaName?: string
  metadataId?: string
  displayName?: Label
  /** Until this moment (ISO 8601) the index counts as pending. */
  indexedFrom?: string
  /** The index could not be built, since rows have the same values. */
  failed?: true
}

export interface TableSeed {
  logicalName: string
  entitySetName: string
  schemaName: string
  objectTypeCode: number
  primaryId: string
  primaryName: string
  ownership: 'UserOwned' | 'BusinessOwned' | 'OrganizationOwned' | 'None'
  metadataId?: string
  displayName?: Label
  displayCollectionName?: Label
  description?: Label
  activity?: true
  /** Made by a publisher rather than by Microsoft. */
  custom?: true
  /** A table of pairs between two others; cannot be written. */
  intersect?: true
  /** Kept in the way of elastic tables (facts sheet "Elastic tables"). */
  elastic?: true
  /** Without `CreateMultiple` and its like, as some built-in tables are (facts sheet "Bulk operations"). */
  noMultiple?: true
  /** No conditional headers with versions. */
  noOptimisticConcurrency?: true
  /** Column of the picture that stands for a row. */
  primaryImage?: string
  changeTracking?: true
  keys?: KeySeed[]
  columns: ColumnSeed[]
  lookups: Lookup[]
}

/** What is known of a table; what is absent stays as it is where the table exists. */
export interface TablePart extends Partial<Omit<TableSeed, 'columns'>> {
  logicalName: string
  columns: ColumnPart[]
}

export interface ColumnPart extends ColumnSeed {
  /** Only the wire's type is known: a column that exists keeps its own where that is the same on the wire. */
  guessedType?: true
}

export interface OrganizationSeed {
  ids: { organizationId: string; businessUnitId: string; userId: string; userObjectId: string; currencyId: string }
  /** Rows that exist from the start, as bodies of create requests. */
  rows: RowSeed[]
  tables: TableSeed[]
  manyToMany: ManyToMany[]
  /** Beside those that columns bring along. */
  globalChoices: GlobalChoice[]
  customApis: CustomApiSeed[]
  duplicateRules: DuplicateRule[]
  maps: MapSeed[]
  /** What was left out of the parts, in sentences. */
  notes: string[]
}

/** What the tables are made from: all but the first rows. */
export type Definitions = Omit<OrganizationSeed, 'rows'>

/** A row of `table` is a duplicate when a row of `matches` has the same values, none of them empty, in all of these columns. */
export interface DuplicateRule {
  table: string
  matches: string
  columns: string[]
}

/** What a row of `target` that is made from one of `source` takes over: by column of the target, the column of the source. */
export interface MapSeed {
  source: string
  target: string
  columns: Record<string, string>
}

export interface RowSeed {
  table: string
  row: Record<string, unknown>
}

/** What is added to an organization: tables, first rows and relationships. */
export interface SeedPart {
  tables?: TableSeed[]
  /** Tables as metadata that was loaded tells of them: they extend those that exist, or are completed by guesses. */
  tableParts?: TablePart[]
  notes?: string[]
  rows?: RowSeed[]
  manyToMany?: ManyToMany[]
  globalChoices?: GlobalChoice[]
  duplicateRules?: DuplicateRule[]
  maps?: MapSeed[]
  customApis?: CustomApiSeed[]
}

export type CustomApiType = (typeof customApiTypes)[number]

/** In the order of their codes, from 0 (facts sheet "Custom API"). */
export const customApiTypes = [
  'Boolean',
  'DateTime',
  'Decimal',
  'Entity',
  'EntityCollection',
  'EntityReference',
  'Float',
  'Integer',
  'Money',
  'Picklist',
  'String',
  'StringArray',
  'Guid',
] as const

/** A function or action of one's own (facts sheet "Custom API"). In place of a plug-in, its results are fixed or repeat a parameter. */
export interface CustomApiSeed {
  /** Unique name, with the prefix of a publisher. */
  name: string
  /** An action without. */
  function?: true
  /** Callable, and absent from `$metadata`. */
  private?: true
  binding?: { to: 'row' | 'set'; table: string }
  parameters?: { name: string; type: CustomApiType; optional?: true; table?: string }[]
  /** A function has at least one. Of `value` and `from`, the name of a parameter, at most one; null with neither. */
  results?: { name: string; type: CustomApiType; table?: string; value?: unknown; from?: string }[]
  /** Privilege that a caller must hold. */
  executePrivilege?: string
}
