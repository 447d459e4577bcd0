import { setTimeout as pause } from 'node:timers/promises'
import { Hono } from 'hono'
import { ConnectorError, type RunningSandbox } from '../../../runner/connector/index.ts'
import { type Ambush, createAmbush } from './control/ambush.ts'
import { sandboxConnection } from './control/connection.ts'
import { expireAccessTokens, killRefreshTokens } from './control/orders.ts'
import { controlRoutes } from './control/routes.ts'
import { type Counts, createCounts } from './counts.ts'
import { createFaults, type Plan } from './faults/faults.ts'
import { faultRoutes } from './faults/routes.ts'
import { type Handlers, listen } from './http-server.ts'
import { checkBearer } from './identity/bearer.ts'
import { type Directory, openDirectory } from './identity/directory.ts'
import { identityRoutes } from './identity/routes.ts'
import { seededUser } from './identity/seeded-user.ts'
import { createLimits, type Limits } from './limits/limits.ts'
import { limitRoutes } from './limits/routes.ts'
import { readOptions } from './options.ts'
import { reserve } from './organization/late.ts'
import { type Organization, type OrganizationOptions, openOrganization } from './organization/open.ts'
import type { WebApiRequest, WebApiResponse } from './webapi/call.ts'
import { handleWebApi } from './webapi/handle.ts'
import { failed } from './webapi/response.ts'

/**
 * Starts a Dynamics 365 of its own on 127.0.0.1: Entra's endpoints, the Web API and the control plane at one address.
 * @throws ConnectorError `sandbox_option_invalid`, `sandbox_port_unusable`, `sandbox_file_unusable`
 */
export async function startSandbox(options: Record<string, unknown> = {}): Promise<RunningSandbox> {
  const { port = 0, file, clock, parts, ...lives } = readOptions(options)
  const organization = open({ ...(file !== undefined && { file }), ...(clock && { clock }), ...(parts && { parts }) })
  const directory = openDirectory({ user: seededUser(), switches: organization.switches, ...lives, ...(clock && { clock }) })
  const counts = createCounts()
  const ambush = createAmbush(directory)
  const limits = createLimits(organization.clock)
  const faults = createFaults()
  const server = await listen(port, {
    webApi: webApi({ directory, organization, counts, ambush, limits }),
    other: routes(directory, counts, ambush, (app) => app.route('/limits', limitRoutes(limits)).route('/faults', faultRoutes(faults))),
    faults,
  }).catch((error) => {
    organization.close()
    throw error
  })
  return {
    url: server.origin,
    settings: { account_type: 'cloud', ...sandboxConnection(directory, server.origin), auth: 'client_credentials' },
    async close() {
      await server.close()
      organization.close()
    },
  }
}

function open(options: OrganizationOptions): Organization {
  const { file } = options
  try {
    return openOrganization(options)
  } catch (cause) {
    if (file === undefined) throw cause
    const message = `The sandbox cannot keep its rows in ${file}: ${(cause as Error).message}`
    throw new ConnectorError('rejected', 'sandbox_file_unusable', message, { cause })
  }
}

interface Gates {
  directory: Directory
  organization: Organization
  counts: Counts
  ambush: Ambush
  limits: Limits
}

/** What a request of the Web API passes before it is answered. */
function webApi({ directory, organization, counts, ambush, limits }: Gates): Handlers['webApi'] {
  return async (request, plan) => {
    counts.add('web_api_methods', request.method)
    ambush.spring(request.rawUrl)
    if (plan.kill_refresh_tokens) killRefreshTokens(directory, {})
    if (plan.expire_access_tokens) expireAccessTokens(directory)
    const [authorization, cookie] = ['authorization', 'cookie'].map((name) => [request.headers[name]].flat()[0])
    const caller = checkBearer(directory, authorization, request.origin)
    const answer = 'status' in caller ? caller : await limited(organization, limits, { ...request, userId: caller.userId }, cookie, plan)
    counts.add('web_api_statuses', answer.status)
    return answer
  }
}

async function limited(
  organization: Organization,
  limits: Limits,
  request: WebApiRequest,
  cookie: string | undefined,
  plan: Plan,
): Promise<WebApiResponse> {
  const admission = limits.enter(request.userId, cookie)
  if (admission.refused) return withHeaders(failed(admission.refused), admission.headers)
  let written = 0
  const count = () => {
    written++
  }
  organization.listeners.add(count)
  try {
    const answer = await commit(organization, request, plan)
    return withHeaders(answer, { ...admission.headers, ...admission.leave(written) })
  } finally {
    organization.listeners.delete(count)
  }
}

/** At once, or where a fault says so under the versions of now and later. */
async function commit(organization: Organization, request: WebApiRequest, { late_commit: late }: Plan): Promise<WebApiResponse> {
  if (!late || request.method === 'GET') return handleWebApi(organization, request)
  const write = reserve(organization)
  await pause(Number(late.ms ?? 0), undefined, { ref: false })
  return write.run(() => handleWebApi(organization, request))
}

function withHeaders(answer: WebApiResponse, headers: Record<string, string>): WebApiResponse {
  return { ...answer, headers: { ...answer.headers, ...headers } }
}

function routes(directory: Directory, counts: Counts, ambush: Ambush, more: (control: Hono) => void): Handlers['other'] {
  const app = new Hono()
  const control = controlRoutes(directory, counts, ambush)
  more(control)
  app.route('/sandbox', control)
  app.route('/', identityRoutes(directory, counts))
  app.notFound((c) => c.text(`The sandbox has nothing at ${c.req.method} ${c.req.path}.`, 404))
  app.onError((error, c) => c.text(`The sandbox failed: ${error.stack}`, 500))
  return (request) => app.fetch(request)
}
