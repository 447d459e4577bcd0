import type { ColumnSeed, Definitions, Lookup, ManyToMany, TableSeed } from '../../organization/seed.ts'
import { checkProperties, customSchemaName, type DefinitionBody, isObject, textOf } from './body.ts'
import { withColumn } from './column.ts'
import { sentLabels } from './labels.ts'
import { refuseTakenNavigation, refuseTakenTable } from './names.ts'
import { columnProperties, manyToManyProperties, oneToManyProperties } from './properties.ts'
import { exists, invalid } from './refuse.ts'
import { withTable } from './with-table.ts'

/**
 * A many-to-one relationship with the lookup that it is made of (facts sheet "Writing definitions").
 * @param newId gives the `MetadataId` of each definition that is made
 * @throws WebApiError 400
 */
export function withOneToMany(
  definitions: Definitions,
  body: DefinitionBody,
  newId: () => string,
): { definitions: Definitions; id: string } {
  checkProperties(body, 'OneToManyRelationshipMetadata', oneToManyProperties)
  const schemaName = freeName(definitions, customSchemaName(body))
  const target = tableNamed(definitions, body, 'ReferencedEntity')
  const table = tableNamed(definitions, body, 'ReferencingEntity')
  const column = lookupColumn(body, newId())
  const id = newId()
  const lookup: Lookup = {
    column: column.name,
    navigation: textOf(body, 'ReferencingEntityNavigationPropertyName') ?? column.schemaName!,
    schemaName,
    metadataId: id,
    target: target.logicalName,
    collection: textOf(body, 'ReferencedEntityNavigationPropertyName') ?? schemaName,
    ...behaviorOf(body),
  }
  refuseTakenNavigation(definitions, table, lookup.navigation)
  refuseTakenNavigation(definitions, target, lookup.collection!)
  if (table === target && lookup.navigation === lookup.collection)
    throw invalid('A relationship of a table with itself needs two different navigation properties.')
  const made = withColumn(table, column)
  return { definitions: withTable(definitions, { ...made, lookups: [...made.lookups, lookup] }), id }
}

function lookupColumn({ Lookup: sent }: DefinitionBody, metadataId: string): ColumnSeed {
  if (!isObject(sent)) throw invalid('A one-to-many relationship needs its Lookup: a LookupAttributeMetadata with at least a SchemaName.')
  checkProperties(sent, 'LookupAttributeMetadata', columnProperties)
  const schemaName = customSchemaName(sent)
  return { name: schemaName.toLowerCase(), type: 'Lookup', schemaName, metadataId, custom: true, ...sentLabels(sent) }
}

/** What deleting the row that is pointed at does. @throws WebApiError 400 */
function behaviorOf({ CascadeConfiguration: cascade }: DefinitionBody): Pick<Lookup, 'deletedWithParent' | 'restrictsDelete'> {
  if (cascade === undefined || cascade === null) return {}
  const onDelete = isObject(cascade) ? (textOf(cascade, 'Delete') ?? 'RemoveLink') : undefined
  if (onDelete === 'Cascade') return { deletedWithParent: true }
  if (onDelete === 'Restrict') return { restrictsDelete: true }
  if (onDelete === 'RemoveLink' || onDelete === 'NoCascade') return {}
  throw invalid('CascadeConfiguration.Delete must be Cascade, Restrict, RemoveLink or NoCascade.')
}

/** A relationship as a complete definition says it shall be: how it cascades. @throws WebApiError 400 */
export function changedLookup(lookup: Lookup, body: DefinitionBody): Lookup {
  checkProperties(body, 'OneToManyRelationshipMetadata', oneToManyProperties)
  const { deletedWithParent: _, restrictsDelete: __, ...rest } = lookup
  return { ...rest, ...behaviorOf(body) }
}

/** A many-to-many relationship with its table of pairs. @throws WebApiError 400 */
export function newManyToMany(definitions: Definitions, body: DefinitionBody, metadataId: string): ManyToMany {
  checkProperties(body, 'ManyToManyRelationshipMetadata', manyToManyProperties)
  const schemaName = freeName(definitions, customSchemaName(body))
  const intersect = (textOf(body, 'IntersectEntityName') ? customSchemaName(body, 'IntersectEntityName') : schemaName).toLowerCase()
  const intersectEntitySet = `${intersect}set`
  refuseTakenTable(definitions, intersect, intersectEntitySet)
  const [one, two] = [tableNamed(definitions, body, 'Entity1LogicalName'), tableNamed(definitions, body, 'Entity2LogicalName')]
  const names = ['Entity1NavigationPropertyName', 'Entity2NavigationPropertyName'].map((name) => textOf(body, name) ?? schemaName)
  const columns = one.primaryId === two.primaryId ? [`${one.primaryId}one`, `${two.primaryId}two`] : [one.primaryId, two.primaryId]
  if (one === two && names[0] === names[1])
    throw invalid('A relationship of a table with itself needs two different navigation properties.')
  const sides = [one, two].map((table, at) => {
    refuseTakenNavigation(definitions, table, names[at]!)
    return { table: table.logicalName, column: columns[at]!, navigation: names[at]! }
  })
  return { schemaName, intersect, intersectEntitySet, metadataId, custom: true, sides: sides as ManyToMany['sides'] }
}

/** @throws WebApiError 400 */
function tableNamed({ tables }: Definitions, body: DefinitionBody, property: string): TableSeed {
  const name = textOf(body, property)
  const found = tables.find(({ logicalName }) => logicalName === name)
  if (!found) throw invalid(`${property} must name a table, and there is no table '${name ?? ''}'.`)
  return found
}

function freeName({ tables, manyToMany }: Definitions, name: string): string {
  const taken = [
    ...tables.flatMap(({ lookups }) => lookups.map(({ schemaName }) => schemaName)),
    ...manyToMany.map(({ schemaName }) => schemaName),
  ]
  if (taken.includes(name)) throw exists('A relationship', name)
  return name
}
