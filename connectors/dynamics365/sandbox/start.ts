import { Hono } from 'hono'
import { ConnectorError, type RunningSandbox } from '../../../runner/connector/index.ts'
import { type Ambush, createAmbush } from './control/ambush.ts'
import { sandboxConnection } from './control/connection.ts'
import { controlRoutes } from './control/routes.ts'
import { type Counts, createCounts } from './counts.ts'
import { type Handlers, listen } from './http-server.ts'
import { checkBearer } from './identity/bearer.ts'
import { type Directory, openDirectory } from './identity/directory.ts'
import { identityRoutes } from './identity/routes.ts'
import { seededUser } from './identity/seeded-user.ts'
import { readOptions } from './options.ts'
import { type Organization, openOrganization } from './organization/open.ts'
import { handleWebApi } from './webapi/handle.ts'

/**
 * Starts a Dynamics 365 of its own on 127.0.0.1: Entra's endpoints, the Web API and the control plane at one address.
 * @throws ConnectorError `sandbox_option_invalid`, `sandbox_port_unusable`, `sandbox_file_unusable`
 */
export async function startSandbox(options: Record<string, unknown> = {}): Promise<RunningSandbox> {
  const { port = 0, file, clock, ...lives } = readOptions(options)
  const organization = open(file, clock)
  const directory = openDirectory({ user: seededUser(), switches: organization.switches, ...lives, ...(clock && { clock }) })
  const counts = createCounts()
  const ambush = createAmbush(directory)
  const server = await listen(port, {
    webApi: webApi(directory, organization, counts, ambush),
    other: routes(directory, counts, ambush),
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

function open(file: string | undefined, clock: (() => Date) | undefined): Organization {
  try {
    return openOrganization({ ...(file !== undefined && { file }), ...(clock && { clock }) })
  } catch (cause) {
    if (file === undefined) throw cause
    const message = `The sandbox cannot keep its rows in ${file}: ${(cause as Error).message}`
    throw new ConnectorError('rejected', 'sandbox_file_unusable', message, { cause })
  }
}

function webApi(directory: Directory, organization: Organization, counts: Counts, ambush: Ambush): Handlers['webApi'] {
  return async (request) => {
    counts.add('web_api_methods', request.method)
    ambush.spring(request.rawUrl)
    const { authorization } = request.headers
    const caller = checkBearer(directory, typeof authorization === 'string' ? authorization : undefined, request.origin)
    const answer = 'status' in caller ? caller : await handleWebApi(organization, { ...request, userId: caller.userId })
    counts.add('web_api_statuses', answer.status)
    return answer
  }
}

function routes(directory: Directory, counts: Counts, ambush: Ambush): Handlers['other'] {
  const app = new Hono()
  app.route('/sandbox', controlRoutes(directory, counts, ambush))
  app.route('/', identityRoutes(directory, counts))
  app.notFound((c) => c.text(`The sandbox has nothing at ${c.req.method} ${c.req.path}.`, 404))
  app.onError((error, c) => c.text(`The sandbox failed: ${error.stack}`, 500))
  return (request) => app.fetch(request)
}
