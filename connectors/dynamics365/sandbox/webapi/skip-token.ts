import { createHash, createHmac } from 'node:crypto'
import { WebApiError } from '../error.ts'
import type { Call } from './call.ts'

/**
 * The address of the next page. The token is an opaque cookie (facts sheet "Paging"): it holds where the page ended, is bound to the query
 * it came from, and is signed, so that a changed one is refused.
 */
export function nextLink(call: Call, cursor: unknown, tracking = false): string {
  const query = call.rawQuery.split('&').filter((pair) => pair !== '' && !/^(?:\$|%24)skiptoken=/i.test(pair))
  const payload = Buffer.from(JSON.stringify(cursor)).toString('base64url')
  const cookie = `<cookie pagenumber="${pageNumber(call) + 1}" pagingcookie="${payload}.${sign(call, payload)}" istracking="${tracking ? 'True' : 'False'}" />`
  return `${call.base}/${call.path}?${[...query, `$skiptoken=${encodeURIComponent(cookie)}`].join('&')}`
}

/** @throws WebApiError 0x8004112A for a token that is not one of ours or of another query */
export function readSkipToken<T>(call: Call): T | undefined {
  const cookie = call.query.get('$skiptoken')
  if (cookie === undefined) return undefined
  const [, payload = '', signature] = /pagingcookie="([\w-]+)\.([\w-]+)"/.exec(cookie) ?? []
  if (payload === '' || signature !== sign(call, payload)) throw new WebApiError(400, '0x8004112A', 'The paging cookie is not valid.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as T
}

function pageNumber(call: Call): number {
  return Number(/pagenumber="(\d+)"/.exec(call.query.get('$skiptoken') ?? '')?.[1] ?? 1)
}

function sign(call: Call, payload: string): string {
  const query = [...call.query].filter(([name]) => name !== '$skiptoken').sort()
  const digest = createHash('sha256')
    .update(JSON.stringify([call.path, query]))
    .digest('base64')
  return createHmac('sha256', call.organization.secret).update(`${digest} ${payload}`).digest('base64url')
}
