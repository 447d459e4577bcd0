import type { Context } from 'hono'
import { type Reply, readReply } from './authorize.ts'
import type { Dialect } from './dialects/dialect.ts'
import type { Directory } from './directory.ts'
import { errorPage, formPostPage } from './pages.ts'
import { describe } from './refusal.ts'

type Answer = Response | Promise<Response>

/** An error before the redirect is known to be good is shown to the person; a later one is sent there (facts sheet "Authorization code + PKCE"). */
export function withReply(
  directory: Directory,
  dialect: Dialect,
  c: Context,
  answer: (query: URLSearchParams, reply: Reply) => Answer,
): Answer {
  const query = new URL(c.req.url).searchParams
  let reply: Reply | undefined
  try {
    reply = readReply(directory, dialect, c.req.param('tenant') ?? directory.tenantId, query)
    return answer(query, reply)
  } catch (thrown) {
    const { error, error_description, error_uri } = describe(directory, c, thrown).body
    if (!reply) return c.html(errorPage(error_description), 400)
    return sendReply(c, reply, { error, error_description, ...(error_uri && { error_uri }) })
  }
}

/** A redirect without a path comes back with `/` (facts sheet "Redirect URIs and loopback"). */
export function sendReply(c: Context, reply: Reply, answer: Record<string, string>): Answer {
  const fields = { ...answer, ...(reply.state !== undefined && { state: reply.state }) }
  if (reply.mode === 'form_post') return c.html(formPostPage(reply, fields))
  const target = new URL(reply.redirectUri)
  if (reply.mode === 'fragment') target.hash = new URLSearchParams(fields).toString()
  else for (const [name, value] of Object.entries(fields)) target.searchParams.append(name, value)
  return c.redirect(target.href)
}
