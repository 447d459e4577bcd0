import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import type { Counts } from '../../counts.ts'
import { issueCode, readSignIn } from '../authorize.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Directory } from '../directory.ts'
import { EntraError } from '../errors.ts'
import { signInPage } from '../pages.ts'
import { sendReply, withReply } from '../reply.ts'

type Answer = Response | Promise<Response>

/** The page where the person signs in and, at Entra, agrees to what the app asks for. */
export function showSignIn(directory: Directory, counts: Counts, dialect: Dialect, c: Context): Answer {
  counts.add('authorize', 'GET')
  return withReply(directory, dialect, c, (query) => {
    const signIn = readSignIn(directory, dialect, originOf(c), query)
    const asks = needsConsent(directory, dialect, query, signIn.clientId) ? (signIn.scope?.permissions ?? []) : undefined
    return c.html(signInPage(directory.user.name, signIn, asks))
  })
}

/** The person's decision: a code for the app, or that access was denied. */
export async function finishSignIn(directory: Directory, counts: Counts, dialect: Dialect, c: Context): Promise<Response> {
  counts.add('authorize', 'POST')
  const decision = new URLSearchParams(await c.req.text()).get('decision')
  return withReply(directory, dialect, c, (query, reply) => {
    const signIn = readSignIn(directory, dialect, originOf(c), query)
    if (decision === 'cancel') throw new EntraError(65004)
    directory.consented.add(signIn.clientId)
    const code = issueCode(directory, signIn)
    return sendReply(c, reply, dialect.realm === 'entra' ? { code, session_state: randomUUID() } : { code })
  })
}

function needsConsent({ consented }: Directory, { realm }: Dialect, query: URLSearchParams, clientId: string): boolean {
  return realm === 'entra' && (query.get('prompt') === 'consent' || !consented.has(clientId))
}

function originOf(c: Context): string {
  return new URL(c.req.url).origin
}
