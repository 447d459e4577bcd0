import type { Context } from 'hono'
import { type Directory, registration } from '../directory.ts'
import { errorPage } from '../pages.ts'
import { isRegistered } from '../redirect-uri.ts'

/** An administrator agrees for everybody (facts sheet "URLs", admin consent); the sandbox's administrator always does. */
export function grantAdminConsent(directory: Directory, c: Context): Response | Promise<Response> {
  const { client_id: clientId = '', redirect_uri: redirectUri = '', state } = c.req.query()
  const client = registration(directory, clientId)
  if (!client || !isRegistered(redirectUri, client))
    return c.html(errorPage('AADSTS700016: There is no such app, or it has no such redirect.'), 400)
  directory.consented.add(client.clientId)
  const target = new URL(redirectUri)
  target.searchParams.set('admin_consent', 'True')
  target.searchParams.set('tenant', directory.tenantId)
  if (state !== undefined) target.searchParams.set('state', state)
  return c.redirect(target.href)
}
