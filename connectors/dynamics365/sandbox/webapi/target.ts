import { badQuery, noSuchSegment } from '../error.ts'
import type { Collection, Column, Lookup, Schema, Table } from '../organization/schema.ts'

/** A row that a path leads to: by its key, through a lookup of another row, or as one of a collection of another row. */
export type RowPath =
  | { table: Table; key: string; lookup?: undefined; collection?: undefined }
  | { table: Table; from: RowPath; lookup: Lookup; collection?: undefined }
  | { table: Table; from: RowPath; collection: Collection; key: string; lookup?: undefined }

/** What a path names. Keys and parameters are as they were received, still percent-encoded. */
export type Target =
  | { kind: 'service' | 'metadata' | 'batch' }
  | { kind: 'definitions'; segments: readonly string[] }
  | { kind: 'set' | 'set count'; table: Table }
  | { kind: 'row'; row: RowPath }
  | { kind: 'property' | 'property value'; row: RowPath; column: Column }
  | { kind: 'lookup reference'; row: RowPath; lookup: Lookup }
  | { kind: 'collection' | 'collection count' | 'collection references'; row: RowPath; collection: Collection }
  | { kind: 'member reference'; row: RowPath; collection: Collection; key: string }
  | OperationTarget

/** A function or action, unbound or bound to a set or a row; what may follow a function that can be composed is in `more`. */
export interface OperationTarget {
  kind: 'operation'
  /** Without namespace. */
  name: string
  /** Between the parentheses; undefined without any. */
  parameters?: string
  binding?: { table: Table; row?: RowPath }
  /** Named without its namespace behind a set or row, where that is needed. */
  short?: true
  more: readonly string[]
}

const namespace = 'Microsoft.Dynamics.CRM.'
/** Of OData's own reader; deeper than any path of use. */
const mostSegments = 100
export const definitionSets: readonly string[] = [
  'EntityDefinitions',
  'RelationshipDefinitions',
  'GlobalOptionSetDefinitions',
  'ManagedPropertyDefinitions',
]

/**
 * Finds out what a path below the service root names.
 * @throws WebApiError 404 for a path that leads nowhere, 400 for one that is too long
 */
export function targetOf(schema: Schema, path: string): Target {
  const segments = splitPath(path)
  if (segments.length > mostSegments) throw badQuery('Too many segments in URI.')
  const [first = '', ...rest] = segments
  if (first === '') return { kind: 'service' }
  if (first === '$metadata') return { kind: 'metadata' }
  if (first === '$batch') return { kind: 'batch' }
  const { name, key } = parse(first)
  if (definitionSets.includes(name)) return { kind: 'definitions', segments }
  const table = schema.entitySets.get(name)
  if (!table) return { kind: 'operation', name, ...(key !== undefined && { parameters: key }), more: rest }
  if (key === undefined) return belowSet(table, rest)
  return belowRow(schema, { table, key }, rest)
}

function belowSet(table: Table, [segment, ...more]: readonly string[]): Target {
  if (segment === undefined) return { kind: 'set', table }
  if (segment === '$count' && more.length === 0) return { kind: 'set count', table }
  return bound({ table }, segment, more)
}

function belowRow(schema: Schema, row: RowPath, [segment, ...more]: readonly string[]): Target {
  if (segment === undefined) return { kind: 'row', row }
  const { table } = row
  if (segment.startsWith(namespace)) return bound({ table, row }, segment, more)
  const { name, key } = parse(segment)
  const [column, collection, lookup] = [table.properties.get(name), table.collections.get(name), table.navigations.get(name)]
  if (column && key === undefined) return belowProperty(row, column, more)
  if (collection) return belowCollection(schema, row, collection, key, more)
  if (lookup && key === undefined) return belowLookup(schema, row, lookup, more)
  return bound({ table, row }, segment, more)
}

function belowProperty(row: RowPath, column: Column, more: readonly string[]): Target {
  if (more.length === 0) return { kind: 'property', row, column }
  if (more.length === 1 && more[0] === '$value') return { kind: 'property value', row, column }
  throw noSuchSegment(more.at(-1)!)
}

function belowCollection(schema: Schema, row: RowPath, collection: Collection, key: string | undefined, more: readonly string[]): Target {
  const [segment] = more
  const last = more.length === 1
  if (key !== undefined && last && segment === '$ref') return { kind: 'member reference', row, collection, key }
  const table = schema.tables.get(collection.table)!
  if (key !== undefined) return belowRow(schema, { table, from: row, collection, key }, more)
  if (segment === undefined) return { kind: 'collection', row, collection }
  if (last && segment === '$count') return { kind: 'collection count', row, collection }
  if (last && segment === '$ref') return { kind: 'collection references', row, collection }
  throw noSuchSegment(segment)
}

function belowLookup(schema: Schema, row: RowPath, lookup: Lookup, more: readonly string[]): Target {
  if (more.length === 1 && more[0] === '$ref') return { kind: 'lookup reference', row, lookup }
  const target = schema.tables.get(lookup.target)
  // `ownerid` leads to a user or to a team; which of them only the row tells.
  if (!target) throw noSuchSegment(more[0] ?? lookup.navigation)
  return belowRow(schema, { table: target, from: row, lookup }, more)
}

function bound(binding: NonNullable<OperationTarget['binding']>, segment: string, more: readonly string[]): Target {
  const full = segment.startsWith(namespace)
  const { name, key } = parse(full ? segment.slice(namespace.length) : segment)
  return { kind: 'operation', name, ...(key !== undefined && { parameters: key }), binding, ...(!full && { short: true }), more }
}

function parse(segment: string): { name: string; key?: string } {
  const [, name = segment, key] = /^([^(]*)(?:\((.*)\))?$/s.exec(segment) ?? []
  return { name, ...(key !== undefined && { key }) }
}

/** At slashes that stand outside of parentheses and texts; a key may hold any character. */
function splitPath(path: string): string[] {
  const parts: string[] = []
  let [quoted, depth, start] = [false, 0, 0]
  for (let at = 0; at < path.length; at++) {
    const character = path[at]
    if (character === "'") quoted = !quoted
    else if (quoted) continue
    else if (character === '(') depth++
    else if (character === ')') depth--
    else if (character === '/' && depth === 0) {
      parts.push(path.slice(start, at))
      start = at + 1
    }
  }
  return [...parts, path.slice(start)]
}
