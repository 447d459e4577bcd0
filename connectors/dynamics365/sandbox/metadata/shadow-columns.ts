import { type Column, ownerTables, type Schema, type Table } from '../organization/schema.ts'
import { choiceTypes } from './option-set.ts'

/** A column of the metadata that has no property of its own: the name of what a lookup points at, the label of a choice. */
export interface Shadow {
  name: string
  of: Column
  type: 'String' | 'Virtual' | 'EntityName'
}

/** Columns whose `AttributeOf` is another column (facts sheet "What a runner must read"). */
export function shadowsOf(schema: Schema, table: Table): Shadow[] {
  return [...table.columns.values()].flatMap((of) => candidates(schema, of)).filter(({ name }) => !table.columns.has(name))
}

function candidates(schema: Schema, of: Column): Shadow[] {
  if (choiceTypes.has(of.type) && of.type !== 'EntityName') return [{ name: `${of.name}name`, of, type: 'Virtual' }]
  if (!of.isLookup) return []
  const targets = of.lookups.flatMap(({ target }) => (target === 'owner' ? ownerTables : [target]))
  const yomi = targets.some((name) => ['yomifullname', 'yominame'].some((column) => schema.tables.get(name)?.columns.has(column)))
  return [
    { name: `${of.name}name`, of, type: 'String' },
    ...(yomi ? [{ name: `${of.name}yominame`, of, type: 'String' as const }] : []),
    ...(of.polymorphic ? [{ name: `${of.name}type`, of, type: 'EntityName' as const }] : []),
  ]
}
