import { Hono } from 'hono'
import { ConnectorError, type RunningSandbox } from '../../../runner/connector/index.ts'
import { createCertificates } from './certificates.ts'
import { createAmbush } from './control/ambush.ts'
import { createClock, type SandboxClock } from './control/clock.ts'
import { sandboxConnection } from './control/connection.ts'
import { controlInterface } from './control/index.ts'
import { createCounts } from './counts.ts'
import { loadData } from './data/load.ts'
import { createFaults, type Faults } from './faults/faults.ts'
import { type Gateway, webApi } from './gateway.ts'
import { type Handlers, listen } from './http-server.ts'
import { openDirectory } from './identity/directory.ts'
import { identityRoutes } from './identity/routes.ts'
import { seededUser } from './identity/seeded-user.ts'
import { createLimits } from './limits/limits.ts'
import { readLimits } from './limits/settings.ts'
import { createRequestLog } from './log.ts'
import { readOptions } from './options.ts'
import { type Organization, type OrganizationOptions, openOrganization } from './organization/open.ts'
import { pageRoutes } from './page/routes.ts'
import { endDeliveries } from './webhooks/dispatch.ts'

/**
 * Starts a Dynamics 365 of its own on 127.0.0.1: Entra's endpoints, the Web API and the control plane at one address.
 * @throws ConnectorError `sandbox_option_invalid`, `sandbox_port_unusable`, `sandbox_file_unusable`, `sandbox_data_invalid`
 */
export async function startSandbox(options: Record<string, unknown> = {}): Promise<RunningSandbox> {
  const { port = 0, auth = 'on', limits, clock: base, tls, data = [], accessTokenTtl, refreshTokenTtl, ...rest } = readOptions(options)
  const clock = createClock(base)
  const certificates = tls ? await createCertificates() : undefined
  const organization = open({ ...rest, clock: clock.now, fill: (one) => loadData(one, data) })
  const directory = openDirectory({
    user: seededUser(),
    switches: organization.switches,
    clock: clock.now,
    ...(accessTokenTtl !== undefined && { accessTokenSeconds: accessTokenTtl }),
    ...(refreshTokenTtl !== undefined && { refreshTokenSeconds: refreshTokenTtl }),
  })
  const gateway: Gateway = {
    directory,
    organization,
    counts: createCounts(),
    ambush: createAmbush(directory),
    limits: createLimits(clock.now, limits === undefined ? undefined : readLimits(limits)),
    log: createRequestLog(),
    auth,
  }
  const faults = createFaults()
  const server = await listen(
    port,
    {
      webApi: webApi(gateway),
      other: routes(gateway, clock, faults, certificates?.ca),
      faults,
    },
    certificates,
  ).catch((error) => {
    organization.close()
    throw error
  })
  return {
    url: server.origin,
    settings: { account_type: 'cloud', ...sandboxConnection(directory, server.origin), auth: 'client_credentials' },
    ...(certificates && { ca: certificates.ca }),
    async close() {
      await server.close()
      await endDeliveries(organization)
      organization.close()
    },
  }
}

function open({ persist: file, ...options }: Omit<OrganizationOptions, 'file'> & { persist?: string }): Organization {
  try {
    return openOrganization({ ...options, ...(file !== undefined && { file }) })
  } catch (cause) {
    if (file === undefined || cause instanceof ConnectorError) throw cause
    const message = `The sandbox cannot keep its rows in ${file}: ${(cause as Error).message}`
    throw new ConnectorError('rejected', 'sandbox_file_unusable', message, { cause })
  }
}

/** Everything beside the Web API: the control interface, the page, the sign-ins. */
function routes(gateway: Gateway, clock: SandboxClock, faults: Faults, ca: string | undefined): Handlers['other'] {
  const { directory, counts, log } = gateway
  const app = new Hono()
  app.route('/', pageRoutes())
  app.route('/sandbox', controlInterface({ ...gateway, clock, faults, ca }))
  app.route('/', identityRoutes(directory, counts, log))
  app.notFound((c) => c.text(`The sandbox has nothing at ${c.req.method} ${c.req.path}.`, 404))
  app.onError((error, c) => c.text(`The sandbox failed: ${error.stack}`, 500))
  return (request) => app.fetch(request)
}
