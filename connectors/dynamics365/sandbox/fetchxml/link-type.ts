import type { Join } from '../query/tree.ts'
import { badLinkType } from './error.ts'
import type { Element } from './xml.ts'

/** Link types that bring further rows beside those of the entity. */
export const joinKinds: Readonly<Record<string, Join['kind']>> = {
  inner: 'inner',
  natural: 'inner',
  outer: 'left',
  matchfirstrowusingcrossapply: 'first',
}

/** Link types that only ask whether there is a row, and where such a link-entity stands: in a filter, or beside it. */
export const existencePlaces: Readonly<Record<string, 'filter' | 'entity'>> = {
  any: 'filter',
  'not any': 'filter',
  all: 'filter',
  'not all': 'filter',
  exists: 'entity',
  in: 'entity',
}

/** @throws WebApiError 0x80041117 */
export function linkTypeOf(element: Element): string {
  const type = element.attributes.get('link-type') ?? 'inner'
  if (!Object.hasOwn(joinKinds, type) && !Object.hasOwn(existencePlaces, type)) throw badLinkType(type.slice(0, 100))
  return type
}

export function isExistence(link: Element): boolean {
  return Object.hasOwn(existencePlaces, linkTypeOf(link))
}
