import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One answer, or a function that writes one itself (or breaks the connection). */
export type Answer =
  | { status: number; headers?: Record<string, string>; body?: unknown }
  | ((request: IncomingMessage, response: ServerResponse) => void)

/** An organization and its authority on one port: answers are scripted, everything asked is kept. */
export interface OrganizationServer {
  url: string
  /** Bodies of the token requests. */
  tokenRequests: URLSearchParams[]
  /** `METHOD path authorization` of the other requests. */
  requests: { method: string; url: string; authorization: string | undefined; headers: IncomingMessage['headers']; body: string }[]
  /** Next answers of the token endpoint; without one it issues `at-<n>` and `rt-<n>`. */
  tokenAnswers: Answer[]
  /** Next answers of the API; without one it answers 200 to tokens in `valid`, else 401. */
  answers: Answer[]
  valid: Set<string>
  /** What the token endpoint says besides the tokens. */
  grant: Record<string, unknown>
  /** Runs before a token request is answered. */
  beforeToken: () => void | Promise<void>
  close(): Promise<void>
}

export async function organizationServer(): Promise<OrganizationServer> {
  let issued = 0
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    if (request.method === 'POST' && /\/oauth2\/(v2\.0\/)?token$/.test(request.url ?? '')) {
      self.tokenRequests.push(new URLSearchParams(body))
      await self.beforeToken()
      return send(request, response, self.tokenAnswers.shift() ?? issue(new URLSearchParams(body)))
    }
    const { method = '', url = '', headers } = request
    self.requests.push({ method, url, authorization: headers.authorization, headers, body })
    const allowed = self.valid.has(headers.authorization?.replace('Bearer ', '') ?? '')
    send(
      request,
      response,
      self.answers.shift() ??
        (allowed ? { status: 200, body: { ok: true } } : { status: 401, headers: { 'www-authenticate': challenge(self.url) } }),
    )
  })
  const issue = (form: URLSearchParams): Answer => {
    const token = `at-canary-${++issued}`
    self.valid.add(token)
    const refresh = form.get('grant_type') === 'client_credentials' ? {} : { refresh_token: `rt-canary-${issued}` }
    return { status: 200, body: { token_type: 'Bearer', expires_in: 3600, access_token: token, ...refresh, ...self.grant } }
  }
  const self: OrganizationServer = {
    url: '',
    tokenRequests: [],
    requests: [],
    tokenAnswers: [],
    answers: [],
    valid: new Set(),
    grant: {},
    beforeToken: () => {},
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  self.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return self
}

function challenge(origin: string): string {
  return `Bearer authorization_uri=${origin}/tenant-1/oauth2/authorize, resource_id=${origin}/`
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (typeof answer === 'function') {
    answer(request, response)
    return
  }
  const text = typeof answer.body === 'string' ? answer.body : answer.body === undefined ? '' : JSON.stringify(answer.body)
  response.writeHead(answer.status, {
    'content-type': typeof answer.body === 'string' ? 'text/plain' : 'application/json',
    ...answer.headers,
  })
  response.end(text)
}

/** Entra's error body. */
export function entraError(number: number, error = 'invalid_grant', more: Record<string, unknown> = {}) {
  return {
    error,
    error_description: `AADSTS${number}: Made up for a test. Trace ID: 0c9b1111-2222-4333-8444-555566667778 Correlation ID: 51d00000-aaaa-4bbb-8ccc-dddd0000eeee Timestamp: 2026-03-01 08:00:00Z`,
    error_codes: [number],
    timestamp: '2026-03-01 08:00:00Z',
    trace_id: '0c9b1111-2222-4333-8444-555566667778',
    correlation_id: '51d00000-aaaa-4bbb-8ccc-dddd0000eeee',
    ...more,
  }
}
