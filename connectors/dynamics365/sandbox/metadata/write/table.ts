import { notSupported } from '../../error.ts'
import { nextTypeCode } from '../../organization/merge.ts'
import { tableId } from '../../organization/schema.ts'
import type { Definitions, Lookup, TableSeed } from '../../organization/seed.ts'
import { checkProperties, customSchemaName, type DefinitionBody, declaredType, listOf, textOf } from './body.ts'
import { newColumn, withColumn } from './column.ts'
import { mergedLabels, sentLabels } from './labels.ts'
import { refuseTakenTable } from './names.ts'
import { tableProperties } from './properties.ts'
import { inUse, invalid } from './refuse.ts'
import { standardColumns, standardLookups } from './standard-columns.ts'

/**
 * A table that does not exist yet, with its primary name and whatever other columns the body has (facts sheet "Writing definitions").
 * @param newId gives the `MetadataId` of each definition that is made
 * @throws WebApiError 400, 501 for tables of activities
 */
export function newTable(definitions: Definitions, body: DefinitionBody, newId: () => string): TableSeed {
  declaredType(body, ['EntityMetadata'])
  checkProperties(body, 'EntityMetadata', tableProperties)
  if (body.IsActivity === true) throw notSupported('making tables of activities')
  const schemaName = customSchemaName(body)
  const logicalName = schemaName.toLowerCase()
  const entitySetName = textOf(body, 'EntitySetName') ?? pluralOf(logicalName)
  refuseTakenTable(definitions, logicalName, entitySetName)
  const own = { logicalName, primaryId: `${logicalName}id` }
  const columns = listOf(body, 'Attributes').map((one) => ({
    isName: one.IsPrimaryName === true,
    column: newColumn(definitions, own, one, newId()),
  }))
  const [name, ...others] = columns.filter(({ isName }) => isName).map(({ column }) => column)
  if (name?.type !== 'String' || others.length > 0)
    throw invalid('Attributes must hold the primary name: exactly one StringAttributeMetadata with IsPrimaryName true.')
  const table: TableSeed = {
    ...own,
    ...sentLabels(body),
    schemaName,
    entitySetName,
    objectTypeCode: nextTypeCode(definitions.tables),
    primaryName: name.name,
    ownership: ownershipOf(body),
    metadataId: newId(),
    custom: true,
    ...settingsOf(body),
    ...(body.TableType === 'Elastic' && { elastic: true as const }),
    keys: [],
    columns: [],
    lookups: [],
  }
  const columnsAndStandard: TableSeed = { ...table, columns: standardColumns(table), lookups: standardLookups(table) }
  return columns.reduce((made, { column }) => withColumn(made, column), columnsAndStandard)
}

function ownershipOf(body: DefinitionBody): TableSeed['ownership'] {
  const ownership = textOf(body, 'OwnershipType') ?? 'UserOwned'
  if (ownership === 'UserOwned' || ownership === 'OrganizationOwned') return ownership
  throw invalid(`OwnershipType must be UserOwned or OrganizationOwned, and is '${ownership}'.`)
}

/** English plurals, as the real service forms the names of sets. */
export function pluralOf(name: string): string {
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`
  return /(?:s|x|z|ch|sh)$/.test(name) ? `${name}es` : `${name}s`
}

function settingsOf(body: DefinitionBody): Partial<TableSeed> {
  return {
    ...(body.ChangeTrackingEnabled === true && { changeTracking: true as const }),
    ...(body.IsOptimisticConcurrencyEnabled === false && { noOptimisticConcurrency: true as const }),
  }
}

/** A table as a complete definition says it shall be; its names, columns, keys and relationships stay. @throws WebApiError 400 */
export function changedTable(table: TableSeed, body: DefinitionBody, merge: boolean): TableSeed {
  declaredType(body, ['EntityMetadata'])
  checkProperties(body, 'EntityMetadata', tableProperties)
  const { displayName: _, displayCollectionName: __, description: ___, primaryImage, ...named } = table
  const { changeTracking: ____, noOptimisticConcurrency: _____, ...rest } = named
  const image = textOf(body, 'PrimaryImageAttribute') ?? primaryImage
  if (image !== undefined && table.columns.find(({ name }) => name === image)?.type !== 'Image')
    throw invalid(`The table ${table.logicalName} has no image column '${image}'.`)
  return {
    ...rest,
    ...mergedLabels(table, sentLabels(body), merge),
    ...settingsOf(body),
    ...(image !== undefined && { primaryImage: image }),
  }
}

/** Lookups that may point at rows of any table: of notes and files, and of activities. Their relationships go with the table. */
const followingColumns = new Set(['objectid', 'regardingobjectid'])

/**
 * Everything but a table, its relationships to others, and the pairs that it takes part in.
 * @throws WebApiError 0x8004f01f while lookups of other tables point at it
 */
export function withoutTable(definitions: Definitions, table: TableSeed): Definitions {
  const users = definitions.tables
    .filter((one) => one !== table)
    .flatMap(({ logicalName, lookups }) =>
      lookups
        .filter(({ target, column }) => target === table.logicalName && !followingColumns.has(column))
        .map(({ column }) => `${logicalName}.${column}`),
    )
  if (users.length > 0) throw inUse('Entity', tableId(table), users)
  const tables = definitions.tables
    .filter((one) => one !== table)
    .map((one) =>
      one.lookups.some(({ target }) => target === table.logicalName)
        ? { ...one, lookups: one.lookups.filter(({ target }) => target !== table.logicalName) }
        : one,
    )
  const isOther = ({ table: name }: { table: string }) => name !== table.logicalName
  return { ...definitions, tables, manyToMany: definitions.manyToMany.filter(({ sides }) => sides.every(isOther)) }
}

/** The relationships of notes and activities to a table that asks for them. */
export function withFollowers(definitions: Definitions, { logicalName, schemaName }: TableSeed, body: DefinitionBody): Definitions {
  const follower = ({ logicalName: name, activity }: TableSeed): Lookup | undefined => {
    if (name === 'annotation' && body.HasNotes === true)
      return {
        column: 'objectid',
        navigation: `objectid_${logicalName}`,
        target: logicalName,
        collection: `${logicalName}_Annotations`,
        deletedWithParent: true,
      }
    if (activity === true && body.HasActivities === true)
      return {
        column: 'regardingobjectid',
        navigation: `regardingobjectid_${logicalName}_${name}`,
        target: logicalName,
        collection: `${schemaName}_${pluralOf(name)}`,
        deletedWithParent: true,
      }
    return undefined
  }
  const tables = definitions.tables.map((table) => {
    const lookup = follower(table)
    return lookup && table.columns.some(({ name }) => name === lookup.column) ? { ...table, lookups: [...table.lookups, lookup] } : table
  })
  return { ...definitions, tables }
}
