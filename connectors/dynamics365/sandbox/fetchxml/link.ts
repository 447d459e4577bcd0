import { notSupported, WebApiError } from '../error.ts'
import type { Condition, Join, Link } from '../query/tree.ts'
import { aliasOf, childrenOf, required } from './element.ts'
import { joined, parseExistences, parseFilters } from './filter.ts'
import { isExistence, joinKinds, linkTypeOf } from './link-type.ts'
import { columnOf, type Scope, type Source } from './scope.ts'
import type { Element } from './xml.ts'

/** A `<link-entity>` whose table has a name already. Its filter is read later, since it may speak of tables that come behind it. */
export interface LinkNode {
  element: Element
  source: Source
  link: Link
  children: LinkNode[]
  condition(): Condition | undefined
}

/** Gives a link-entity, and those that bring further rows inside it, their names. @throws WebApiError 0x8004430D, 0x80048d0b */
export function declareLink(scope: Scope, parent: Source, element: Element, place: Source['place'] = 'join'): LinkNode {
  scope.countLink()
  const table = scope.table(required(element, 'name'))
  if (parent.table.elastic || table.elastic) throw new WebApiError(400, '0x80048d0b', 'Link entities are not supported')
  const source = scope.declare(table, aliasOf(element) ?? scope.freeName(table), place)
  return {
    element,
    source,
    link: linkOf(parent, source, element),
    children: declareLinks(scope, source, element),
    condition: () => joined('and', [parseFilters(scope, source, element), ...parseExistences(scope, source, element)]),
  }
}

export function declareLinks(scope: Scope, parent: Source, element: Element): LinkNode[] {
  return childrenOf(element, 'link-entity')
    .filter((link) => !isExistence(link))
    .map((link) => declareLink(scope, parent, link))
}

export function linkOf(parent: Source, source: Source, element: Element): Link {
  if (!element.attributes.has('from') || !element.attributes.has('to')) throw notSupported('a link-entity without from and to in FetchXML')
  return {
    kind: 'columns',
    inner: columnOf(source, required(element, 'from')),
    outer: columnOf(parent, required(element, 'to')),
  }
}

/** The joins of link-entities, in the order of the document. */
export function linkJoins(nodes: readonly LinkNode[]): Join[] {
  return nodes.flatMap(({ source: { table, alias }, link, element, children, ...node }): Join[] => {
    const condition = node.condition()
    return [{ table, alias, kind: joinKinds[linkTypeOf(element)]!, link, ...(condition && { condition }) }, ...linkJoins(children)]
  })
}
