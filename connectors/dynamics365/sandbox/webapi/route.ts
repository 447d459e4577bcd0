import { noSuchSegment, notSupported, wrongMethod } from '../error.ts'
import type { Call, WebApiResponse } from './call.ts'
import { routes } from './routes.ts'
import { targetOf } from './target.ts'

/** Finds the operation that a path and a method name. */
export function route(call: Call): WebApiResponse {
  const target = targetOf(call.organization.schema, call.path)
  const candidates = routes.filter(({ kind }) => kind === target.kind)
  if (candidates.length === 0) throw notSupported(`addresses of the kind ${target.kind}`)
  const found = candidates.find(({ method }) => method === call.method)
  // A short name is more likely a property that does not exist than an operation.
  if (!found) throw target.kind === 'operation' && target.short ? noSuchSegment(target.name) : wrongMethod(call.method)
  return found.handle(call, target)
}
