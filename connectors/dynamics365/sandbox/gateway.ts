import { setTimeout as pause } from 'node:timers/promises'
import type { Ambush } from './control/ambush.ts'
import { expireAccessTokens, killRefreshTokens } from './control/orders.ts'
import type { Counts } from './counts.ts'
import type { Plan } from './faults/faults.ts'
import type { Handlers } from './http-server.ts'
import { type Bearer, checkBearer, type Refusal, takeAnyBearer } from './identity/bearer.ts'
import type { Directory } from './identity/directory.ts'
import type { Limits } from './limits/limits.ts'
import type { RequestLog } from './log.ts'
import { reserve } from './organization/late.ts'
import type { Organization } from './organization/open.ts'
import type { WebApiRequest, WebApiResponse } from './webapi/call.ts'
import { handleWebApi } from './webapi/handle.ts'
import { failed } from './webapi/response.ts'
import { hasSynchronousSteps } from './webhooks/dispatch.ts'

export interface Gateway {
  directory: Directory
  organization: Organization
  counts: Counts
  ambush: Ambush
  limits: Limits
  log: RequestLog
  /** Whether access tokens are checked, or any is taken. */
  auth: 'on' | 'off'
}

type Anonymous = Omit<WebApiRequest, 'userId'>

/** What a request of the Web API passes before it is answered: what was ordered to happen, who asks, and whether too much is asked. */
export function webApi(gateway: Gateway): Handlers['webApi'] {
  const { directory, counts, ambush, log } = gateway
  return async (request, plan) => {
    const began = performance.now()
    counts.add('web_api_methods', request.method)
    ambush.spring(request.rawUrl)
    if (plan.kill_refresh_tokens) killRefreshTokens(directory, {})
    if (plan.expire_access_tokens) expireAccessTokens(directory)
    const answer = await admitted(gateway, request, plan)
    counts.add('web_api_statuses', answer.status)
    log.add({ request, answer, ms: performance.now() - began })
    return answer
  }
}

/** Who asks, or why nobody is let in. */
export function callerOf({ auth, directory }: Gateway, authorization: string | undefined, origin: string): Bearer | Refusal {
  return (auth === 'off' ? takeAnyBearer : checkBearer)(directory, authorization, origin)
}

function admitted(gateway: Gateway, request: Anonymous, plan: Plan): Promise<WebApiResponse> | Refusal {
  const caller = callerOf(gateway, header(request, 'authorization'), request.origin)
  return 'status' in caller ? caller : limited(gateway, { ...request, userId: caller.userId }, plan)
}

async function limited({ organization, limits }: Gateway, request: WebApiRequest, plan: Plan): Promise<WebApiResponse> {
  const admission = limits.enter(request.userId, header(request, 'cookie'))
  if (admission.refused) return withHeaders(failed(admission.refused), admission.headers)
  const before = organization.writtenRows
  const answer = await commit(organization, request, plan)
  return withHeaders(answer, { ...admission.headers, ...admission.leave(organization.writtenRows - before) })
}

/** At once, or where a fault says so under the versions of now and later. */
async function commit(organization: Organization, request: WebApiRequest, { late_commit: late }: Plan): Promise<WebApiResponse> {
  // A write that waits for somebody with its transaction open has a time of its own already.
  if (!late || request.method === 'GET' || hasSynchronousSteps(organization)) return handleWebApi(organization, request)
  const write = reserve(organization)
  await pause(Number(late.ms ?? 0), undefined, { ref: false })
  return write.run(() => handleWebApi(organization, request))
}

function header({ headers }: Anonymous, name: string): string | undefined {
  return [headers[name]].flat()[0]
}

function withHeaders(answer: WebApiResponse, headers: Record<string, string>): WebApiResponse {
  return { ...answer, headers: { ...answer.headers, ...headers } }
}
