import { badQuery, noProperty, notSupported, WebApiError } from '../error.ts'
import type { Collection, Column, Lookup, Schema, Table } from '../organization/schema.ts'
import { type Expression, parseFilter } from './filter.ts'
import { type Order, parseOrderBy, parseSelect, parseTop } from './options.ts'

/** One navigation property to be sent along, with its options. */
export interface Expand {
  name: string
  /** Table of the rows that are sent along; of `ownerid` it is users, which stand for teams as well. */
  table: Table
  lookup?: Lookup
  collection?: Collection
  /** Written `<lookup>/$ref`: only the address of the row. */
  reference: boolean
  select?: Column[]
  filter?: Expression
  orderBy: Order[]
  top?: number
  expand: Expand[]
  /** The options as they were written. */
  raw: ReadonlyMap<string, string>
}

const most = 15
const onlySelectAndFilter =
  'Only $select and $filter clause can be provided while doing $expand on many-to-one relationship or nested one-to-many relationship.'

/** Reads `$expand` (facts sheet "$expand"). @throws WebApiError 0x80060888, or 0x80048d0b on an elastic table; 501 for paths and `*` */
export function parseExpand(schema: Schema, table: Table, text: string | undefined): Expand[] {
  if (text === undefined) return []
  const expands = parseLevel(schema, table, text)
  if (levelsOf(expands).length > most) throw tooMany()
  if (isNested(expands)) levelsOf(expands).forEach(refuseInNested)
  return expands
}

/** Whether there is an expansion inside an expansion, which changes how collections are sent. */
export function isNested(expands: readonly Expand[]): boolean {
  return expands.some(({ expand }) => expand.length > 0)
}

function levelsOf(expands: readonly Expand[]): Expand[] {
  return expands.flatMap((one) => [one, ...levelsOf(one.expand)])
}

function refuseInNested({ name, collection, raw }: Expand): void {
  if (collection?.through)
    throw badQuery(
      `The navigation property '${name}' cannot be expanded. Only many-to-one relationships are supported for nested expansion.`,
    )
  if (collection && (raw.has('$orderby') || raw.has('$top'))) throw badQuery(onlySelectAndFilter)
}

function tooMany(): Error {
  return badQuery(`The number of $expand options exceeds the limit of ${most}.`)
}

/** @param level how deep it is nested, from 1 */
function parseLevel(schema: Schema, table: Table, text: string, level = 1): Expand[] {
  if (level > most) throw tooMany()
  return splitOutside(text, ',').map((part) => parseOne(schema, table, part.trim(), level))
}

function parseOne(schema: Schema, table: Table, text: string, level: number): Expand {
  const [, path = '', options] = /^([^(]*)(?:\((.*)\))?$/s.exec(text) ?? []
  const reference = path.endsWith('/$ref')
  const name = reference ? path.slice(0, -'/$ref'.length) : path
  if (name.includes('/')) throw notSupported('paths in $expand')
  if (name === '*') throw notSupported('$expand=*')
  const lookup = table.navigations.get(name)
  const collection = table.collections.get(name)
  if (!lookup && !collection) throw noProperty(name, table)
  if (reference && !lookup) throw badQuery('Expand with $ref is only supported on lookup type navigation property.')
  if (reference && options !== undefined) throw badQuery('No options can be given behind $ref in $expand.')
  const target = schema.tables.get(lookup?.target === 'owner' ? 'systemuser' : (lookup?.target ?? collection!.table))!
  if (table.elastic || target.elastic) throw new WebApiError(400, '0x80048d0b', 'Link entities are not supported')
  return {
    name,
    table: target,
    reference,
    ...(lookup && { lookup }),
    ...(collection && { collection }),
    ...parseInner(schema, target, options ?? '', lookup, level),
  }
}

function parseInner(
  schema: Schema,
  table: Table,
  text: string,
  lookup: Lookup | undefined,
  level: number,
): Pick<Expand, 'select' | 'filter' | 'orderBy' | 'top' | 'expand' | 'raw'> {
  const raw = new Map(
    splitOutside(text, ';')
      .filter((part) => part.trim() !== '')
      .map(pair),
  )
  for (const name of raw.keys()) {
    if (!['$select', '$filter', '$orderby', '$top', '$expand'].includes(name))
      throw badQuery(`The query parameter ${name} is not supported inside $expand`)
  }
  if (lookup && (raw.has('$orderby') || raw.has('$top'))) throw badQuery(onlySelectAndFilter)
  if (lookup?.target === 'owner') checkPrincipal(raw)
  const [select, filter, expand] = [raw.get('$select'), raw.get('$filter'), raw.get('$expand')]
  return {
    ...(select !== undefined && select !== '*' && { select: parseSelect(table, select) }),
    ...(filter !== undefined && { filter: parseFilter(filter) }),
    orderBy: parseOrderBy(raw.get('$orderby')),
    ...(raw.has('$top') && { top: parseTop(raw.get('$top')) }),
    expand: expand === undefined ? [] : parseLevel(schema, table, expand, level + 1),
    raw,
  }
}

/** What users and teams have in common is the key `ownerid` (facts sheet "Row addressing and alternate keys"). */
function checkPrincipal(raw: ReadonlyMap<string, string>): void {
  if (raw.has('$filter') || raw.has('$expand'))
    throw notSupported('$filter and $expand on an expanded ownerid; use owninguser or owningteam')
  for (const name of raw.get('$select')?.split(',') ?? [])
    if (!['ownerid', '*'].includes(name.trim())) throw noProperty(name.trim(), { logicalName: 'principal' })
}

function pair(text: string): [string, string] {
  const equals = text.indexOf('=')
  if (equals < 0) throw badQuery(`Syntax error in $expand at '${text.trim()}'.`)
  return [text.slice(0, equals).trim(), text.slice(equals + 1).trim()]
}

/** Splits where no parenthesis and no text is open. */
export function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = []
  let [depth, quote, start] = [0, false, 0]
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === "'") quote = !quote
    else if (quote) continue
    else if (character === '(') depth++
    else if (character === ')') depth--
    else if (character === separator && depth === 0) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  return [...parts, text.slice(start)]
}
