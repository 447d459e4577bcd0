import { createHash, createHmac } from 'node:crypto'
import { WebApiError } from '../error.ts'
import type { Call } from './call.ts'

/** What of a request a skip token belongs to. */
type Asked = Pick<Call, 'organization' | 'base' | 'path' | 'rawQuery' | 'query'>

/** A column that rows are sorted by, and its value in the last row of the page. */
export interface CookieColumn {
  name: string
  last: string | number | null
}

/**
 * The address of the next page. Its token is a cookie in a cookie (facts sheet "Paging"). Clients must not look into it; what counts is
 * the position, which is bound to the query it came from and signed, so that a changed one is refused.
 */
export function nextLink(asked: Asked, position: unknown, columns: readonly CookieColumn[], tracking = false): string {
  const query = asked.rawQuery.split('&').filter((pair) => pair !== '' && !/^(?:\$|%24)skiptoken=/i.test(pair))
  const page = pageNumber(asked)
  const payload = Buffer.from(JSON.stringify({ position, order: orderOf(asked), query: digest(asked) })).toString('base64url')
  const values = columns.map(({ name, last }) => `<${name} ${last === null ? 'lastnull="1"' : `last="${escaped(String(last))}"`} />`)
  const inner = `<cookie page="${page}" position="${payload}.${sign(asked, payload)}">${values.join('')}</cookie>`
  const cookie = `<cookie pagenumber="${page + 1}" pagingcookie="${encode(inner)}" istracking="${tracking ? 'True' : 'False'}" />`
  return `${asked.base}/${asked.path}?${[...query, `$skiptoken=${encodeURIComponent(cookie).replaceAll('%3D', '=').replaceAll('%2F', '/')}`].join('&')}`
}

/**
 * Where the page before ended.
 * @throws WebApiError 0x8004112A for a token that is not one of ours or of another query, 0x80041129 for one of another order
 */
export function readSkipToken<T>(asked: Asked): T | undefined {
  const cookie = asked.query.get('$skiptoken')
  if (cookie === undefined) return undefined
  const [, payload = '', signature] = /position="([\w-]+)\.([\w-]+)"/.exec(innerOf(cookie)) ?? []
  if (payload === '' || signature !== sign(asked, payload)) throw invalid()
  const { position, order, query } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
  if (order !== orderOf(asked))
    throw new WebApiError(400, '0x80041129', 'The paging cookie belongs to another order of the rows than the query asks for.')
  if (query !== digest(asked)) throw invalid()
  return position as T
}

function innerOf(cookie: string): string {
  try {
    return decodeURIComponent(/pagingcookie="([^"]+)"/.exec(cookie)?.[1] ?? '')
  } catch {
    throw invalid()
  }
}

function invalid(): WebApiError {
  return new WebApiError(400, '0x8004112A', 'The paging cookie is not valid.')
}

function pageNumber({ query }: Asked): number {
  return Number(/pagenumber="(\d+)"/.exec(query.get('$skiptoken') ?? '')?.[1] ?? 1)
}

function orderOf({ query }: Asked): string {
  return query.get('$orderby') ?? ''
}

function digest({ path, query }: Asked): string {
  const rest = [...query].filter(([name]) => name !== '$skiptoken' && name !== '$orderby').sort()
  return createHash('sha256')
    .update(JSON.stringify([path, rest]))
    .digest('base64url')
}

function sign({ organization }: Asked, payload: string): string {
  return createHmac('sha256', organization.secret).update(payload).digest('base64url')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

/** With small hexadecimal digits, as the service writes them. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
}
