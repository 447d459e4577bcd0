import { type Context, Hono } from 'hono'
import type { Counts } from '../counts.ts'
import type { Dialect } from './dialects/dialect.ts'
import { entraV1 } from './dialects/entra-v1.ts'
import { entraV2 } from './dialects/entra-v2.ts'
import type { Directory } from './directory.ts'
import { discoveryDocument, instanceDiscovery } from './discovery.ts'
import { grantAdminConsent } from './endpoints/admin-consent.ts'
import { finishSignIn, showSignIn } from './endpoints/authorize.ts'
import { beginDeviceSignIn } from './endpoints/device.ts'
import { tokenEndpoint } from './endpoints/token.ts'
import { messagePage } from './pages.ts'
import { refusal } from './refusal.ts'
import { checkTenant, manyTenants } from './tenant.ts'

/** The endpoints of Entra below `/{tenant}/`, v1 and v2 (facts sheet "URLs"). */
export function entraRoutes(directory: Directory, counts: Counts): Hono {
  const app = new Hono()
  const dialects: [string, Dialect][] = [
    ['/:tenant/oauth2/v2.0', entraV2],
    ['/:tenant/oauth2', entraV1],
  ]
  app.get('/common/discovery/instance', (c) => c.json(instanceDiscovery(directory, new URL(c.req.url))))
  for (const [base, dialect] of dialects) {
    app.post(`${base}/token`, (c) => tokenEndpoint(directory, counts, dialect, c))
    app.get(`${base}/authorize`, (c) => showSignIn(directory, counts, dialect, c))
    app.post(`${base}/authorize`, (c) => finishSignIn(directory, counts, dialect, c))
    app.get(`${base}/logout`, (c) => c.html(messagePage('You have signed out.')))
  }
  app.post('/:tenant/oauth2/v2.0/devicecode', (c) => beginDeviceSignIn(directory, entraV2, c))
  app.get('/:tenant/adminconsent', (c) => grantAdminConsent(directory, c))
  app.get('/:tenant/v2.0/.well-known/openid-configuration', (c) =>
    published(directory, c, () => discoveryDocument(directory, new URL(c.req.url).origin, c.req.param('tenant'))),
  )
  for (const path of ['/:tenant/discovery/v2.0/keys', '/:tenant/discovery/keys'] as const)
    app.get(path, (c) =>
      published(directory, c, async () => {
        if (!manyTenants.has(c.req.param('tenant'))) checkTenant(directory, c.req.param('tenant'))
        return { keys: [(await directory.signingKey()).publicJwk] }
      }),
    )
  return app
}

async function published(directory: Directory, c: Context, document: () => unknown): Promise<Response> {
  try {
    return c.json((await document()) as Record<string, unknown>)
  } catch (thrown) {
    return refusal(directory, c, thrown, 'invalid_tenant')
  }
}
