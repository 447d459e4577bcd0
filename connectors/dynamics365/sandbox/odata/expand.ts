import { badQuery, noProperty, notSupported } from '../error.ts'
import type { Collection, Column, Lookup, Schema, Table } from '../organization/schema.ts'
import { type Expression, parseFilter } from './filter.ts'
import { type Order, parseOrderBy, parseSelect, parseTop } from './options.ts'

/** One navigation property to be sent along, with its options. */
export interface Expand {
  name: string
  /** Table of the rows that are sent along. */
  table: Table
  lookup?: Lookup
  collection?: Collection
  select?: Column[]
  filter?: Expression
  orderBy: Order[]
  top?: number
  /** The options as they were written. */
  raw: ReadonlyMap<string, string>
}

const most = 15

/** @throws WebApiError 0x80060888, 501 for nested expansions */
export function parseExpand(schema: Schema, table: Table, text: string | undefined): Expand[] {
  if (text === undefined) return []
  const parts = splitOutside(text, ',')
  if (parts.length > most) throw badQuery(`The number of $expand options exceeds the limit of ${most}.`)
  return parts.map((part) => parseOne(schema, table, part.trim()))
}

function parseOne(schema: Schema, table: Table, text: string): Expand {
  const [, name = '', options = ''] = /^([^(]*)(?:\((.*)\))?$/s.exec(text) ?? []
  if (name.includes('/')) throw notSupported('$ref and paths in $expand')
  if (name === '*') throw notSupported('$expand=*')
  const lookup = table.navigations.get(name)
  const collection = table.collections.get(name)
  if (lookup?.target === 'owner') throw notSupported('expanding ownerid; owninguser and owningteam lead to the same row')
  if (!lookup && !collection) throw noProperty(name, table)
  const target = schema.tables.get(lookup?.target ?? collection!.table)!
  return {
    name,
    table: target,
    ...(lookup && { lookup }),
    ...(collection && { collection }),
    ...parseInner(target, options, lookup !== undefined),
  }
}

function parseInner(table: Table, text: string, isLookup: boolean): Pick<Expand, 'select' | 'filter' | 'orderBy' | 'top' | 'raw'> {
  const raw = new Map(
    splitOutside(text, ';')
      .filter((part) => part.trim() !== '')
      .map(pair),
  )
  for (const name of raw.keys()) {
    if (name === '$expand') throw notSupported('$expand inside $expand')
    if (!['$select', '$filter', '$orderby', '$top'].includes(name))
      throw badQuery(`The query parameter ${name} is not supported inside $expand`)
  }
  if (isLookup && (raw.has('$orderby') || raw.has('$top'))) {
    throw badQuery(
      'Only $select and $filter clause can be provided while doing $expand on many-to-one relationship or nested one-to-many relationship.',
    )
  }
  if (isLookup && raw.has('$filter')) throw notSupported('$filter on an expanded lookup')
  const [select, filter] = [raw.get('$select'), raw.get('$filter')]
  return {
    ...(select !== undefined && select !== '*' && { select: parseSelect(table, select) }),
    ...(filter !== undefined && { filter: parseFilter(filter, new Map()) }),
    orderBy: parseOrderBy(raw.get('$orderby')),
    ...(raw.has('$top') && { top: parseTop(raw.get('$top')) }),
    raw,
  }
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
