import { EventEmitter, once } from 'node:events'

/** A request and its answer, as the page shows them. Credentials are masked; bodies are cut at 64 KB. */
export interface Exchange {
  /** Rises by one with each. */
  id: number
  /** ISO 8601, of the real clock. */
  at: string
  ms: number
  method: string
  path: string
  requestHeaders: Record<string, string>
  requestBody: string
  status: number
  answerHeaders: Record<string, string>
  answerBody: string
}

/** As it was received and sent. */
export interface RawExchange {
  request: { method: string; rawUrl: string; headers: Headers; body: Buffer | string }
  answer: { status: number; headers: Headers; body: Buffer | string }
  ms: number
}
type Headers = Record<string, string | string[] | undefined>

/** The latest requests. */
export interface RequestLog {
  add(exchange: RawExchange): void
  /** Those after an id, oldest first. */
  after(id: number): Exchange[]
  /** Id of the latest one. */
  readonly last: number
  /** The oldest one after an id, as soon as there is one: who is slow misses those that are forgotten meanwhile. Undefined when the signal aborts. */
  next(id: number, signal: AbortSignal): Promise<Exchange | undefined>
}

const mostKept = 500
const mostCharacters = 65_536

interface Kept extends RawExchange {
  id: number
  at: number
}

export function createRequestLog(): RequestLog {
  const kept: Kept[] = []
  const news = new EventEmitter().setMaxListeners(0)
  let last = 0
  return {
    add(exchange) {
      kept.push({ ...cut(exchange), id: ++last, at: Date.now() })
      if (kept.length > mostKept) kept.shift()
      news.emit('added')
    },
    after: (id) => kept.filter((one) => one.id > id).map(shown),
    get last() {
      return last
    },
    async next(id, signal) {
      while (last <= id && !signal.aborted) await once(news, 'added', { signal }).catch(() => {})
      const found = signal.aborted ? undefined : kept.find((one) => one.id > id)
      return found && shown(found)
    },
  }
}

/** Made only for whoever looks: most requests are never looked at. */
function shown({ id, at, ms, request, answer }: Kept): Exchange {
  return {
    id,
    at: new Date(at).toISOString(),
    ms: Math.round(ms),
    method: request.method,
    path: mask(request.rawUrl),
    requestHeaders: maskHeaders(request.headers),
    requestBody: mask(String(request.body)),
    status: answer.status,
    answerHeaders: maskHeaders(answer.headers),
    answerBody: mask(String(answer.body)),
  }
}

/** What is kept must not hold on to a body of megabytes. */
function cut({ request, answer, ms }: RawExchange): RawExchange {
  return { request: { ...request, body: start(request.body) }, answer: { ...answer, body: start(answer.body) }, ms }
}

function start(body: Buffer | string): Buffer | string {
  if (body.length <= mostCharacters) return body
  const text = typeof body === 'string' ? body.slice(0, mostCharacters) : body.toString('utf8', 0, mostCharacters)
  // As bytes of its own: a slice of a text keeps the whole of it alive.
  return Buffer.from(`${text}… (${body.length} in all)`)
}

/** Everything that the sandbox hands out as a credential begins in one way; signed tokens in another. */
function mask(text: string): string {
  return text
    .replaceAll(/sbx-(?:secret|code|device|rt|at)-[\w-]+/g, (found) => `${found.slice(0, found.indexOf('-', 4) + 1)}•••`)
    .replaceAll(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, 'eyJ•••')
}

const secretHeaders = new Set(['authorization', 'cookie', 'set-cookie', 'proxy-authorization'])

function maskHeaders(headers: Headers): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')] as const)
  return Object.fromEntries(entries.map(([name, value]) => [name, secretHeaders.has(name.toLowerCase()) ? '•••' : mask(value)]))
}
