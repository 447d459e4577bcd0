import type { Condition, Link, Rows } from '../query/tree.ts'
import { childrenOf } from './element.ts'
import { badLinkType, badNode } from './error.ts'
import { declareLink, type LinkNode, linkJoins, linkOf, linkTypeOf } from './link.ts'
import type { Scope, Source } from './scope.ts'
import type { Element } from './xml.ts'

/** Link types that stand inside filters only, and those that stand outside. */
const inFilters = ['any', 'not any', 'all', 'not all']
const outside = ['exists', 'in']

export function isExistence(link: Element): boolean {
  return !['inner', 'outer', 'natural', 'matchfirstrowusingcrossapply'].includes(linkTypeOf(link))
}

/**
 * A link-entity that only asks whether there is a row (facts sheet "`<fetch>` attributes"). `all` holds where there are rows and none of them
 * satisfies the filter, and `not all` is the same as `any`: that is how the service documents them, against their names.
 */
export function existence(scope: Scope, parent: Source, element: Element, place: 'filter' | 'entity'): Condition {
  const type = linkTypeOf(element)
  if (!(place === 'filter' ? inFilters : outside).includes(type)) throw badLinkType(type)
  if (childrenOf(element, 'attribute').length + childrenOf(element, 'all-attributes').length + childrenOf(element, 'order').length > 0)
    throw badNode(`A link-entity of the type '${type}' has no columns.`)
  const inner = scope.inside(parent)
  const rows = rowsOf(inner, declareLink(inner, parent, element, 'where'))
  if (type !== 'all') return { kind: 'exists', negated: type === 'not any', rows }
  const some = scope.anonymous(rows.table)
  return {
    kind: 'and',
    parts: [
      { kind: 'exists', negated: false, rows: { table: some.table, alias: some.alias, joins: [], link: linkOf(parent, some, element) } },
      { kind: 'exists', negated: true, rows },
    ],
  }
}

function rowsOf(scope: Scope, node: LinkNode): Rows & { link: Link } {
  const { source, link, children } = node
  const [joins, condition] = [linkJoins(scope, children), node.condition()]
  return { table: source.table, alias: source.alias, joins, link, ...(condition && { condition }) }
}
