import type { Database } from './database.ts'
import { columnId, globalChoiceId, keyId, lookupId, manyToManyId, ownChoiceId, type Schema, tableId } from './schema.ts'
import type { Definitions } from './seed.ts'

/** What the definitions of an organization consist of. */
export type DefinitionKind = 'Entity' | 'Attribute' | 'EntityKey' | 'Relationship' | 'OptionSet'

/** When a definition was changed last. */
export interface DefinitionChange {
  /** `MetadataId`. */
  id: string
  kind: DefinitionKind
  /** Rises with every change (`Organization.metadataVersion`). */
  version: number
  deleted: boolean
}

/** Where changed definitions are kept beside the rows: whole, and what changed when. */
export const definitionTables = [
  'create table redefined (one integer primary key check (one = 1), definitions text not null)',
  'create table definition_change (id text primary key not null, kind text not null, version integer not null, deleted integer not null)',
].join(';\n')

const firstVersion = 1_000_000

/** The definitions that an organization was given after it was opened first. */
export function storedDefinitions(database: Database): Definitions | undefined {
  const text = database.get('select definitions from redefined')?.definitions
  return text === undefined ? undefined : (JSON.parse(String(text)) as Definitions)
}

export function lastChange(database: Database): number {
  return Number(database.get('select max(version) as version from definition_change')?.version ?? firstVersion)
}

/** Of a definition that was never changed there is none. */
export function definitionChanges(database: Database): DefinitionChange[] {
  return database
    .all('select id, kind, version, deleted from definition_change order by version')
    .map(({ id, kind, version, deleted }) => ({
      id: String(id),
      kind: kind as DefinitionKind,
      version: Number(version),
      deleted: deleted === 1,
    }))
}

/** Keeps what an organization is made of now, and what of it differs from before. */
export function storeDefinitions(database: Database, before: Schema, after: Schema): void {
  const version = lastChange(database) + 1
  database.run('insert or replace into redefined values (1, ?)', JSON.stringify(after.definitions))
  const [old, now] = [elementsOf(before.definitions, after.definitions), elementsOf(after.definitions, before.definitions)]
  const record = (id: string, kind: DefinitionKind, deleted: boolean) =>
    database.run('insert or replace into definition_change values (?, ?, ?, ?)', id, kind, version, Number(deleted))
  for (const [id, { kind, text }] of now) if (old.get(id)?.text !== text) record(id, kind, false)
  for (const [id, { kind }] of old) if (!now.has(id)) record(id, kind, true)
}

type Elements = Map<string, { kind: DefinitionKind; text: string }>

/** Of the tables and whatever else is not the very same object in the others. */
function elementsOf(definitions: Definitions, others: Definitions): Elements {
  const elements: Elements = new Map()
  const add = (kind: DefinitionKind, id: string, value: unknown) => elements.set(id, { kind, text: JSON.stringify(value) })
  const same = new Set<unknown>([...others.tables, ...others.manyToMany, ...others.globalChoices])
  const isTouched = (one: unknown) => !same.has(one)
  for (const table of definitions.tables.filter(isTouched)) {
    const { columns, lookups, keys = [], ...own } = table
    add('Entity', tableId(table), own)
    for (const column of columns) {
      add('Attribute', columnId(table, column), column)
      const options = column.choices ?? column.labels
      if (options && column.globalChoice === undefined) add('OptionSet', ownChoiceId(table, column), options)
    }
    for (const key of keys) add('EntityKey', keyId(table, key), key)
    for (const lookup of lookups) if (!lookup.inherited) add('Relationship', lookupId(table, lookup), lookup)
  }
  for (const relationship of definitions.manyToMany.filter(isTouched)) {
    add('Relationship', manyToManyId(relationship), relationship)
    add('Entity', tableId({ logicalName: relationship.intersect }), relationship)
  }
  for (const choice of definitions.globalChoices.filter(isTouched)) add('OptionSet', globalChoiceId(choice), choice)
  return elements
}
