import { randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import type { Counts } from '../counts.ts'
import { issueCode, readSignIn } from './authorize.ts'
import type { Directory, OrderedFailure } from './directory.ts'
import { discoveryDocument } from './discovery.ts'
import { EntraError } from './errors.ts'
import { signInPage } from './pages.ts'
import { noStore, refusal } from './refusal.ts'
import { sendReply, withReply } from './reply.ts'
import { checkTenant, manyTenants } from './tenant.ts'
import { grants, token } from './token.ts'
import { readForm } from './token-request.ts'

/** The endpoints of Entra v2 below `/{tenant}/` (facts sheet "URLs"). */
export function identityRoutes(directory: Directory, counts: Counts): Hono {
  const app = new Hono()

  app.post('/:tenant/oauth2/v2.0/token', async (c) => {
    const answer = await tokenAnswer(directory, counts, c, c.req.param('tenant'))
    counts.add('token_statuses', answer.status)
    return answer
  })

  app.get('/:tenant/oauth2/v2.0/authorize', (c) => {
    counts.add('authorize', 'GET')
    return withReply(directory, c, (query) => {
      const signIn = readSignIn(directory, originOf(c), query)
      return c.html(signInPage(directory.user.name, signIn.clientId, signIn.redirectUri))
    })
  })

  app.post('/:tenant/oauth2/v2.0/authorize', async (c) => {
    counts.add('authorize', 'POST')
    const decision = new URLSearchParams(await c.req.text()).get('decision')
    return withReply(directory, c, (query, reply) => {
      const signIn = readSignIn(directory, originOf(c), query)
      if (decision === 'cancel') throw new EntraError(65004)
      return sendReply(c, reply, { code: issueCode(directory, signIn), session_state: randomUUID() })
    })
  })

  app.get('/:tenant/v2.0/.well-known/openid-configuration', (c) =>
    published(directory, c, () => discoveryDocument(directory, originOf(c), c.req.param('tenant'))),
  )

  app.get('/:tenant/discovery/v2.0/keys', (c) =>
    published(directory, c, async () => {
      if (!manyTenants.has(c.req.param('tenant'))) checkTenant(directory, c.req.param('tenant'))
      return { keys: [(await directory.signingKey()).publicJwk] }
    }),
  )

  for (const path of ['oauth2/authorize', 'oauth2/token', 'oauth2/v2.0/devicecode'])
    app.all(`/:tenant/${path}`, (c) =>
      c.text(`The sandbox does not support /${path}. It has oauth2/v2.0/authorize and oauth2/v2.0/token.`, 501),
    )

  return app
}

function originOf(c: Context): string {
  return new URL(c.req.url).origin
}

async function published(directory: Directory, c: Context, document: () => unknown): Promise<Response> {
  try {
    return c.json((await document()) as Record<string, unknown>)
  } catch (thrown) {
    return refusal(directory, c, thrown, 'invalid_tenant')
  }
}

async function tokenAnswer(directory: Directory, counts: Counts, c: Context, tenant: string): Promise<Response> {
  try {
    const form = readForm(await c.req.text(), c.req.header('content-type'))
    const grant = form.get('grant_type') ?? ''
    counts.add('token', grants.includes(grant) ? grant : 'other')
    const ordered = nextFailure(directory.failures)
    if (ordered && 'status' in ordered) return plainFailure(c, ordered)
    if (ordered) throw new EntraError(ordered.code, { client: form.get('client_id') ?? '' })
    if (form.has('client_assertion')) return c.text('The sandbox does not support client assertions. Send client_secret.', 501)
    return c.json(await token(directory, { tenant, origin: originOf(c), headers: c.req.raw.headers, form }), 200, noStore)
  } catch (thrown) {
    return refusal(directory, c, thrown)
  }
}

/** Takes one of the answers that the control plane has ordered. */
function nextFailure(failures: OrderedFailure[]): OrderedFailure['answer'] | undefined {
  const next = failures[0]
  if (next && --next.times <= 0) failures.shift()
  return next?.answer
}

/** A throttled or broken endpoint answers in plain text (facts sheet "Entra: wrong secret; throttled"). */
function plainFailure(c: Context, { status, retryAfterSeconds }: { status: number; retryAfterSeconds?: number }): Response {
  const wait: Record<string, string> = retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }
  const text = status === 429 ? 'Too Many Requests' : 'The service is unavailable.'
  return c.body(text, status as 503, { 'Content-Type': 'text/plain', ...wait })
}
