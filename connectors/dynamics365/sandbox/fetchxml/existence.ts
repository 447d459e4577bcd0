import type { ColumnRef, Condition, Link, Rows } from '../query/tree.ts'
import { childrenOf } from './element.ts'
import { badLinkType, badNode } from './error.ts'
import { joined } from './filter.ts'
import { declareLink, type LinkNode, linkJoins, linkOf } from './link.ts'
import { existencePlaces, linkTypeOf } from './link-type.ts'
import { columnOf, type Scope, type Source } from './scope.ts'
import type { Element } from './xml.ts'

/** A link-entity that only asks whether there is a row (facts sheet "`<fetch>` attributes"). */
export function existence(scope: Scope, parent: Source, element: Element, place: 'filter' | 'entity'): Condition {
  const type = linkTypeOf(element)
  if (existencePlaces[type] !== place) throw badLinkType(type)
  if (childrenOf(element, 'attribute').length + childrenOf(element, 'all-attributes').length + childrenOf(element, 'order').length > 0)
    throw badNode(`A link-entity of the type '${type}' has no columns.`)
  const inner = scope.inside(parent)
  const rows = rowsOf(declareLink(inner, parent, element, 'where'))
  const found: Condition = { kind: 'exists', negated: type === 'not any', rows }
  if (type !== 'all' && type !== 'not all') return found
  const any = scope.anonymous(rows.table)
  const all = { table: any.table, alias: any.alias, joins: [], link: linkOf(parent, any, element) }
  if (scope.known.switches.fetchxml_all === 'inverted') return type === 'all' ? noneOf(rows, all) : found
  const same: Condition = { kind: 'columns', operator: 'eq', left: idOf(rows), right: idOf(all) }
  const failing: Condition = { kind: 'exists', negated: true, rows: { ...rows, condition: joined('and', [rows.condition, same])! } }
  return { kind: 'exists', negated: type === 'all', rows: { ...all, condition: failing } }
}

type LinkedRows = Rows & { link: Link }

/** That there are linked rows, and that these are not among them. */
function noneOf(rows: LinkedRows, all: LinkedRows): Condition {
  return {
    kind: 'and',
    parts: [
      { kind: 'exists', negated: false, rows: all },
      { kind: 'exists', negated: true, rows },
    ],
  }
}

function idOf({ table, alias }: Rows): ColumnRef {
  return columnOf({ table, alias }, table.primaryId)
}

function rowsOf({ source, link, children, condition: filter }: LinkNode): LinkedRows {
  const [joins, condition] = [linkJoins(children), filter()]
  return { table: source.table, alias: source.alias, joins, link, ...(condition && { condition }) }
}
