import {
  type Bar,
  type Clock,
  ConnectorError,
  type HttpRequest,
  type HttpResponse,
  type Log,
  type Request,
  type Transport,
} from '../connector/index.ts'
import type { Access } from './access.ts'
import { wantedClaims } from './claims.ts'
import { type Http, type HttpSend, NoAnswer, retryAfterMs } from './http.ts'
import { retrying } from './retry.ts'
import { openSlots } from './slots.ts'
import { unsupportedSignIn } from './unsupported-sign-in.ts'

const defaultTimeoutMs = 100_000
const defaultAtOnce = 8
/** Before the second and third try of a repeatable request. */
const retryDelaysMs = [1_000, 2_000]
/** After a 429 that does not say how long. */
const defaultPauseMs = 5_000
/** Whoever is asked to wait longer lets the loop decide, which can put the work away. */
const longestPauseMs = 600_000
/** After a new token was refused too, it is kept and further 401s of the kind are believed at once: a token request each would look like an attack. */
const refusalHoldsMs = 60_000

export interface RequestPorts {
  http: Http
  /** Absent for a system without sign-in through a token endpoint. */
  access?: Access
  clock: Clock
  random(): number
  log: Log
}

/** The one way to a connection's system; see {@link Request} for what it does and throws. */
export function openRequest(transport: Transport, { http, access, clock, random, log }: RequestPorts): Request {
  const slots = openSlots(transport.atOnce ?? defaultAtOnce)
  let pausedUntil = 0
  let refused: { until: number; claims: string | undefined } = { until: 0, claims: undefined }

  /** All requests of the connection wait together. */
  async function pause(signal: AbortSignal | undefined): Promise<void> {
    for (let ms = pausedUntil - clock.now().getTime(); ms > 0; ms = pausedUntil - clock.now().getTime()) await clock.sleep(ms, signal)
  }

  async function sendInTurn(
    request: HttpSend,
    signal: AbortSignal | undefined,
    authorize: boolean,
  ): Promise<{ response: HttpResponse; token: string | undefined }> {
    const release = await slots.take(signal)
    try {
      await pause(signal)
      const token = authorize ? await access?.token(signal) : undefined
      const headers = token === undefined ? request.headers : { ...request.headers, authorization: `Bearer ${token}` }
      return { token, response: await http.send({ ...request, headers }) }
    } finally {
      release()
    }
  }

  /** One try: renews the token once after a 401 and waits as asked, both outside the count. */
  async function once(request: HttpRequest): Promise<HttpResponse> {
    const wire = onTheWire(request, transport)
    // A link that the system gave may lead elsewhere; the token does not go along.
    const authorize = URL.canParse(wire.url) && new URL(wire.url).origin === new URL(transport.baseUrl).origin
    for (let renewed = false; ; ) {
      const { response, token } = await sendInTurn(wire, request.signal, authorize).catch((thrown) => {
        throw thrown instanceof NoAnswer ? noAnswer(request, wire.url, thrown) : thrown
      })
      const unsupported = token === undefined ? undefined : unsupportedSignIn(wire.url, response)
      if (unsupported) throw unsupported
      const wait = askedToWait(response, clock.now())
      if (wait !== undefined) {
        if (wait > longestPauseMs) throw throttledTooLong(request, response, wait)
        pausedUntil = Math.max(pausedUntil, clock.now().getTime() + wait)
        log.debug('the system asks to wait', { ms: wait, status: response.status })
      } else if (response.status === 401 && access && token !== undefined) {
        const claims = wantedClaims(response.headers['www-authenticate'])
        const now = clock.now().getTime()
        if (renewed) refused = { until: now + refusalHoldsMs, claims }
        if (renewed || (now < refused.until && claims === refused.claims)) throw await stillRefused(request, response, access, claims)
        access.drop(token, claims)
        renewed = true
      } else if (response.status >= 500) {
        throw serverFault(request, response)
      } else {
        if (access && token !== undefined) await judgeSignIn(request, response, access)
        return response
      }
    }
  }

  /** @throws ConnectorError `auth` with a code of the connector's, when the answer bars whoever signed in */
  async function judgeSignIn(request: HttpRequest, response: HttpResponse, access: Access): Promise<void> {
    const bars = transport.bars?.(response)
    if (bars) throw await access.bar((since) => barred(request, response, bars, since))
    if (response.status < 400) await access.admit()
  }

  return async (request) => {
    const { signal } = request
    const repeatable = request.repeatable ?? request.method === 'GET'
    const mayPass = (error: Error) => (error instanceof ConnectorError && mayPassByItself(error) ? {} : undefined)
    let last: unknown
    const tried = () =>
      once(request).catch((thrown) => {
        last = thrown
        throw thrown
      })
    try {
      return await retrying(tried, {
        delays: repeatable ? retryDelaysMs : [],
        clock,
        random,
        ...(signal && { signal }),
        mayPass,
      })
    } catch (thrown) {
      // Whoever is stopped while no token can be had is told why; everything else is an echo of the stop.
      if (last instanceof ConnectorError && last.code === 'token_endpoint_unavailable') throw last
      signal?.throwIfAborted()
      throw thrown
    }
  }
}

