import { type Comparison, compared, fits, joined, order, type Truth, type Value } from './plain.ts'

/** FetchXML queries as plain data, what they find in plain rows, and how they are written. */
export type Row = { id: string } & Record<string, Value>
export type Rows = Record<string, Row[]>

/** How rows of a further table belong to a row. */
export interface Path {
  table: string
  from: string
  to: string
}

export type Filter =
  | { kind: 'and' | 'or'; parts: Filter[] }
  | { kind: 'test'; column: string; operator: string; values: string[] }
  | { kind: 'columns'; operator: Comparison; column: string; other: string }
  | { kind: 'rows'; type: 'any' | 'not any' | 'all' | 'not all'; link: Link }

export interface Link {
  path: Path
  type: 'inner' | 'outer' | 'natural' | 'matchfirstrowusingcrossapply' | 'exists' | 'in' | 'filter'
  filter?: Filter
  links: Link[]
}

/** A row of the first table, and one of each link that brings rows, in the order of the document; null where an outer link has none. */
export type Tuple = (Row | null)[]

export const primaryIds: Record<string, string> = {
  hrb_vessel: 'hrb_vesselid',
  hrb_port_call: 'hrb_port_callid',
  hrb_port_call_task: 'hrb_port_call_taskid',
  account: 'accountid',
  contact: 'contactid',
  hrb_vessel_contact: 'hrb_vessel_contactid',
}

const asks = ({ type }: Link) => type === 'exists' || type === 'in'

export function find(rows: Rows, table: string, filter: Filter | undefined, links: readonly Link[]): Tuple[] {
  const tuples = links
    .filter((link) => !asks(link))
    .reduce(
      (found, link) => join(rows, found, link, 0),
      rows[table]!.map((row): Tuple => [row]),
    )
  return tuples.filter(([row]) => keeps(rows, row!, filter, links))
}

/** Whether the conditions of a table hold for a row: its filter, and the links that only ask for rows. */
function keeps(rows: Rows, row: Row, filter: Filter | undefined, links: readonly Link[]): boolean {
  return (!filter || holds(rows, row, filter) === true) && links.filter(asks).every((link) => linked(rows, row, link).length > 0)
}

function join(rows: Rows, tuples: Tuple[], link: Link, parent: number): Tuple[] {
  const place = tuples[0]?.length ?? 0
  const widened = tuples.flatMap((tuple): Tuple[] => {
    const row = tuple[parent]
    const found = row ? matching(rows, row, link).filter((one) => keeps(rows, one, link.filter, link.links)) : []
    const taken = link.type === 'matchfirstrowusingcrossapply' ? found.slice(0, 1) : found
    return (link.type === 'outer' && taken.length === 0 ? [null] : taken).map((one) => [...tuple, one])
  })
  return link.links.filter((inner) => !asks(inner)).reduce((found, inner) => join(rows, found, inner, place), widened)
}

/** The rows that a link finds for a row, with what is joined to them. */
function linked(rows: Rows, row: Row, link: Link): Tuple[] {
  return join(rows, [[row]], { ...link, type: 'inner' }, 0)
}

/** In the order of their ids. */
function matching(rows: Rows, row: Row, { path: { table, from, to } }: Link): Row[] {
  const value = to === 'id' ? row.id : (row[to] ?? null)
  return rows[table]!.filter((one) => value !== null && (from === 'id' ? one.id : one[from]) === value).sort((one, other) =>
    order(one.id, other.id),
  )
}

export function holds(rows: Rows, row: Row, filter: Filter): Truth {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return joined(
        filter.kind,
        filter.parts.map((part) => holds(rows, row, part)),
      )
    case 'test':
      return tests(row[filter.column] ?? null, filter.operator, filter.values)
    case 'columns':
      return compared(filter.operator, row[filter.column] ?? null, row[filter.other] ?? null, false)
    case 'rows': {
      const some = linked(rows, row, filter.link).length > 0
      if (filter.type === 'not any') return !some
      return filter.type === 'all' ? !some && matching(rows, row, filter.link).length > 0 : some
    }
  }
}

