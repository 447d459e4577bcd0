import type { Order } from '../query/tree.ts'
import { childrenOf, flag, required } from './element.ts'
import { badNode } from './error.ts'
import type { LinkNode } from './link.ts'
import type { Output } from './output.ts'
import { columnOf, type Scope, type Source } from './scope.ts'
import type { Element } from './xml.ts'

/**
 * The `<order>` elements; those of link-entities come behind those of the entity.
 * @param raw whether choices sort by number (`useraworderby`)
 */
export function parseOrders(
  scope: Scope,
  root: Source,
  entity: Element,
  { links, outputs, raw }: { links: readonly LinkNode[]; outputs: readonly Output[]; raw: boolean },
): Order[] {
  const own = childrenOf(entity, 'order').map((order) => parseOrder(scope, root, order, outputs, raw))
  return [...own, ...links.flatMap((link) => linkOrders(scope, link, outputs, raw))]
}

function linkOrders(scope: Scope, { source, element, children }: LinkNode, outputs: readonly Output[], raw: boolean): Order[] {
  return [
    ...childrenOf(element, 'order').map((order) => parseOrder(scope, source, order, outputs, raw)),
    ...children.flatMap((child) => linkOrders(scope, child, outputs, raw)),
  ]
}

function parseOrder(scope: Scope, source: Source, order: Element, outputs: readonly Output[], raw: boolean): Order {
  const by = raw ? 'value' : 'label'
  const descending = flag(order, 'descending')
  const alias = order.attributes.get('alias')
  if (alias === undefined) {
    const table = order.attributes.get('entityname')
    return { column: columnOf(table === undefined ? source : scope.source(table), required(order, 'attribute')), descending, by }
  }
  const output = outputs.find(({ key }) => key === alias)
  if (!output) throw badNode(`There is no attribute with the alias '${alias.slice(0, 100)}' to order by.`)
  return { column: output.ref, descending, by }
}
