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

/** The latest requests, and whoever wants to hear of new ones. */
export interface RequestLog {
  add(exchange: Omit<Exchange, 'id' | 'at'>): void
  /** Those after an id, oldest first. */
  after(id: number): Exchange[]
  listen(listener: (exchange: Exchange) => void): () => void
}

const kept = 500
const mostCharacters = 65_536

export function createRequestLog(): RequestLog {
  const exchanges: Exchange[] = []
  const listeners = new Set<(exchange: Exchange) => void>()
  let last = 0
  return {
    add(exchange) {
      const masked: Exchange = {
        ...exchange,
        id: ++last,
        at: new Date().toISOString(),
        requestHeaders: maskHeaders(exchange.requestHeaders),
        requestBody: mask(cut(exchange.requestBody)),
        answerHeaders: maskHeaders(exchange.answerHeaders),
        answerBody: mask(cut(exchange.answerBody)),
      }
      exchanges.push(masked)
      if (exchanges.length > kept) exchanges.shift()
      for (const listener of listeners) listener(masked)
    },
    after: (id) => exchanges.filter((one) => one.id > id),
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function cut(text: string): string {
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)}… (${text.length} characters)`
}

/** Everything that the sandbox hands out as a credential begins in one way. */
function mask(text: string): string {
  return text.replaceAll(/sbx-(?:secret|code|device|rt|at)-[\w-]+/g, (found) => `${found.slice(0, found.indexOf('-', 4) + 1)}•••`)
}

const secretHeaders = new Set(['authorization', 'cookie', 'set-cookie', 'proxy-authorization'])

function maskHeaders(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, secretHeaders.has(name.toLowerCase()) ? '•••' : mask(value)]),
  )
}
