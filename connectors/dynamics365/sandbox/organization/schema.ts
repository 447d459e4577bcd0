import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** `AttributeType` of the metadata; `Image` is what the metadata calls `Virtual` with the type name `ImageType`. */
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

export interface Choice {
  value: number
  label: string
  /** Of a status: the state it belongs to. */
  state?: number
}

export interface ColumnSeed {
  name: string
  type: ColumnType
  /** Absent: the sources do not tell, and the logical name stands in. */
  schemaName?: string
  metadataId?: string
  maxLength?: number
  /** Ignored when written. */
  readOnly?: true
  required?: 'SystemRequired' | 'ApplicationRequired'
  /** Of a DateTime: a day without time. */
  dateOnly?: true
  choices?: Choice[]
  /** Labels of no and yes. */
  labels?: [no: string, yes: string]
  default?: string | number | boolean
}

/** A many-to-one relationship: a lookup and one table that it may point at. */
export interface Lookup {
  column: string
  /** Name for `@odata.bind`, `$expand` and paths; case sensitive. */
  navigation: string
  /** Logical name; `owner` stands for systemuser and team. */
  target: string
  /** Collection navigation property on the target. */
  collection?: string
  /** Inherited from the activity base type, and not what the table's own definition lists. */
  inherited?: true
  /** Deleting the row that is pointed at deletes this row too; otherwise the lookup becomes null. */
  deletedWithParent?: true
}

export interface KeySeed {
  name: string
  columns: string[]
}

export interface TableSeed {
  logicalName: string
  entitySetName: string
  schemaName: string
  objectTypeCode: number
  primaryId: string
  primaryName: string
  ownership: 'UserOwned' | 'BusinessOwned' | 'OrganizationOwned'
  metadataId?: string
  activity?: true
  changeTracking?: true
  keys?: KeySeed[]
  columns: ColumnSeed[]
  lookups: Lookup[]
}

export interface OrganizationSeed {
  ids: { organizationId: string; businessUnitId: string; userId: string; userObjectId: string; currencyId: string }
  /** Rows that exist from the start, as bodies of create requests. */
  rows: { table: string; row: Record<string, unknown> }[]
  tables: TableSeed[]
}

export interface Column extends ColumnSeed {
  /** Name on the wire: a lookup is `_x_value`. */
  property: string
  isLookup: boolean
  lookups: Lookup[]
  /** May point at several tables, so the table is stored too. */
  polymorphic: boolean
  metadataId: string
}

/** A collection that hangs on a row: the other side of a lookup. */
export interface Collection {
  name: string
  /** Table of the rows in it. */
  table: string
  lookup: Lookup
}

export interface Table extends Omit<TableSeed, 'columns'> {
  columns: ReadonlyMap<string, Column>
  /** By name on the wire. */
  properties: ReadonlyMap<string, Column>
  navigations: ReadonlyMap<string, Lookup>
  collections: ReadonlyMap<string, Collection>
  keys: KeySeed[]
  metadataId: string
  /** Columns that may not be null. */
  required: Column[]
  /** Money columns with a twin in the organization's own currency, `<name>_base`. */
  money: string[]
}

export interface Schema {
  ids: OrganizationSeed['ids']
  tables: ReadonlyMap<string, Table>
  entitySets: ReadonlyMap<string, Table>
}

/** What stands for systemuser and team where either may own a row. */
export const ownerTables = ['systemuser', 'team']
const lookupTypes = new Set<ColumnType>(['Lookup', 'Customer', 'Owner'])

/** The organization as `seed/generate.ts` wrote it. */
export function readSeed(): OrganizationSeed {
  return JSON.parse(readFileSync(new URL('../seed/organization.json', import.meta.url), 'utf8'))
}

export function buildSchema(seed: OrganizationSeed): Schema {
  const collections = collectionsByTable(seed)
  const tables = seed.tables.map((table): Table => {
    const columns = table.columns.map((column) => buildColumn(table, column))
    return {
      ...table,
      keys: table.keys ?? [],
      metadataId: table.metadataId ?? stableId(table.logicalName),
      columns: new Map(columns.map((column) => [column.name, column])),
      required: columns.filter((column) => column.required === 'SystemRequired'),
      money: columns
        .filter(({ name, type }) => type === 'Money' && columns.some((twin) => twin.name === `${name}_base`))
        .map(({ name }) => name),
      properties: new Map(columns.map((column) => [column.property, column])),
      navigations: new Map(table.lookups.map((lookup) => [lookup.navigation, lookup])),
      collections: new Map((collections.get(table.logicalName) ?? []).map((collection) => [collection.name, collection])),
    }
  })
  return {
    ids: seed.ids,
    tables: new Map(tables.map((table) => [table.logicalName, table])),
    entitySets: new Map(tables.map((table) => [table.entitySetName, table])),
  }
}

function buildColumn(table: TableSeed, column: ColumnSeed): Column {
  const isLookup = lookupTypes.has(column.type)
  const lookups = table.lookups.filter((lookup) => lookup.column === column.name)
  return {
    ...column,
    isLookup,
    lookups,
    property: isLookup ? `_${column.name}_value` : column.name,
    polymorphic: column.type === 'Owner' || new Set(lookups.map((lookup) => lookup.target)).size > 1,
    metadataId: column.metadataId ?? stableId(`${table.logicalName}.${column.name}`),
  }
}

function collectionsByTable(seed: OrganizationSeed): Map<string, Collection[]> {
  const collections = new Map<string, Collection[]>()
  for (const { logicalName, lookups } of seed.tables)
    for (const lookup of lookups) {
      if (!lookup.collection || lookup.inherited) continue
      const list = collections.get(lookup.target) ?? []
      list.push({ name: lookup.collection, table: logicalName, lookup })
      collections.set(lookup.target, list)
    }
  return collections
}

/** The same id for the same name in every organization. */
export function stableId(name: string): string {
  const hex = createHash('sha256').update(`sandbox metadata ${name}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
