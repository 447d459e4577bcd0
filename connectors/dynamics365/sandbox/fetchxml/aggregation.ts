import {
  type Aggregation,
  canMeasure,
  type DatePart,
  type Group,
  type Measure,
  type MeasureKind,
  mostAggregated,
} from '../aggregate/aggregation.ts'
import { notSupported } from '../error.ts'
import type { Rows } from '../query/tree.ts'
import { aliasOf, childrenOf, flag, required, wholeNumber } from './element.ts'
import { badNode, duplicateAlias } from './error.ts'
import type { LinkNode } from './link.ts'
import { columnOf, type Source } from './scope.ts'
import type { Element } from './xml.ts'

const kinds: readonly MeasureKind[] = ['count', 'countcolumn', 'sum', 'avg', 'min', 'max']
const parts: readonly DatePart[] = ['day', 'week', 'month', 'quarter', 'year', 'fiscal-period', 'fiscal-year']

interface Place {
  source: Source
  element: Element
}

/** What a `<fetch aggregate='true'>` asks for. @throws WebApiError 0x8004111c, 0x80041103, 0x80041130 */
export function parseAggregation({
  fetch,
  entity,
  root,
  links,
  rows,
}: {
  fetch: Element
  entity: Element
  root: Source
  links: readonly LinkNode[]
  rows: Rows
}): Aggregation {
  const places = [{ source: root, element: entity }, ...links.flatMap(placesOf)]
  const attributes = places.flatMap((place) => childrenOf(place.element, 'attribute').map((element) => ({ source: place.source, element })))
  const names = attributes.map(nameOf)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw duplicateAlias(twice)
  if (names.length === 0) throw badNode('A query that aggregates needs attributes with an aggregate or groupby.')
  const grouped = attributes.filter(({ element }) => flag(element, 'groupby'))
  const measured = attributes.filter(({ element }) => !flag(element, 'groupby'))
  return {
    rows,
    groups: grouped.map(parseGroup),
    measures: measured.map(parseMeasure),
    orders: [...childrenOf(fetch, 'order'), ...places.flatMap(({ element }) => childrenOf(element, 'order'))].map((order) =>
      parseOrder(order, names),
    ),
    mostRows: wholeNumber(fetch, 'aggregatelimit', 1, mostAggregated) ?? mostAggregated,
  }
}

function placesOf({ source, element, children }: LinkNode): Place[] {
  return [{ source, element }, ...children.flatMap(placesOf)]
}

function nameOf({ element }: Place): string {
  const alias = aliasOf(element)
  if (alias === undefined) throw badNode('Each attribute of a query that aggregates needs an alias.')
  return alias
}

function parseGroup({ source, element }: Place): Group {
  const column = columnOf(source, required(element, 'name'))
  const text = element.attributes.get('dategrouping')
  const part = parts.find((one) => one === text)
  if (text !== undefined && (!part || column.column.type !== 'DateTime'))
    throw badNode(`The date grouping '${text.slice(0, 100)}' is not valid for '${column.column.name}'.`)
  if (part === undefined && column.column.type === 'DateTime')
    throw badNode(`The attribute '${column.column.name}' needs a dategrouping to be grouped by.`)
  return { name: nameOf({ source, element }), column, ...(part && { part }) }
}

function parseMeasure({ source, element }: Place): Measure {
  if (element.attributes.has('rowaggregate')) throw notSupported('row aggregates in FetchXML')
  const column = columnOf(source, required(element, 'name'))
  const text = required(element, 'aggregate')
  const kind = kinds.find((one) => one === text)
  if (!kind || !canMeasure(kind, column)) throw badNode(`The aggregate '${text.slice(0, 100)}' is not valid for '${column.column.name}'.`)
  return { name: nameOf({ source, element }), kind, column, distinct: flag(element, 'distinct') }
}

/** Totals are ordered by alias. */
function parseOrder(order: Element, names: readonly string[]): { name: string; descending: boolean } {
  const name = required(order, 'alias')
  if (!names.includes(name)) throw badNode(`There is no attribute with the alias '${name.slice(0, 100)}' to order by.`)
  return { name, descending: flag(order, 'descending') }
}
