import { noSuchSegment, notSupported, wrongMethod } from '../error.ts'
import type { Call, WebApiResponse } from './call.ts'
import { type Route, routes } from './routes.ts'
import { targetOf } from './target.ts'

/** Finds the operation that a path and a method name. */
export function route(call: Call): WebApiResponse {
  const target = targetOf(call.organization.schema, call.path)
  const candidates = routes.filter(({ kind }) => kind === target.kind)
  if (candidates.length === 0) throw notSupported(`addresses of the kind ${target.kind}`)
  if (call.method === 'OPTIONS') return { status: 200, headers: { 'OData-Version': '4.0', Allow: allowed(candidates) }, body: '' }
  const found = candidates.find(({ method }) => method === call.method)
  // A short name is more likely a property that does not exist than an operation.
  if (!found && target.kind === 'operation' && target.short) throw noSuchSegment(target.name)
  if (!found) throw wrongMethod(call.method)
  return found.handle(call, target)
}

function allowed(candidates: readonly Route[]): string {
  return ['OPTIONS', ...new Set(candidates.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].join(',')
}
