import type { ClientRequest, Agent as HttpAgent, request as httpRequest, IncomingMessage, RequestOptions } from 'node:http'
import type { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Got, Response } from 'got'
import { ConnectorError, type HttpResponse } from '../connector/index.ts'

export interface HttpSend {
  method: string
  /** Absolute; its path is sent byte for byte. */
  url: string
  headers: Record<string, string>
  body?: string | Uint8Array
  timeoutMs: number
  signal?: AbortSignal
}

/** One connection's way to its servers: keep-alive sockets and, where wanted, cookies. Judges no answer and repeats nothing. */
export interface Http {
  /** @throws NoAnswer; the signal's reason when aborted */
  send(request: HttpSend): Promise<HttpResponse>
  close(): void
}

/** No answer came. Made in place of got's error, which holds every header of the request, the credentials too. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  /** System or library code, such as `ECONNREFUSED`. */
  readonly code: string
  /** Whether anything may have reached the other side. */
  readonly sent: boolean
  constructor(code: string, message: string, sent: boolean) {
    super(message)
    this.code = code
    this.sent = sent
  }

  /** What was seen, for a sentence. */
  get seen(): string {
    return this.code === 'too_large' ? this.message : `no answer (${this.code})`
  }
}

/** Bytes; answers of token endpoints have some thousands. What is longer comes from something else. */
export const longestTokenAnswer = 1_000_000

export interface HttpOptions {
  /** Keep what the server sets. Default false. */
  cookies?: boolean
  /** A longer body, once unpacked, is not read to its end. Default: any length. */
  mostBytes?: number
}

/** Loads got with the first request, so that opening a connection costs nothing. */
export function openHttp({ cookies = false, mostBytes }: HttpOptions = {}): Http {
  let loading: ReturnType<typeof load> | undefined
  let closed = false
  return {
    async send(request) {
      loading ??= load(cookies)
      const loaded = await loading
      if (closed) throw new NoAnswer('closed', 'the connection was closed', false)
      return exchange(loaded, request, mostBytes)
    },
    close() {
      closed = true
      void loading?.then(({ agent }) => {
        agent.http.destroy()
        agent.https.destroy()
      })
    },
  }
}

interface Loaded {
  got: Got
  agent: { http: HttpAgent; https: HttpsAgent }
  requests: { 'http:': typeof httpRequest; 'https:': typeof httpsRequest }
}

async function load(cookies: boolean): Promise<Loaded> {
  const [{ default: got }, http, https] = await Promise.all([import('got'), import('node:http'), import('node:https')])
  const agent = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) }
  const cookieJar = cookies ? new (await import('tough-cookie')).CookieJar() : undefined
  const extended = got.extend({
    agent,
    ...(cookieJar && { cookieJar }),
    retry: { limit: 0 },
    throwHttpErrors: false,
    followRedirect: false,
    decompress: true,
    allowGetBody: true,
    responseType: 'text',
    headers: { 'user-agent': 'runner' },
  })
  return { got: extended, agent, requests: { 'http:': http.request, 'https:': https.request } }
}

async function exchange(
  { got, requests }: Loaded,
  { method, url, headers, body, timeoutMs, signal }: HttpSend,
  mostBytes: number | undefined,
): Promise<HttpResponse> {
  signal?.throwIfAborted()
  const wire = { sent: false }
  const tooLarge = new AbortController()
  try {
    const answering = got(url, {
      method: method as 'GET',
      headers,
      ...(body !== undefined && { body }),
      timeout: { request: timeoutMs },
      signal: signal ? AbortSignal.any([signal, tooLarge.signal]) : tooLarge.signal,
      request: asWritten(url, wire, requests),
    })
    if (mostBytes !== undefined) answering.on('downloadProgress', ({ transferred }) => transferred > mostBytes && tooLarge.abort())
    const response = (await answering) as Response<string>
    return { status: response.statusCode, headers: joined(response.headers), body: response.body }
  } catch (thrown) {
    signal?.throwIfAborted()
    if (tooLarge.signal.aborted) throw new NoAnswer('too_large', `an answer of more than ${mostBytes} bytes, which was not read`, wire.sent)
    const { code, message } = thrown as { code?: unknown; message?: unknown }
    throw new NoAnswer(typeof code === 'string' ? code : 'unknown', String(message), wire.sent)
  }
}

/**
 * Node's own request with the path as it was written: the URL class, which got goes through, changes `'`, `"`, `..` and others.
 * Notes when the connection stood, which is when something may have been sent.
 */
function asWritten(written: string, wire: { sent: boolean }, requests: Loaded['requests']) {
  const path = pathOf(written)
  return (url: URL, options: RequestOptions, answered?: (response: IncomingMessage) => void): ClientRequest => {
    const secure = url.protocol === 'https:'
    const outgoing = requests[secure ? 'https:' : 'http:'](url, { ...options, path }, answered)
    outgoing.once('socket', (socket) => {
      const stands = () => {
        wire.sent = true
      }
      if (outgoing.reusedSocket || !socket.connecting) stands()
      else socket.once(secure ? 'secureConnect' : 'connect', stands)
    })
    return outgoing
  }
}

function pathOf(url: string): string {
  const [, path = ''] = url.match(/^[a-z]+:\/\/[^/?#]*([^#]*)/i) ?? []
  return path.startsWith('/') ? path : `/${path}`
}

function joined(headers: IncomingMessage['headers']): Record<string, string> {
  const entries = Object.entries(headers).filter((entry): entry is [string, string | string[]] => entry[1] !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]))
}

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/

export function isLoopback(url: string): boolean {
  return loopback.test(new URL(url).hostname)
}

/** Tokens and secrets travel over plain http only within this machine. @throws ConnectorError `insecure_address`, `connection_invalid` */
export function assertSecure(url: string): void {
  if (!URL.canParse(url))
    throw new ConnectorError(
      'rejected',
      'connection_invalid',
      `\`${url}\` is no web address. Write it as https://host/… in the connection block.`,
    )
  if (new URL(url).protocol !== 'https:' && !(new URL(url).protocol === 'http:' && isLoopback(url))) {
    throw new ConnectorError(
      'rejected',
      'insecure_address',
      `${url} would carry tokens without encryption, which is allowed only to this machine. Use https.`,
    )
  }
}

/** `Retry-After` in milliseconds: seconds or a date. Undefined where there is none that can be read. */
export function retryAfterMs(headers: Record<string, string>, now: Date): number | undefined {
  const text = headers['retry-after']
  if (text === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(text.trim())) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime())
}
