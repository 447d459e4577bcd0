import { randomInt } from 'node:crypto'
import type { Context } from 'hono'
import type { Dialect } from '../dialects/dialect.ts'
import { type DeviceCode, type Directory, randomText, registration } from '../directory.ts'
import { EntraError } from '../errors.ts'
import { deviceCodeLifeSeconds } from '../grants/device-code.ts'
import { devicePage, errorPage, messagePage } from '../pages.ts'
import { checkTenant } from '../tenant.ts'
import { readForm } from '../token-request.ts'
import { refuse } from './token.ts'

const intervalSeconds = 5
/** No letter or digit that can be mistaken for another. */
const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** Begins a sign-in that a person finishes on another device (facts sheet "Device code"). */
export async function beginDeviceSignIn(directory: Directory, dialect: Dialect, c: Context): Promise<Response> {
  try {
    const form = readForm(await c.req.text(), c.req.header('content-type'))
    const clientId = form.get('client_id')
    if (!clientId) throw new EntraError(900144, { parameter: 'client_id' })
    checkTenant(directory, c.req.param('tenant') ?? directory.tenantId, clientId)
    const client = registration(directory, clientId)
    if (!client) throw new EntraError(700016, { client: clientId, tenant: directory.tenantId })
    if (client.kind !== 'public') throw new EntraError(7000218)
    const { origin } = new URL(c.req.url)
    const scope = dialect.readScope(form, origin, directory)
    if (!scope) throw new EntraError(900144, { parameter: 'scope' })
    const [code, userCode] = [randomText('deviceCode'), newUserCode()]
    const issuedAt = directory.clock()
    directory.deviceCodes.set(code, { realm: dialect.realm, clientId: client.clientId, scope, userCode, issuedAt, state: 'pending' })
    const verificationUri = dialect.realm === 'entra' ? `${origin}/devicelogin` : `${origin}/adfs/oauth2/deviceauth`
    return c.json({
      user_code: userCode,
      device_code: code,
      verification_uri: verificationUri,
      expires_in: deviceCodeLifeSeconds,
      interval: intervalSeconds,
      message: `To sign in, use a web browser to open the page ${verificationUri} and enter the code ${userCode} to authenticate.`,
    })
  } catch (thrown) {
    return refuse(directory, dialect, c, thrown)
  }
}

export function showDevicePage({ user }: Directory, c: Context): Response | Promise<Response> {
  return c.html(devicePage(user.name))
}

/** The person's side: the code of the other device, and yes or no. */
export async function finishDeviceSignIn(directory: Directory, c: Context): Promise<Response> {
  const form = new URLSearchParams(await c.req.text())
  const typed = form.get('code')?.trim().toUpperCase()
  const found = [...directory.deviceCodes.values()].find(({ userCode, state }) => userCode === typed && state === 'pending')
  if (!found || isOver(directory, found)) return c.html(errorPage('That code did not work. Check the code and try again.'), 400)
  found.state = form.get('decision') === 'cancel' ? 'declined' : 'approved'
  if (found.state === 'approved') directory.consented.add(found.clientId)
  return c.html(
    messagePage(
      found.state === 'approved'
        ? 'You have signed in on your device. You may close this window.'
        : 'The sign-in was declined. You may close this window.',
    ),
  )
}

function isOver({ clock }: Directory, { issuedAt }: DeviceCode): boolean {
  return clock().getTime() - issuedAt.getTime() >= deviceCodeLifeSeconds * 1_000
}

function newUserCode(): string {
  return Array.from({ length: 9 }, () => letters[randomInt(letters.length)]).join('')
}