/** A condition of one column (facts sheet "`<fetch>` attributes"). */
function tests(value: Value, operator: string, values: readonly string[]): Truth {
  const literals = values.map((text) => (typeof value === 'number' ? Number(text) : typeof value === 'boolean' ? text === 'true' : text))
  const [first = null, second = null] = literals
  const options = value === null ? [] : String(value).split(',')
  if (operator.startsWith('not-') && operator !== 'not-null') {
    const twin = { 'not-begin-with': 'begins-with', 'not-end-with': 'ends-with' }[operator] ?? operator.slice('not-'.length)
    const found = tests(value, twin, values)
    return found === null ? null : !found
  }
  switch (operator) {
    case 'eq':
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le':
      return compared(operator, value, first, true)
    case 'ne':
    case 'neq':
      return compared('ne', value, first, true)
    case 'null':
      return value === null
    case 'not-null':
      return value !== null
    case 'like':
      return fits(value, values[0]!)
    case 'begins-with':
      return fits(value, `${values[0]}%`)
    case 'ends-with':
      return fits(value, `%${values[0]}`)
    case 'in':
      return value === null ? null : literals.some((one) => compared('eq', value, one, true))
    case 'between':
      return joined('and', [compared('ge', value, first, true), compared('le', value, second, true)])
    case 'contain-values':
      return value === null ? null : values.some((one) => options.includes(one))
    case 'on':
      return compared('eq', value, first, false)
    case 'on-or-after':
      return compared('ge', value, first, false)
    case 'on-or-before':
      return compared('le', value, first, false)
    default:
      throw new Error(operator)
  }
}

/** Names of the links that bring rows, in the order of the tuples. */
export function aliases(links: readonly Link[], prefix = 'l'): { alias: string; table: string }[] {
  return links
    .filter((link) => !asks(link))
    .flatMap((link, index) => [{ alias: `${prefix}${index}`, table: link.path.table }, ...aliases(link.links, `${prefix}${index}_`)])
}

export function printFilter(table: string, filter: Filter | undefined): string {
  if (!filter) return ''
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `<filter type="${filter.kind}">${filter.parts.map((part) => (part.kind === 'test' || part.kind === 'columns' || part.kind === 'rows' ? printPart(table, part) : printFilter(table, part))).join('')}</filter>`
    default:
      return `<filter>${printPart(table, filter)}</filter>`
  }
}

function printPart(table: string, part: Filter): string {
  switch (part.kind) {
    case 'test': {
      const { column, operator, values } = part
      const [one] = values
      const several = values.map((value) => `<value>${escaped(value)}</value>`).join('')
      const single = values.length === 1 && operator !== 'in' && operator !== 'not-in'
      return `<condition attribute="${column}" operator="${operator}"${single ? ` value="${escaped(one!)}"` : ''}>${single ? '' : several}</condition>`
    }
    case 'columns':
      return `<condition attribute="${part.column}" operator="${part.operator}" valueof="${part.other}"/>`
    case 'rows':
      return printLink(table, part.link, part.type)
    default:
      return printFilter(table, part)
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

/** Links that bring rows bring their ids, under {@link aliases}. */
export function printLinks(table: string, links: readonly Link[], prefix: string | undefined): string {
  let index = 0
  return links
    .map((link) => printLink(table, link, link.type, prefix === undefined || asks(link) ? undefined : `${prefix}${index++}`))
    .join('')
}

function printLink(table: string, { path, filter, links }: Link, type: string, alias?: string): string {
  const column = (name: string, of: string) => (name === 'id' ? primaryIds[of] : name)
  const id = alias === undefined ? '' : `<attribute name="${primaryIds[path.table]}"/>`
  const inside = `${id}${printFilter(path.table, filter)}${printLinks(path.table, links, alias === undefined ? undefined : `${alias}_`)}`
  const named = alias === undefined ? '' : ` alias="${alias}"`
  return `<link-entity name="${path.table}" from="${column(path.from, path.table)}" to="${column(path.to, table)}" link-type="${type}"${named}>${inside}</link-entity>`
}
