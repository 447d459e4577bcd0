import { Hono } from 'hono'
import { ConnectorError, type RunningSandbox } from '../../../runner/connector/index.ts'
import { absentPaths } from './absent.ts'
import { createCertificates } from './certificates.ts'
import { createAmbush } from './control/ambush.ts'
import { createClock, readMoment, type SandboxClock } from './control/clock.ts'
import { sandboxConnection } from './control/connection.ts'
import { controlInterface } from './control/index.ts'
import { createCounts } from './counts.ts'
import { notSupported } from './error.ts'
import { createFaults, type Faults } from './faults/faults.ts'
import { pictureRoutes } from './files/picture-routes.ts'
import { giveFirstOrders } from './first-orders.ts'
import { type Gateway, webApi } from './gateway.ts'
import { answerHead } from './head.ts'
import { type Handlers, listen } from './http-server.ts'
import { openDirectory } from './identity/directory.ts'
import { identityRoutes } from './identity/routes.ts'
import { seededUser, userNamed } from './identity/users.ts'
import { createLimits } from './limits/limits.ts'
import { readLimits } from './limits/settings.ts'
import { createRequestLog } from './log.ts'
import { readOptions, type SandboxOptions } from './options.ts'
import { tableLacking } from './organization/custom-apis.ts'
import { type Organization, openOrganization } from './organization/open.ts'
import { pageRoutes } from './page/routes.ts'
import { withScenario } from './scenario/with-scenario.ts'
import { failed } from './webapi/response.ts'
import { endDeliveries } from './webhooks/dispatch.ts'

/**
 * Starts a Dynamics 365 of its own on 127.0.0.1: Entra's endpoints, the Web API and the control plane at one address.
 * @param given see {@link SandboxOptions}
 * @throws ConnectorError `sandbox_option_invalid`, `sandbox_scenario_invalid`, `sandbox_metadata_invalid`, `sandbox_data_invalid`,
 * `sandbox_file_unusable`, `sandbox_port_unusable`
 */
export async function startSandbox(given: Record<string, unknown> = {}): Promise<RunningSandbox> {
  const { options, place } = await withScenario(readOptions(given))
  const clock = createClock(typeof options.clock === 'function' ? options.clock : undefined)
  const begin = readMoment(options.clock)
  if (begin) clock.set(begin)
  const certificates = options.tls ? await createCertificates() : undefined
  const { organization, notes } = await open(options, clock)
  try {
    const gateway = compose(organization, clock, options)
    const { directory } = gateway
    const faults = createFaults()
    giveFirstOrders({ ...gateway, faults }, options, place)
    const handlers = { webApi: webApi(gateway), other: routes(gateway, clock, faults, certificates?.ca), faults }
    const server = await listen(options.port ?? 0, handlers, certificates)
    return {
      url: server.origin,
      settings: { account_type: 'cloud', ...sandboxConnection(directory, server.origin), auth: 'client_credentials' },
      ...(certificates && { ca: certificates.ca }),
      notes,
      async close() {
        await server.close()
        await endDeliveries(organization)
        organization.close()
      },
    }
  } catch (error) {
    organization.close()
    throw error
  }
}

function compose(organization: Organization, clock: SandboxClock, options: SandboxOptions): Gateway {
  const { accessTokenTtl, refreshTokenTtl, limits, auth = 'on' } = options
  const directory = openDirectory({
    user: seededUser(organization),
    userNamed: (name) => userNamed(organization, name),
    switches: organization.switches,
    clock: clock.now,
    ...(accessTokenTtl !== undefined && { accessTokenSeconds: accessTokenTtl }),
    ...(refreshTokenTtl !== undefined && { refreshTokenSeconds: refreshTokenTtl }),
  })
  return {
    directory,
    organization,
    counts: createCounts(),
    ambush: createAmbush(directory),
    limits: createLimits(clock.now, limits === undefined ? undefined : readLimits(limits)),
    log: createRequestLog(),
    auth,
  }
}

interface Opened {
  organization: Organization
  /** What was left out, in sentences. */
  notes: string[]
}

/** What reads files is loaded only where there are files. */
async function open(
  { persist: file, metadata, data, customApis = [], parts = [], switches }: SandboxOptions,
  clock: SandboxClock,
): Promise<Opened> {
  const tables = metadata ? (await import('./metadata/load/read-files.ts')).readMetadataFiles(metadata) : []
  const load = data && (await import('./data/load.ts')).loadData
  let isNew = false
  try {
    const organization = openOrganization({
      clock: clock.now,
      parts: [...tables, ...parts, { customApis: [...customApis] }],
      ...(file !== undefined && { file }),
      ...(switches && { switches }),
      fill(one) {
        isNew = true
        const lost = tableLacking(customApis, one.schema.tables)
        if (lost !== undefined) throw new ConnectorError('rejected', 'sandbox_option_invalid', lost)
        load?.(one, data ?? [])
      },
    })
    const notLoaded = load && !isNew ? [`${file} has rows already, so those of \`data\` are not loaded.`] : []
    return { organization, notes: [...organization.schema.notes, ...notLoaded] }
  } catch (cause) {
    if (cause instanceof ConnectorError) throw cause
    if (file === undefined && metadata)
      throw new ConnectorError(
        'rejected',
        'sandbox_metadata_invalid',
        `The tables of ${metadata.join(', ')} cannot be made: ${(cause as Error).message}`,
        { cause },
      )
    if (file === undefined) throw cause
    const message = `The sandbox cannot keep its rows in ${file}: ${(cause as Error).message}`
    throw new ConnectorError('rejected', 'sandbox_file_unusable', message, { cause })
  }
}

/** Everything beside the Web API: the control interface, the page, the sign-ins. */
function routes(gateway: Gateway, clock: SandboxClock, faults: Faults, ca: string | undefined): Handlers['other'] {
  const { directory, counts, log } = gateway
  const app = new Hono()
  app.route('/', pageRoutes())
  app.route('/', pictureRoutes(gateway))
  app.route('/sandbox', controlInterface({ ...gateway, clock, faults, ca }))
  app.route('/', identityRoutes(directory, counts, log))
  app.notFound((c) => {
    const absent = absentPaths.find(({ path }) => path.test(c.req.path))
    if (!absent) return c.text(`The sandbox has nothing at ${c.req.method} ${c.req.path}.`, 404)
    const { status, headers, body } = failed(notSupported(absent.what))
    return new Response(body, { status, headers })
  })
  app.onError((error, c) => c.text(`The sandbox failed: ${error.stack}`, 500))
  const answer = (request: Request) => app.fetch(request)
  return (request) => (request.method === 'HEAD' ? answerHead(request, answer) : answer(request))
}