function onTheWire(request: HttpRequest, { baseUrl, headers, timeoutMs = defaultTimeoutMs }: Transport): HttpSend {
  const { method, body, signal } = request
  return {
    method,
    url: /^https?:\/\//i.test(request.url) ? request.url : baseUrl + request.url,
    headers: { ...headers, ...request.headers },
    timeoutMs: request.timeoutMs ?? timeoutMs,
    ...(body !== undefined && { body }),
    ...(signal && { signal }),
  }
}

/** 429 always, 503 where it says how long. */
function askedToWait({ status, headers }: HttpResponse, now: Date): number | undefined {
  if (status !== 429 && status !== 503) return undefined
  return retryAfterMs(headers, now) ?? (status === 429 ? defaultPauseMs : undefined)
}

function mayPassByItself({ kind, code, status }: ConnectorError): boolean {
  return (
    kind === 'transient' && (code === 'no_answer' || (code === 'server_failed' && (status === 502 || status === 503 || status === 504)))
  )
}

const isRead = ({ method }: HttpRequest) => method === 'GET'

function noAnswer(request: HttpRequest, url: string, { code, sent }: NoAnswer): ConnectorError {
  const effect = sent && !isRead(request) ? 'unknown' : 'none'
  const host = URL.canParse(url) ? new URL(url).host : url
  const message = sent
    ? `${host} did not answer ${request.method} ${request.url} (${code}). Look at the network and at the state of the system.`
    : `${host} could not be reached (${code}). Check the address of the connection and the network.`
  return new ConnectorError('transient', 'no_answer', message, { effect, details: { ...about(request), code } })
}

function serverFault(request: HttpRequest, response: HttpResponse): ConnectorError {
  return new ConnectorError(
    'transient',
    'server_failed',
    `The system answered ${response.status} to ${request.method} ${request.url}. Try again later; its own words are in the details.`,
    {
      effect: isRead(request) ? 'none' : 'unknown',
      status: response.status,
      details: { ...about(request), ...words(response) },
    },
  )
}

/** A fresh token does not help: a person must meet what is wanted, or something is set up wrongly. */
async function stillRefused(
  request: HttpRequest,
  response: HttpResponse,
  access: Access,
  claims: string | undefined,
): Promise<ConnectorError | Error> {
  const unmet = claims === undefined ? undefined : await access.unmet(claims)
  return unmet ?? access.bar((since) => tokenRefused(request, response, since))
}

function tokenRefused(request: HttpRequest, response: HttpResponse, since: string): ConnectorError {
  const message = `The system refuses access tokens that were just issued (401), since ${since}. The audience, the environment or the user is wrong: check \`resource\` and that the user or app exists in the organization.`
  return new ConnectorError('auth', 'token_refused', message, { status: 401, details: { ...about(request), since, ...words(response) } })
}

function barred(request: HttpRequest, { status, headers }: HttpResponse, { code, words, todo }: Bar, since: string): ConnectorError {
  const message = `The system refuses whoever signed in (${status}), since ${since}: ${words} ${todo}`
  return new ConnectorError('auth', code, message, { status, details: { ...about(request), since, ...requestId(headers) } })
}

function throttledTooLong(request: HttpRequest, { status }: HttpResponse, retryAfter: number): ConnectorError {
  const message = `The system asks to wait ${Math.ceil(retryAfter / 1000)} s. Run fewer recipes at once with this user, or lower \`limits.at_once\`.`
  return new ConnectorError('rate_limited', 'asked_to_wait', message, { status, retryAfterMs: retryAfter, details: about(request) })
}

function about({ method, url }: HttpRequest): Record<string, string> {
  return { method, url }
}

function words({ headers, body }: HttpResponse): Record<string, string> {
  return { ...(body.trim() !== '' && { body: body.trim().slice(0, 1_000) }), ...requestId(headers) }
}

function requestId(headers: HttpResponse['headers']): { request_id?: string } {
  const id = headers['x-ms-service-request-id'] ?? headers['x-ms-request-id'] ?? headers['request-id']
  return id === undefined ? {} : { request_id: id }
}
