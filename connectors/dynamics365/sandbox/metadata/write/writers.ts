import { wrongMethod } from '../../error.ts'
import type { Organization } from '../../organization/open.ts'
import { globalChoiceId, lookupId, manyToManyId, type Schema } from '../../organization/schema.ts'
import type { Definitions, GlobalChoice, Lookup, ManyToMany, TableSeed } from '../../organization/seed.ts'
import type { Resource } from '../resource.ts'
import { checkProperties, type DefinitionBody, declaredType } from './body.ts'
import { changedGlobalChoice, newGlobalChoice, withoutGlobalChoice } from './choices.ts'
import { changedColumn, newColumn, withColumn } from './column.ts'
import { withoutColumn, withoutLookup, withoutManyToMany } from './delete.ts'
import { indexed, newKey } from './key.ts'
import { refuseNavigation } from './names.ts'
import { manyToManyProperties } from './properties.ts'
import { invalid, notDeletable } from './refuse.ts'
import { changedLookup, newManyToMany, withOneToMany } from './relationship.ts'
import { changedTable, newTable, withFollowers, withoutTable } from './table.ts'
import { withTable } from './with-table.ts'

export interface WriteContext {
  organization: Organization
  schema: Schema
  definitions: Definitions
  /** Of the table in the address, where one is named. */
  table?: string
  body: DefinitionBody
  /** Labels in languages that the body does not have stay. */
  mergeLabels: boolean
  newId(): string
}

/** What can be done with the definitions of a set. Each gives the definitions as they are to be. */
export interface DefinitionWriter {
  /** As privileges name it: `prvCreateAttribute`. */
  kind: string
  create(context: WriteContext): { definitions: Definitions; id: string }
  change(context: WriteContext, item: Resource): Definitions
  remove(context: WriteContext, item: Resource): Definitions
}

