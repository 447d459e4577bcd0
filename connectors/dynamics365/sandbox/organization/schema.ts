import { createHash } from 'node:crypto'
import type {
  ColumnSeed,
  ColumnType,
  CustomApiSeed,
  Definitions,
  DuplicateRule,
  GlobalChoice,
  KeySeed,
  Lookup,
  ManyToMany,
  TableSeed,
} from './seed.ts'

export type { ColumnType, Lookup } from './seed.ts'

export interface Column extends ColumnSeed {
  /** Name on the wire: a lookup is `_x_value`. */
  property: string
  isLookup: boolean
  lookups: Lookup[]
  /** May point at several tables, so the table is stored too. */
  polymorphic: boolean
  metadataId: string
}

/** A collection that hangs on a row: the other side of a lookup, or the other side of a many-to-many relationship. */
export type Collection = OneToManyCollection | ManyToManyCollection

export interface OneToManyCollection {
  name: string
  /** Table of the rows in it. */
  table: string
  lookup: Lookup
  through?: undefined
}

export interface ManyToManyCollection {
  name: string
  table: string
  lookup?: undefined
  through: Through
}

/** The table of pairs: which of its columns holds the id of the row that the collection hangs on, and which the ids of the rows in it. */
export interface Through {
  schemaName: string
  intersect: string
  own: string
  other: string
}

export interface Table extends Omit<TableSeed, 'columns'> {
  /** Column in SQLite whose value names one row: the primary key, or a column of its own where the partition belongs to the key (`identity.ts`). */
  identity: string
  columns: ReadonlyMap<string, Column>
  /** By name on the wire. */
  properties: ReadonlyMap<string, Column>
  navigations: ReadonlyMap<string, Lookup>
  collections: ReadonlyMap<string, Collection>
  keys: KeySeed[]
  /** Keys whose index could not be built: they name no row. */
  failedKeys: KeySeed[]
  metadataId: string
  /** Columns that may not be null. */
  required: Column[]
  /** Money columns with a twin in the organization's own currency, `<name>_base`. */
  money: string[]
}

export interface Schema {
  /** What it is built from; a changed organization gets a new schema (`redefine.ts`). */
  definitions: Definitions
  ids: Definitions['ids']
  tables: ReadonlyMap<string, Table>
  entitySets: ReadonlyMap<string, Table>
  manyToMany: readonly ManyToMany[]
  globalChoices: ReadonlyMap<string, GlobalChoice>
  customApis: readonly CustomApiSeed[]
  duplicateRules: readonly DuplicateRule[]
  /** What was left out of loaded metadata, in sentences. */
  notes: readonly string[]
}

/** What stands for systemuser and team where either may own a row. */
export const ownerTables = ['systemuser', 'team']
const lookupTypes = new Set<ColumnType>(['Lookup', 'Customer', 'Owner'])

