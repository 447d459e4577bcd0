import { Hono } from 'hono'
import type { Counts } from '../counts.ts'
import { adfsRoutes } from './adfs-routes.ts'
import type { Directory } from './directory.ts'
import { finishDeviceSignIn, showDevicePage } from './endpoints/device.ts'
import { entraRoutes } from './entra-routes.ts'

/** Both servers that can sign somebody in, at one address: AD FS below `/adfs/`, Entra below the tenant. */
export function identityRoutes(directory: Directory, counts: Counts): Hono {
  const app = new Hono()
  for (const path of ['/devicelogin', '/adfs/oauth2/deviceauth']) {
    app.get(path, (c) => showDevicePage(directory, c))
    app.post(path, (c) => finishDeviceSignIn(directory, c))
  }
  app.route('/adfs', adfsRoutes(directory, counts))
  app.route('/', entraRoutes(directory, counts))
  return app
}
