import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import type { Counts } from '../../counts.ts'
import { issueCode, readSignIn } from '../authorize.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { AuthorizationCode, Directory } from '../directory.ts'
import { EntraError } from '../errors.ts'
import { signInPage } from '../pages.ts'
import { sendReply, withReply } from '../reply.ts'

type Answer = Response | Promise<Response>

/** The page where the person signs in and, at Entra, agrees to what the app asks for. */
export function showSignIn(directory: Directory, counts: Counts, dialect: Dialect, c: Context): Answer {
  counts.add('authorize', 'GET')
  return withReply(directory, dialect, c, (query) => {
    const signIn = readSignIn(directory, dialect, originOf(c), query)
    const hinted = directory.userNamed(query.get('login_hint') ?? '') ?? directory.user
    const asks = asked(directory, dialect, query, signIn)
    return c.html(signInPage(signIn, { userName: hinted.principalName, password: directory.password, asks }))
  })
}

/** The person's decision: a code for the app, the page again, or that access was denied. A form without name and password is the directory's own person. */
export async function finishSignIn(directory: Directory, counts: Counts, dialect: Dialect, c: Context): Promise<Response> {
  counts.add('authorize', 'POST')
  const form = new URLSearchParams(await c.req.text())
  return withReply(directory, dialect, c, (query, reply) => {
    const signIn = readSignIn(directory, dialect, originOf(c), query)
    if (form.get('decision') === 'cancel') throw new EntraError(65004)
    const [userName, password] = [form.get('username') ?? directory.user.principalName, form.get('password') ?? directory.password]
    const user = directory.userNamed(userName)
    if (!user || password !== directory.password) {
      const refused = 'Your account or password is incorrect.'
      return c.html(signInPage(signIn, { userName, password: '', asks: asked(directory, dialect, query, signIn), refused }))
    }
    directory.consented.add(signIn.clientId)
    const code = issueCode(directory, { ...signIn, user })
    return sendReply(c, reply, dialect.realm === 'entra' ? { code, session_state: randomUUID() } : { code })
  })
}

/** AD FS asks nobody: the administrator's grant is the consent. */
function asked({ consented }: Directory, { realm }: Dialect, query: URLSearchParams, { clientId, scope }: AuthorizationCode) {
  const asks = realm === 'entra' && (query.get('prompt') === 'consent' || !consented.has(clientId))
  return asks ? (scope?.permissions ?? []) : undefined
}

function originOf(c: Context): string {
  return new URL(c.req.url).origin
}
