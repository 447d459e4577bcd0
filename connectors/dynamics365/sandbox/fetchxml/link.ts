import { notSupported, WebApiError } from '../error.ts'
import type { Condition, Join, Link } from '../query/tree.ts'
import { aliasOf, childrenOf, required } from './element.ts'
import { badLinkType } from './error.ts'
import { isExistence } from './existence.ts'
import { joined, parseExistences, parseFilters } from './filter.ts'
import { columnOf, type Scope, type Source } from './scope.ts'
import type { Element } from './xml.ts'

const linkTypes = ['inner', 'outer', 'any', 'not any', 'all', 'not all', 'exists', 'in', 'matchfirstrowusingcrossapply', 'natural']

/** A `<link-entity>` whose table has a name already. Its filter is read later, since it may speak of tables that come behind it. */
export interface LinkNode {
  element: Element
  parent: Source
  source: Source
  link: Link
  children: LinkNode[]
  condition(): Condition | undefined
}

/** @throws WebApiError 0x80041117 */
export function linkTypeOf(element: Element): string {
  const type = element.attributes.get('link-type') ?? 'inner'
  if (!linkTypes.includes(type)) throw badLinkType(type.slice(0, 100))
  return type
}

/** Gives a link-entity, and those that bring further rows inside it, their names. @throws WebApiError 0x8004430D, 0x80048d0b */
export function declareLink(scope: Scope, parent: Source, element: Element, place: Source['place'] = 'join'): LinkNode {
  scope.countLink()
  const table = scope.table(required(element, 'name'))
  if (parent.table.elastic || table.elastic) throw new WebApiError(400, '0x80048d0b', 'Link entities are not supported')
  const source = scope.declare(table, aliasOf(element) ?? scope.freeName(table), place)
  return {
    element,
    parent,
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
export function linkJoins(scope: Scope, nodes: readonly LinkNode[]): Join[] {
  return nodes.flatMap((node): Join[] => {
    const { source, link, element, children } = node
    const type = linkTypeOf(element)
    const condition = joined('and', [node.condition(), type === 'matchfirstrowusingcrossapply' ? first(scope, node) : undefined])
    const kind = type === 'outer' ? 'left' : 'inner'
    return [{ table: source.table, alias: source.alias, kind, link, ...(condition && { condition }) }, ...linkJoins(scope, children)]
  })
}

/** That no matching row has a smaller id: `matchfirstrowusingcrossapply` joins one row and no more. */
function first(scope: Scope, { element, parent, source }: LinkNode): Condition {
  const other = scope.anonymous(source.table)
  const smaller: Condition = {
    kind: 'columns',
    operator: 'lt',
    left: columnOf(other, source.table.primaryId),
    right: columnOf(source, source.table.primaryId),
  }
  const condition = joined('and', [parseFilters(scope, other, element), smaller])!
  return {
    kind: 'exists',
    negated: true,
    rows: { table: other.table, alias: other.alias, joins: [], link: linkOf(parent, other, element), condition },
  }
}
