import { notSupported } from '../error.ts'
import type { Column } from '../organization/schema.ts'
import type { ColumnRef } from '../query/tree.ts'
import { project } from '../webapi/projection.ts'
import { aliasOf, childrenOf, required } from './element.ts'
import { duplicateAlias } from './error.ts'
import type { LinkNode } from './link.ts'
import { columnOf, type Source } from './scope.ts'
import type { Element } from './xml.ts'

/** A column that is sent. */
export interface Output {
  ref: ColumnRef
  /** Name in the answer: of the entity the OData name, of a link-entity `alias.column`, or an alias of its own. */
  key: string
}

/**
 * The columns that a query asks for; an entity without any sends all, a link-entity none.
 * @param distinct rows without what would make each differ from the other
 * @throws WebApiError 0x80041103, 0x80041130
 */
export function outputsOf(root: Source, entity: Element, links: readonly LinkNode[], distinct: boolean): Output[] {
  const outputs = [...rootOutputs(root, entity, distinct), ...links.flatMap(linkOutputs)]
  const byKey = new Map<string, Output>()
  for (const output of outputs) {
    const same = byKey.get(output.key)
    if (same && (same.ref.alias !== output.ref.alias || same.ref.column !== output.ref.column)) throw duplicateAlias(output.key)
    byKey.set(output.key, output)
  }
  return [...byKey.values()]
}

function rootOutputs(root: Source, entity: Element, distinct: boolean): Output[] {
  const asked = askedFor(root, entity)
  const plain = asked?.filter(({ alias }) => alias === undefined).map(({ ref }) => ref.column)
  const columns = distinct && plain ? plain : project(root.table, plain).columns
  return [
    ...columns.map((column) => ({ ref: { table: root.table, alias: root.alias, column }, key: column.property })),
    ...(asked ?? []).flatMap(({ ref, alias }) => (alias === undefined ? [] : [{ ref, key: alias }])),
  ]
}

function linkOutputs({ source, element, children }: LinkNode): Output[] {
  const all = childrenOf(element, 'all-attributes').length > 0
  const asked = all
    ? project(source.table, undefined).columns.map((column) => ({ ref: columnOf(source, column.name), alias: undefined }))
    : (askedFor(source, element) ?? [])
  return [...asked.map(({ ref, alias }) => ({ ref, key: alias ?? `${source.name}.${ref.column.name}` })), ...children.flatMap(linkOutputs)]
}

/** Undefined: all columns. */
function askedFor(source: Source, element: Element): { ref: ColumnRef; alias: string | undefined }[] | undefined {
  const attributes = childrenOf(element, 'attribute')
  if (attributes.length === 0 || childrenOf(element, 'all-attributes').length > 0) return undefined
  return attributes.map((attribute) => {
    if (attribute.attributes.has('rowaggregate')) throw notSupported('row aggregates in FetchXML')
    return { ref: columnOf(source, required(attribute, 'name')), alias: aliasOf(attribute) }
  })
}

/** The column under the name that it has in the answer. */
export function renamed(column: Column, key: string): Column {
  return { ...column, name: key, property: key }
}
