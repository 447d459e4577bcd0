import { handleBatch } from '../batch/handle.ts'
import { badQuery } from '../error.ts'
import { parseQuery } from '../odata/options.ts'
import type { Organization } from '../organization/open.ts'
import type { Call, WebApiRequest, WebApiResponse } from './call.ts'
import { parsePrefer } from './prefer.ts'
import { failed } from './response.ts'
import { route } from './route.ts'

/** Answers a request below `/api/data/`. Every failure is an answer, too. */
export async function handleWebApi(organization: Organization, request: WebApiRequest): Promise<WebApiResponse> {
  try {
    const call = toCall(organization, request)
    if (call.path === '$batch') return await handleBatch(call, (part) => handleWebApi(organization, { ...part, origin: request.origin, userId: request.userId }))
    return route(call)
  } catch (error) {
    return failed(error)
  }
}

function toCall(organization: Organization, { method, rawUrl, headers, body, origin, userId }: WebApiRequest): Call {
  const [, root, path = '', rawQuery = ''] = /^(\/api\/data\/v\d\.\d)\/?([^?]*)(?:\?(.*))?$/s.exec(rawUrl) ?? []
  if (root === undefined) throw badQuery('The address must begin with /api/data/v9.2/.')
  const header = (name: string) => {
    const value = headers[name.toLowerCase()]
    return Array.isArray(value) ? value.join(', ') : value
  }
  return {
    organization,
    method,
    base: `${origin}${root}`,
    path,
    rawQuery,
    query: parseQuery(rawQuery),
    header,
    prefer: parsePrefer(header('prefer')),
    body,
    caller: { userId },
  }
}
