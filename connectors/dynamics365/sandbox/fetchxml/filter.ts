import type { Condition } from '../query/tree.ts'
import { parseCondition } from './condition.ts'
import { childrenOf } from './element.ts'
import { badNode } from './error.ts'
import { existence } from './existence.ts'
import { isExistence } from './link-type.ts'
import type { Scope, Source } from './scope.ts'
import type { Element } from './xml.ts'

/** The `<filter>` elements of an entity or link-entity; undefined when they say nothing. */
export function parseFilters(scope: Scope, source: Source, parent: Element): Condition | undefined {
  return joined(
    'and',
    childrenOf(parent, 'filter').map((filter) => parseFilter(scope, source, filter)),
  )
}

function parseFilter(scope: Scope, source: Source, filter: Element): Condition | undefined {
  const type = filter.attributes.get('type') ?? 'and'
  if (type !== 'and' && type !== 'or') throw badNode(`The type of a filter must be 'and' or 'or'.`)
  return joined(
    type,
    filter.children.map((child) => {
      if (child.name === 'condition') return parseCondition(scope, source, child)
      return child.name === 'filter' ? parseFilter(scope, source, child) : existence(scope, source, child, 'filter')
    }),
  )
}

/** Conditions in one; of none undefined. */
export function joined(kind: 'and' | 'or', parts: readonly (Condition | undefined)[]): Condition | undefined {
  const given = parts.filter((part) => part !== undefined)
  return given.length > 1 ? { kind, parts: given } : given[0]
}

/** Link-entities that ask whether there is a row stand beside filters as well, as `exists` and `in`. */
export function parseExistences(scope: Scope, source: Source, parent: Element): Condition[] {
  return childrenOf(parent, 'link-entity')
    .filter(isExistence)
    .map((link) => existence(scope, source, link, 'entity'))
}
