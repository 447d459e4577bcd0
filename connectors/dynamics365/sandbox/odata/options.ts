import { badQuery, noProperty, notSupported } from '../error.ts'
import type { Column, Schema, Table } from '../organization/schema.ts'
import { type Expand, parseExpand } from './expand.ts'
import { type Aliases, type Expression, parseFilter } from './filter.ts'
import { percentDecoded } from './percent.ts'

export interface Order {
  path: string[]
  descending: boolean
}

/** The query options of a request on rows of one table, checked. */
export interface Options {
  /** Undefined: all columns. In the order asked for. */
  select?: Column[]
  filter?: Expression
  orderBy: Order[]
  top?: number
  count: boolean
  expand: Expand[]
  skipToken?: string
  deltaToken?: string
  /** The options as they were written, decoded. */
  raw: ReadonlyMap<string, string>
}

const unsupportedHere = new Map([
  ['$apply', 'aggregation ($apply)'],
  ['fetchXml', 'FetchXML'],
  ['savedQuery', 'saved views'],
  ['userQuery', 'personal views'],
  ['sql', 'SQL in the query option sql'],
])
const known = new Set(['$select', '$filter', '$orderby', '$top', '$count', '$expand', '$skiptoken', '$deltatoken', 'tag', 'partitionId'])

/** Name and value of each part of a query string, decoded. @throws WebApiError 400 for a broken encoding */
export function parseQuery(query: string): Map<string, string> {
  const options = new Map<string, string>()
  for (const pair of query.split('&').filter((one) => one !== '')) {
    const equals = pair.indexOf('=')
    const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
    const what = `The query option '${name}'`
    options.set(percentDecoded(name, what), percentDecoded(value.replaceAll('+', ' '), what))
  }
  return options
}

/**
 * Checks the query options against the table.
 * @throws WebApiError 0x80060888 for an option or property that does not exist, 501 for one that the sandbox does not know
 */
export function parseOptions(schema: Schema, table: Table, raw: ReadonlyMap<string, string>): Options {
  for (const name of raw.keys()) {
    const unsupported = unsupportedHere.get(name)
    if (unsupported) throw notSupported(unsupported)
    if (!known.has(name) && !name.startsWith('@')) throw badQuery(`The query parameter ${name} is not supported`)
  }
  const aliases: Aliases = new Map([...raw].filter(([name]) => name.startsWith('@')))
  const text = (name: string) => raw.get(name)
  const [select, filter, skipToken, deltaToken] = [text('$select'), text('$filter'), text('$skiptoken'), text('$deltatoken')]
  return {
    ...(select !== undefined && select !== '*' && { select: parseSelect(table, select) }),
    ...(filter !== undefined && { filter: parseFilter(filter, aliases) }),
    orderBy: parseOrderBy(text('$orderby'), aliases),
    ...(raw.has('$top') && { top: parseTop(text('$top')) }),
    count: parseCount(text('$count')),
    expand: parseExpand(schema, table, text('$expand')),
    ...(skipToken !== undefined && { skipToken }),
    ...(deltaToken !== undefined && { deltaToken }),
    raw,
  }
}

export function parseSelect(table: Table, text: string): Column[] {
  return text.split(',').map((part) => {
    const column = table.properties.get(part.trim())
    // A navigation property gives no id either, so it is refused as well, which the sheet leaves open.
    if (!column) throw noProperty(part.trim(), table)
    return column
  })
}

/** Without the columns that are named again, which order nothing any more. */
export function parseOrderBy(text: string | undefined, aliases: Aliases = new Map()): Order[] {
  if (text === undefined) return []
  const orders = new Map<string, Order>()
  for (const part of text.split(',')) {
    const [name = '', direction = 'asc', more] = part.trim().split(/\s+/)
    if (name === '' || more !== undefined || !['asc', 'desc'].includes(direction))
      throw badQuery(`Syntax error in $orderby at '${part.trim()}'.`)
    const path = aliases.get(name) ?? name
    if (!orders.has(path)) orders.set(path, { path: path.split('/'), descending: direction === 'desc' })
  }
  return [...orders.values()]
}

export function parseTop(text: string | undefined): number {
  if (!/^\d+$/.test(text ?? ''))
    throw badQuery(`Invalid value '${text}' for $top query option found. The $top query option requires a non-negative integer value.`)
  return Number(text)
}

function parseCount(text: string | undefined): boolean {
  if (text !== undefined && text !== 'true' && text !== 'false')
    throw badQuery(`Invalid value '${text}' for $count query option found. Valid values are 'true' and 'false'.`)
  return text === 'true'
}
