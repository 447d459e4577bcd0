import { Hono } from 'hono'
import type { Counts } from '../counts.ts'
import { adfs } from './dialects/adfs.ts'
import type { Directory } from './directory.ts'
import { adfsDiscovery } from './discovery.ts'
import { finishSignIn, showSignIn } from './endpoints/authorize.ts'
import { beginDeviceSignIn } from './endpoints/device.ts'
import { tokenEndpoint } from './endpoints/token.ts'
import { messagePage } from './pages.ts'

/** The endpoints of AD FS below `/adfs/` (facts sheet "AD FS as authorization server", "Endpoints"). */
export function adfsRoutes(directory: Directory, counts: Counts): Hono {
  const app = new Hono()
  // Its own document names them with a slash at the end, its documentation without.
  for (const slash of ['', '/']) {
    app.post(`/oauth2/token${slash}`, (c) => tokenEndpoint(directory, counts, adfs, c))
    app.get(`/oauth2/authorize${slash}`, (c) => showSignIn(directory, counts, adfs, c))
    app.post(`/oauth2/authorize${slash}`, (c) => finishSignIn(directory, counts, adfs, c))
    app.post(`/oauth2/devicecode${slash}`, (c) => beginDeviceSignIn(directory, adfs, c))
    app.get(`/oauth2/logout${slash}`, (c) => c.html(messagePage('You have signed out.')))
    app.all(`/ls${slash}`, (c) => c.text('The sandbox has no sign-in by forms (WS-Federation). Use /adfs/oauth2/authorize.', 501))
  }
  app.get('/.well-known/openid-configuration', (c) => c.json(adfsDiscovery(new URL(c.req.url).origin)))
  app.get('/discovery/keys', async (c) => c.json({ keys: [(await directory.signingKey()).publicJwk] }))
  app.all('/userinfo', (c) => c.text('The sandbox has no userinfo endpoint; the id token says the same.', 501))
  return app
}