export function buildSchema(seed: Definitions): Schema {
  const collections = collectionsByTable(seed)
  const globalChoices = globalChoicesOf(seed)
  const tables = [...seed.tables, ...seed.manyToMany.map(intersectTable)].map((table): Table => {
    const columns = table.columns.map((column) => buildColumn(table, column, globalChoices))
    return {
      ...table,
      identity: table.elastic ? 'row identity' : table.primaryId,
      keys: [...(table.keys ?? []).filter((key) => !key.failed), ...(table.elastic ? [partitionKey(table)] : [])],
      failedKeys: (table.keys ?? []).filter((key) => key.failed),
      metadataId: tableId(table),
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
    definitions: seed,
    ids: seed.ids,
    tables: new Map(tables.map((table) => [table.logicalName, table])),
    entitySets: new Map(tables.map((table) => [table.entitySetName, table])),
    manyToMany: seed.manyToMany,
    duplicateRules: seed.duplicateRules,
    notes: seed.notes,
    globalChoices,
    customApis: seed.customApis,
  }
}

/** Those that the seed lists, and those that columns bring along. */
export function globalChoicesOf({ tables, globalChoices }: Definitions): Map<string, GlobalChoice> {
  const fromColumns = tables.flatMap(({ columns }) =>
    columns.flatMap(({ globalChoice: name, choices }) => (name !== undefined && choices ? [{ name, choices }] : [])),
  )
  return new Map([...fromColumns, ...globalChoices].map((one) => [one.name, one]))
}

/** The key that every elastic table has. */
function partitionKey({ primaryId }: TableSeed): KeySeed {
  return { name: 'KeyForNoSqlEntityWithPKPartitionId', columns: [primaryId, 'partitionid'] }
}

function buildColumn(table: TableSeed, column: ColumnSeed, globalChoices: ReadonlyMap<string, GlobalChoice>): Column {
  const isLookup = lookupTypes.has(column.type)
  const choices = globalChoices.get(column.globalChoice ?? '')?.choices ?? column.choices
  const lookups = table.lookups.filter((lookup) => lookup.column === column.name)
  return {
    ...column,
    ...(choices && { choices }),
    isLookup,
    lookups,
    property: isLookup ? `_${column.name}_value` : column.name,
    polymorphic: column.type === 'Owner' || new Set(lookups.map((lookup) => lookup.target)).size > 1,
    metadataId: columnId(table, column),
  }
}

/** The table of pairs of a many-to-many relationship. */
function intersectTable({ schemaName, intersect, intersectEntitySet, sides, primaryId = `${intersect}id` }: ManyToMany): TableSeed {
  return {
    logicalName: intersect,
    entitySetName: intersectEntitySet,
    schemaName,
    objectTypeCode: 0,
    primaryId,
    primaryName: primaryId,
    ownership: 'None',
    intersect: true,
    keys: [{ name: `${intersect}_pair`, columns: sides.map(({ column }) => column) }],
    columns: [
      { name: primaryId, type: 'Uniqueidentifier', readOnly: true },
      ...sides.map(({ column }) => ({ name: column, type: 'Uniqueidentifier' as const, readOnly: true as const })),
      { name: 'versionnumber', type: 'BigInt', readOnly: true },
    ],
    lookups: [],
  }
}

function collectionsByTable(seed: Definitions): Map<string, Collection[]> {
  const collections = new Map<string, Collection[]>()
  const add = (table: string, collection: Collection) => collections.set(table, [...(collections.get(table) ?? []), collection])
  for (const { logicalName, lookups } of seed.tables)
    for (const lookup of lookups) {
      if (!lookup.collection || lookup.inherited) continue
      add(lookup.target, { name: lookup.collection, table: logicalName, lookup })
    }
  for (const { schemaName, intersect, sides } of seed.manyToMany)
    for (const [own, other] of [sides, [sides[1], sides[0]] as const])
      add(own.table, { name: own.navigation, table: other.table, through: { schemaName, intersect, own: own.column, other: other.column } })
  return collections
}

/** The same id for the same name in every organization. */
export function stableId(name: string): string {
  const hex = createHash('sha256').update(`sandbox metadata ${name}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

export function tableId({ metadataId, logicalName }: Pick<TableSeed, 'metadataId' | 'logicalName'>): string {
  return metadataId ?? stableId(logicalName)
}

export function keyId({ logicalName }: Pick<TableSeed, 'logicalName'>, key: KeySeed): string {
  return key.metadataId ?? stableId(`${logicalName}/${key.name}`)
}

export function columnId({ logicalName }: Pick<TableSeed, 'logicalName'>, { metadataId, name }: ColumnSeed): string {
  return metadataId ?? stableId(`${logicalName}.${name}`)
}

/** Of the options that belong to one column. */
export function ownChoiceId({ logicalName }: Pick<TableSeed, 'logicalName'>, { name }: ColumnSeed): string {
  return stableId(`${logicalName}_${name} choices`)
}

export function lookupId({ logicalName }: Pick<TableSeed, 'logicalName'>, lookup: Lookup): string {
  return lookup.metadataId ?? stableId(`${logicalName} ${lookup.navigation} ${lookup.target}`)
}

export function manyToManyId({ metadataId, schemaName }: ManyToMany): string {
  return metadataId ?? stableId(`many to many ${schemaName}`)
}

export function globalChoiceId({ metadataId, name }: GlobalChoice): string {
  return metadataId ?? stableId(`global choice ${name}`)
}
