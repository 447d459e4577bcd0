import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { ConnectorError } from '../../../runner/connector/index.ts'
import type { Certificates } from './certificates.ts'
import type { Faults, Plan } from './faults/faults.ts'
import { meet, spoil } from './faults/wire.ts'
import type { Refusal } from './identity/bearer.ts'
import { isLoopback } from './identity/loopback.ts'
import type { WebApiRequest, WebApiResponse } from './webapi/call.ts'

export interface Handlers {
  /** Everything below `/api/data/`, by its raw address: hono normalizes paths, and `accounts(name='a/../b')` would arrive changed. */
  webApi(request: Omit<WebApiRequest, 'userId'>, plan: Plan): Promise<WebApiResponse | Refusal>
  other(request: Request): Response | Promise<Response>
  /** What shall go wrong with a request. */
  faults: Faults
}

export interface HttpServer {
  /** `http://127.0.0.1:<port>`, or with https */
  origin: string
  /** Ends every connection, also those that are kept alive. */
  close(): Promise<void>
}

const mostBytes = 256 * 1024 * 1024
/** Longer than clients keep an idle connection, so that none is closed while a request is on its way. */
const keepAliveMs = 120_000
/** An address alone may have 32 KB; one that is longer must still be answered by the Web API. */
const maxHeaderSize = 128 * 1024
const tokenEndpoint = /^\/[^?]*\/oauth2(?:\/v2\.0)?\/token\/?(?:\?|$)/

/**
 * Serves on 127.0.0.1 only.
 * @throws ConnectorError `sandbox_port_unusable`
 */
export async function listen(port: number, handlers: Handlers, certificates?: Certificates): Promise<HttpServer> {
  const scheme = certificates ? 'https' : 'http'
  const other = getRequestListener(handlers.other, { overrideGlobalObjects: false })
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (!isLocalName(request.headers.host)) return end(response, 421, 'The sandbox answers only to the names localhost and 127.0.0.1.')
    const plan = planOf(handlers.faults, request)
    if (!(await meet(plan, request, response))) return
    spoil(plan, response)
    if (request.url?.startsWith('/api/data/')) await answerWebApi(request, response, scheme, (one) => handlers.webApi(one, plan))
    else await other(request, response)
  }
  const listener: RequestListener = (request, response) => {
    answer(request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy()
      // An upload that its client broke off has nobody to answer to.
      else if (!request.destroyed || request.complete) end(response, 500, `The sandbox failed: ${error.stack}`)
    })
  }
  const options = { keepAliveTimeout: keepAliveMs, maxHeaderSize }
  const server = certificates
    ? createTlsServer({ ...options, key: certificates.key, cert: certificates.cert }, listener)
    : createServer(options, listener)
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (cause) {
    const message = `The sandbox cannot listen on port ${port} (${(cause as NodeJS.ErrnoException).code}). Choose another one, or none for any free port.`
    throw new ConnectorError('rejected', 'sandbox_port_unusable', message, { cause })
  }
  return {
    origin: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** A page in a browser may reach this port under a name of its own (DNS rebinding); it shall not read the credentials. */
function isLocalName(host: string | undefined): boolean {
  return host !== undefined && isLoopback(host.replace(/:\d+$/, ''))
}

function planOf(faults: Faults, { method = 'GET', url: rawUrl = '/' }: IncomingMessage): Plan {
  if (rawUrl.startsWith('/api/data/')) return faults.of({ on: 'webapi', method, rawUrl })
  return tokenEndpoint.test(rawUrl) ? faults.of({ on: 'token', method, rawUrl }) : {}
}

async function answerWebApi(
  request: IncomingMessage,
  response: ServerResponse,
  scheme: string,
  webApi: (request: Omit<WebApiRequest, 'userId'>) => ReturnType<Handlers['webApi']>,
): Promise<void> {
  const body = await readBody(request)
  if (!body) return end(response, 413, 'The body is larger than the sandbox takes.')
  const { method = 'GET', url = '/', headers } = request
  // The answer to HEAD is that to GET; node leaves the body out.
  const answer = await webApi({
    method: method === 'HEAD' ? 'GET' : method,
    rawUrl: url,
    headers,
    body,
    origin: `${scheme}://${headers.host}`,
  })
  const bytes = Buffer.from(answer.body)
  response.writeHead(answer.status, { ...answer.headers, ...(answer.status !== 204 && { 'Content-Length': bytes.length }) })
  response.end(bytes)
}

/** Undefined when it is too large; it is read to its end all the same, or the answer would not reach the client. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= mostBytes) chunks.push(chunk)
    else chunks.length = 0
  }
  return size <= mostBytes ? Buffer.concat(chunks) : undefined
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' })
  response.end(text)
}
