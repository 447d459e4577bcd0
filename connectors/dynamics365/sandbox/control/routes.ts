import { type Context, Hono } from 'hono'
import type { Counts } from '../counts.ts'
import type { Directory } from '../identity/directory.ts'
import type { Ambush } from './ambush.ts'
import { freshRefreshToken, sandboxConnection } from './connection.ts'
import {
  addAdfsRedirect,
  addCertificate,
  addFederatedCredential,
  expireAccessTokens,
  failTokenEndpoint,
  killRefreshTokens,
  OrderError,
  reviveRefreshTokens,
  revokeAccessTokens,
  revokeConsent,
} from './orders.ts'

/** Switches for tests and rehearsals, below `/sandbox/`. JSON in, JSON out. */
export function controlRoutes(directory: Directory, counts: Counts, ambush: Ambush): Hono {
  const app = new Hono()
  const order = (path: string, carryOut: (body: Record<string, unknown>) => Record<string, unknown>) =>
    app.post(path, async (c) => c.json(carryOut(await readBody(c))))

  app.get('/connection', (c) => {
    const { origin } = new URL(c.req.url)
    return c.json({ ...sandboxConnection(directory, origin), refresh_token: freshRefreshToken(directory, origin) })
  })
  app.get('/requests', (c) => c.json(counts.read()))
  order('/requests/reset', () => {
    counts.reset()
    return {}
  })
  order('/refresh-tokens/kill', (body) => killRefreshTokens(directory, body))
  order('/refresh-tokens/revive', () => reviveRefreshTokens(directory))
  order('/access-tokens/expire', () => expireAccessTokens(directory))
  order('/access-tokens/revoke', () => revokeAccessTokens(directory))
  order('/consent/revoke', () => revokeConsent(directory))
  order('/certificates', (body) => addCertificate(directory, body))
  order('/federated-credentials', (body) => addFederatedCredential(directory, body))
  order('/adfs/redirects', (body) => addAdfsRedirect(directory, body))
  order('/before-next', (body) => ambush.lay(body))
  order('/token-endpoint/fail', (body) => failTokenEndpoint(directory, body))

  app.onError((error, c) => {
    if (error instanceof OrderError) return c.text(error.message, 400)
    throw error
  })
  return app
}

/** An empty body is an order without particulars. */
async function readBody(c: Context): Promise<Record<string, unknown>> {
  const text = await c.req.text()
  if (text.trim() === '') return {}
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>
  } catch {
    // Told below, together with JSON that is no object.
  }
  throw new OrderError('The body must be a JSON object.')
}
