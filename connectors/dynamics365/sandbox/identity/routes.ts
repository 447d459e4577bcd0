import { type Context, Hono } from 'hono'
import type { Counts } from '../counts.ts'
import type { RequestLog } from '../log.ts'
import { adfsRoutes } from './adfs-routes.ts'
import type { Directory } from './directory.ts'
import { finishDeviceSignIn, showDevicePage } from './endpoints/device.ts'
import { entraRoutes } from './entra-routes.ts'

/** Both servers that can sign somebody in, at one address: AD FS below `/adfs/`, Entra below the tenant. */
export function identityRoutes(directory: Directory, counts: Counts, log?: RequestLog): Hono {
  const app = new Hono()
  if (log) app.use((c, next) => logged(log, c, next))
  for (const path of ['/devicelogin', '/adfs/oauth2/deviceauth']) {
    app.get(path, (c) => showDevicePage(directory, c))
    app.post(path, (c) => finishDeviceSignIn(directory, c))
  }
  app.route('/adfs', adfsRoutes(directory, counts))
  app.route('/', entraRoutes(directory, counts))
  return app
}

/** Forms and answers, so that a person sees why a sign-in failed. */
async function logged(log: RequestLog, c: Context, next: () => Promise<void>): Promise<void> {
  const began = performance.now()
  const body = await c.req.text()
  await next()
  const { pathname, search } = new URL(c.req.url)
  log.add({
    request: { method: c.req.method, rawUrl: pathname + search, headers: c.req.header(), body },
    answer: { status: c.res.status, headers: Object.fromEntries(c.res.headers), body: await c.res.clone().text() },
    ms: performance.now() - began,
  })
}
