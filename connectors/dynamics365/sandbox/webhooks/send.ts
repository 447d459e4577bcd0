import type { Switches } from '../switches.ts'
import type { Context } from './context.ts'
import type { Step } from './steps.ts'

const mostBytes = 256 * 1024
const answerWithinMs = 60_000
const triedAgain = new Set([502, 503, 504])
/** What is left out of a body that is too large. */
const largeMembers = ['ParentContext', 'InputParameters', 'PreEntityImages', 'PostEntityImages']

export interface SendOptions {
  switches: Switches
  /** Ends deliveries that are under way. */
  signal: AbortSignal
}

/**
 * Calls a webhook (facts sheet "Delivery"): one retry, and only for 502, 503 and 504.
 * @returns undefined when it was taken, or else a sentence
 */
export async function send(
  step: Pick<Step, 'url' | 'authType' | 'authValue'>,
  context: Context,
  options: SendOptions,
): Promise<string | undefined> {
  if (!URL.canParse(step.url)) return 'The address of the webhook is none.'
  const request = requestOf(step, context, options.switches)
  let status = await post(request, options.signal)
  if (typeof status === 'number' && triedAgain.has(status)) status = await post(request, options.signal)
  if (typeof status === 'string') return status
  return status >= 200 && status < 300 ? undefined : `The webhook answered with the status ${status}.`
}

interface Outgoing {
  url: string
  headers: Record<string, string>
  body: string
}

async function post({ url, headers, body }: Outgoing, signal: AbortSignal): Promise<number | string> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body,
      // Every status but those of success is final, also one that leads elsewhere.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]),
    })
    // Read to its end, and kept nowhere: it may be of any size.
    await answer.body?.pipeTo(new WritableStream())
    return answer.status
  } catch (error) {
    const { cause, message } = error as Error
    return `The webhook could not be called: ${cause instanceof Error ? cause.message : message}.`
  }
}

function requestOf({ url, authType, authValue }: Parameters<typeof send>[0], context: Context, switches: Switches): Outgoing {
  const whole = toJson(context.body)
  const tooLarge = Buffer.byteLength(whole) > mostBytes
  const rest = Object.fromEntries(Object.entries(context.body).filter(([name]) => !largeMembers.includes(name)))
  const address = new URL(url)
  const pairs = authType === 5 || authType === 6 ? readPairs(authValue ?? '', switches.webhook_pairs) : []
  if (authType === 4 && authValue !== null) address.searchParams.set('code', authValue)
  if (authType === 6) for (const [name, value] of pairs) address.searchParams.set(name, value)
  return {
    url: address.href,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'x-ms-dynamics-organization': 'sandbox',
      'x-ms-dynamics-entity-name': context.table,
      'x-ms-dynamics-request-name': context.message,
      'x-ms-correlation-request-id': context.correlationId,
      ...(tooLarge && { 'x-ms-dynamics-msg-size-exceeded': 'true' }),
      ...(authType === 5 && Object.fromEntries(pairs)),
    },
    body: tooLarge ? toJson(rest) : whole,
  }
}

/** Every slash inside a text is escaped, as the service's serializer does: receivers look for `\/Date(`. */
function toJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('/', '\\/')
}

/** Names and values of headers or query parameters; how they are stored the documentation does not tell. */
function readPairs(text: string, form: Switches['webhook_pairs']): [string, string][] {
  if (form === 'json') {
    try {
      return Object.entries(JSON.parse(text) as Record<string, string>).map(([name, value]) => [name, String(value)])
    } catch {
      return []
    }
  }
  return [...text.matchAll(/<setting\s+name="([^"]*)"\s+value="([^"]*)"/g)].map(([, name = '', value = '']) => [
    fromXml(name),
    fromXml(value),
  ])
}

const entities: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' }

function fromXml(text: string): string {
  return text.replaceAll(/&(?:lt|gt|quot|apos|amp);/g, (found) => entities[found] ?? found)
}
