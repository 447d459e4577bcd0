import { ConnectorError } from '../../../runner/connector/index.ts'
import type { WebApi } from '../webapi/client.ts'
import { withQuery } from '../webapi/odata.ts'
import { didYouMean } from './nearest.ts'

/** What the connector needs to know of a table. */
export interface Table {
  logicalName: string
  entitySetName: string
  primaryId: string
  primaryName: string | null
  changeTracking: boolean
  /** By logical name; columns that only shadow another one (`…name`, `…yominame`) are left out. */
  columns: ReadonlyMap<string, Column>
  /** Column names of each alternate key. */
  keys: readonly (readonly string[])[]
}

export interface Column {
  name: string
  /** `AttributeType` of the metadata, except `MultiSelectPicklist`, `File` and `Image`, which the metadata calls `Virtual`. */
  type: string
  creatable: boolean
  updatable: boolean
  readable: boolean
  /** Lookups: one per table it may point at. */
  targets: readonly Target[]
}

export interface Target {
  table: string
  /** Name for `@odata.bind`; case sensitive. */
  navigationProperty: string
}

/** Table definitions by logical name, asked for once per process and table. */
export interface Tables {
  /** @throws ConnectorError `unknown_table` */
  get(name: string): Promise<Table>
}

export function cachedTables(api: WebApi): Tables {
  const known = new Map<string, Promise<Table>>()
  return {
    get(name) {
      let table = known.get(name)
      if (!table) {
        // Without a signal: many jobs wait for the same answer, and the end of one must not end it for the others.
        table = readTable(api, name)
        known.set(name, table)
        table.catch(() => known.delete(name))
      }
      return table
    },
  }
}

interface Definition {
  LogicalName: string
  EntitySetName: string
  PrimaryIdAttribute: string
  PrimaryNameAttribute: string | null
  ChangeTrackingEnabled: boolean | null
  Attributes: Attribute[]
  Keys?: { KeyAttributes: string[] }[]
  ManyToOneRelationships?: Relationship[]
}

interface Attribute {
  '@odata.type'?: string
  LogicalName: string
  AttributeType: string
  AttributeTypeName?: { Value: string } | null
  AttributeOf: string | null
  IsValidForCreate: boolean
  IsValidForUpdate: boolean
  IsValidForRead: boolean
}

interface Relationship {
  ReferencingAttribute: string
  ReferencingEntityNavigationPropertyName: string
  ReferencedEntity: string
}

/** One request per table (facts sheet "Reading definitions"). */
async function readTable(api: WebApi, name: string): Promise<Table> {
  const path = withQuery(`EntityDefinitions(LogicalName='${encodeURIComponent(name.replaceAll("'", "''"))}')`, {
    $select: 'LogicalName,EntitySetName,PrimaryIdAttribute,PrimaryNameAttribute,ChangeTrackingEnabled',
    $expand: [
      'Attributes($select=LogicalName,AttributeType,AttributeTypeName,AttributeOf,IsValidForCreate,IsValidForUpdate,IsValidForRead)',
      'Keys($select=LogicalName,KeyAttributes)',
      'ManyToOneRelationships($select=ReferencingAttribute,ReferencingEntityNavigationPropertyName,ReferencedEntity)',
    ].join(','),
  })
  try {
    return toTable((await api.get(path)) as unknown as Definition)
  } catch (thrown) {
    if (thrown instanceof ConnectorError && thrown.status === 404) throw await unknownTable(api, name)
    throw thrown
  }
}

async function unknownTable(api: WebApi, name: string): Promise<ConnectorError> {
  const { rows } = await api.page(withQuery('EntityDefinitions', { $select: 'LogicalName,EntitySetName' }))
  const hint = didYouMean(
    name,
    rows.flatMap((row) => (row.EntitySetName === name ? [] : [String(row.LogicalName)])),
  )
  const plural = rows.find((row) => row.EntitySetName === name)
  const mended = plural ? ` Tables go by logical name: \`${plural.LogicalName}\`.` : hint
  return new ConnectorError('rejected', 'unknown_table', `The organization has no table \`${name}\`.${mended} Correct the field \`table\`.`)
}

function toTable(definition: Definition): Table {
  const targets = new Map<string, Target[]>()
  for (const { ReferencingAttribute, ReferencedEntity, ReferencingEntityNavigationPropertyName } of definition.ManyToOneRelationships ??
    []) {
    const list = targets.get(ReferencingAttribute) ?? []
    list.push({ table: ReferencedEntity, navigationProperty: ReferencingEntityNavigationPropertyName })
    targets.set(ReferencingAttribute, list)
  }
  const columns = definition.Attributes.filter((attribute) => !attribute.AttributeOf).map((attribute): [string, Column] => [
    attribute.LogicalName,
    {
      name: attribute.LogicalName,
      type: columnType(attribute),
      creatable: attribute.IsValidForCreate,
      updatable: attribute.IsValidForUpdate,
      readable: attribute.IsValidForRead,
      targets: targets.get(attribute.LogicalName) ?? [],
    },
  ])
  return {
    logicalName: definition.LogicalName,
    entitySetName: definition.EntitySetName,
    primaryId: definition.PrimaryIdAttribute,
    primaryName: definition.PrimaryNameAttribute,
    changeTracking: definition.ChangeTrackingEnabled === true,
    columns: new Map(columns),
    keys: (definition.Keys ?? []).map((key) => key.KeyAttributes),
  }
}

function columnType(attribute: Attribute): string {
  if (attribute.AttributeType !== 'Virtual') return attribute.AttributeType
  const typeName = attribute.AttributeTypeName?.Value ?? attribute['@odata.type'] ?? ''
  return /(MultiSelectPicklist|File|Image)(?:Type|AttributeMetadata)$/.exec(typeName)?.[1] ?? 'Virtual'
}
