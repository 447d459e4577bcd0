import type { Context } from 'hono'
import type { Counts } from '../../counts.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Directory, OrderedFailure } from '../directory.ts'
import { EntraError } from '../errors.ts'
import { noStore } from '../refusal.ts'
import { grants, token } from '../token.ts'
import { readForm } from '../token-request.ts'

/** One call of a token endpoint, answered in the way of its dialect. */
export async function tokenEndpoint(directory: Directory, counts: Counts, dialect: Dialect, c: Context): Promise<Response> {
  const answer = await answerToken(directory, counts, dialect, c)
  counts.add('token_statuses', answer.status)
  return answer
}

async function answerToken(directory: Directory, counts: Counts, dialect: Dialect, c: Context): Promise<Response> {
  try {
    const form = readForm(await c.req.text(), c.req.header('content-type'))
    const grant = form.get('grant_type') ?? ''
    counts.add('token', grants.includes(grant) ? grant : 'other')
    const ordered = nextFailure(directory.failures)
    if (ordered && 'status' in ordered) return plainFailure(c, ordered)
    if (ordered) throw new EntraError(ordered.code, { client: form.get('client_id') ?? '' })
    const tenant = c.req.param('tenant') ?? directory.tenantId
    const { origin } = new URL(c.req.url)
    const issued = await token(directory, { dialect, tenant, origin, headers: c.req.raw.headers, form })
    return c.json(dialect.answer(issued), 200, noStore)
  } catch (thrown) {
    return refuse(directory, dialect, c, thrown)
  }
}

/** @throws whatever is no EntraError */
export function refuse(directory: Directory, dialect: Dialect, c: Context, thrown: unknown): Response {
  if (thrown instanceof EntraError) return dialect.refuse(directory, c, thrown)
  throw thrown
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