/** By the name of the set. */
export const definitionWriters: Readonly<Record<string, DefinitionWriter>> = {
  EntityDefinitions: {
    kind: 'Entity',
    create({ definitions, body, newId }) {
      const table = newTable(definitions, body, newId)
      return { definitions: withFollowers({ ...definitions, tables: [...definitions.tables, table] }, table, body), id: table.metadataId! }
    },
    change: ({ definitions, body, mergeLabels }, item) =>
      withTable(definitions, changedTable(tableOf(definitions, item.properties.LogicalName), body, mergeLabels)),
    remove({ definitions }, item) {
      const table = tableOf(definitions, item.properties.LogicalName)
      if (!table.custom) throw notDeletable(table.logicalName, idOf(item))
      return withoutTable(definitions, table)
    },
  },
  Attributes: {
    kind: 'Attribute',
    create({ definitions, table: name, body, newId }) {
      const table = tableOf(definitions, name)
      const column = newColumn(definitions, table, body, newId())
      const changed = withColumn(table, column)
      for (const { name: added } of changed.columns.slice(table.columns.length)) refuseNavigation(definitions, table, added)
      return { definitions: withTable(definitions, changed), id: column.metadataId! }
    },
    change({ definitions, body, mergeLabels }, item) {
      const { table, column } = columnOf(definitions, item)
      const changed = changedColumn(column, table, body, mergeLabels)
      return withTable(definitions, { ...table, columns: table.columns.map((one) => (one === column ? changed : one)) })
    },
    remove({ definitions }, item) {
      const { table, column } = columnOf(definitions, item)
      return withTable(definitions, withoutColumn(table, column))
    },
  },
  Keys: {
    kind: 'EntityKey',
    create({ organization, definitions, table: name, body, newId }) {
      const table = tableOf(definitions, name)
      const key = indexed(organization, table, newKey(table, body, newId()))
      return { definitions: withTable(definitions, { ...table, keys: [...(table.keys ?? []), key] }), id: key.metadataId! }
    },
    change() {
      throw wrongMethod('PUT')
    },
    remove({ definitions }, item) {
      const table = tableOf(definitions, item.properties.EntityLogicalName)
      const key = table.keys?.find(({ name }) => name === item.properties.LogicalName)
      if (!key) throw notDeletable(String(item.properties.LogicalName), idOf(item))
      return withTable(definitions, { ...table, keys: table.keys!.filter((one) => one !== key) })
    },
  },
  RelationshipDefinitions: {
    kind: 'Relationship',
    create({ definitions, body, newId }) {
      const type = declaredType(body, ['OneToManyRelationshipMetadata', 'ManyToManyRelationshipMetadata'])
      if (type === 'OneToManyRelationshipMetadata') return withOneToMany(definitions, body, newId)
      const relationship = newManyToMany(definitions, body, newId())
      return { definitions: { ...definitions, manyToMany: [...definitions.manyToMany, relationship] }, id: relationship.metadataId! }
    },
    change({ definitions, body }, item) {
      const found = relationshipOf(definitions, item)
      if (found.pair) {
        checkProperties(body, 'ManyToManyRelationshipMetadata', manyToManyProperties)
        return definitions
      }
      const { table, lookup } = found
      const changed = changedLookup(lookup, body)
      return withTable(definitions, { ...table, lookups: table.lookups.map((one) => (one === lookup ? changed : one)) })
    },
    remove({ schema, definitions }, item) {
      const found = relationshipOf(definitions, item)
      return found.pair ? withoutManyToMany(schema, found.pair) : withoutLookup(definitions, found.table, found.lookup)
    },
  },
  GlobalOptionSetDefinitions: {
    kind: 'OptionSet',
    create({ definitions, body, newId }) {
      const choice = newGlobalChoice(definitions, body, newId())
      return { definitions: { ...definitions, globalChoices: [...definitions.globalChoices, choice] }, id: choice.metadataId! }
    },
    change({ definitions, body, mergeLabels }, item) {
      const choice = choiceOf(definitions, item)
      const changed = changedGlobalChoice(choice, body, mergeLabels)
      return { ...definitions, globalChoices: definitions.globalChoices.map((one) => (one === choice ? changed : one)) }
    },
    remove: ({ definitions }, item) => withoutGlobalChoice(definitions, choiceOf(definitions, item)),
  },
}

function idOf({ properties }: Resource): string {
  return String(properties.MetadataId)
}

/** Tables of pairs belong to their relationship. @throws WebApiError 400 */
function tableOf({ tables }: Definitions, name: unknown): TableSeed {
  const found = tables.find(({ logicalName }) => logicalName === name)
  if (!found) throw invalid(`The table ${String(name)} belongs to a many-to-many relationship and cannot be changed.`)
  return found
}

/** Columns that only shadow others cannot be written. @throws WebApiError 400 */
function columnOf(definitions: Definitions, item: Resource) {
  const table = tableOf(definitions, item.properties.EntityLogicalName)
  const column = table.columns.find(({ name }) => name === item.properties.LogicalName)
  if (!column) throw notDeletable(String(item.properties.LogicalName), idOf(item))
  return { table, column }
}

type Relationship = { pair: ManyToMany } | { pair?: undefined; table: TableSeed; lookup: Lookup }

function relationshipOf({ tables, manyToMany }: Definitions, item: Resource): Relationship {
  const id = idOf(item)
  const pair = manyToMany.find((one) => manyToManyId(one) === id)
  if (pair) return { pair }
  const table = tables.find((one) => one.lookups.some((lookup) => lookupId(one, lookup) === id))!
  return { table, lookup: table.lookups.find((lookup) => lookupId(table, lookup) === id)! }
}

/** One that only columns bring along has no definition of its own. @throws WebApiError 400 */
function choiceOf({ globalChoices }: Definitions, item: Resource): GlobalChoice {
  const found = globalChoices.find((one) => globalChoiceId(one) === idOf(item))
  if (!found) throw notDeletable(String(item.properties.Name), idOf(item))
  return found
}
