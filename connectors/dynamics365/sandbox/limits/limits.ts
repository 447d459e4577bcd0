import { createHash, randomInt } from 'node:crypto'
import { WebApiError } from '../error.ts'
import type { LimitSettings } from './settings.ts'
import { SlidingWindow } from './window.ts'

/** Service protection (facts sheet "Service protection"): who asks too much is asked to wait. Off until it is set. */
export interface Limits {
  readonly settings: LimitSettings | undefined
  set(settings: LimitSettings | undefined): void
  /** A request begins. */
  enter(userId: string, cookie: string | undefined): Admission
}

/** Whether a request is let in; `headers` go with its answer either way. */
export type Admission = { headers: Record<string, string> } & ({ refused: WebApiError } | Admitted)

export interface Admitted {
  refused?: undefined
  /** The request has been answered. @returns headers that say what is left */
  leave(writtenRows: number): Record<string, string>
}

interface Counter {
  window: SlidingWindow
  running: number
  /** Milliseconds; pressing on while it lasts moves it. */
  blockedUntil: number
}

export function createLimits(clock: () => Date, settings?: LimitSettings): Limits {
  let current = settings
  let counters = new Map<string, Counter>()
  let turn = 0

  const counterOf = (key: string, windowMs: number) => {
    let counter = counters.get(key)
    if (!counter) {
      counter = { window: new SlidingWindow(windowMs), running: 0, blockedUntil: 0 }
      counters.set(key, counter)
    }
    return counter
  }

  return {
    get settings() {
      return current
    },
    set(next) {
      current = next
      counters = new Map()
    },
    enter(userId, cookie) {
      if (!current) return { headers: {}, leave: () => ({}) }
      const limits = current
      const server = serverOf(cookie, limits.servers) ?? turn++ % limits.servers
      const counter = counterOf(`${userId} ${server}`, limits.windowMs)
      const headers = { 'x-ms-dop-hint': String(limits.dop), 'Set-Cookie': `ARRAffinity=${affinity(server)};Path=/;HttpOnly` }
      const refused = refusal(counter, limits, clock().getTime())
      return refused
        ? { headers: { ...headers, ...refused.headers }, refused: refused.error }
        : { headers, ...admit(counter, limits, clock) }
    },
  }
}

function admit(counter: Counter, { requests, timeMs, costMs, rowCostMs }: LimitSettings, clock: () => Date): Admitted {
  const began = performance.now()
  counter.running++
  counter.window.add(clock().getTime(), 1, 0)
  return {
    leave(writtenRows) {
      counter.running--
      const now = clock().getTime()
      counter.window.add(now, 0, performance.now() - began + costMs + rowCostMs * writtenRows)
      return {
        'x-ms-ratelimit-burst-remaining-xrm-requests': String(Math.max(0, requests - counter.window.requests)),
        'x-ms-ratelimit-time-remaining-xrm-requests': Math.max(0, (timeMs - counter.window.timeMs) / 1_000).toFixed(2),
      }
    },
  }
}

/** Why a request is not let in, and after how many seconds it may come again. */
function refusal(
  counter: Counter,
  limits: LimitSettings,
  now: number,
): { error: WebApiError; headers: { 'Retry-After': string } } | undefined {
  const { window } = counter
  window.advance(now)
  const over = reason(counter, limits)
  const left = counter.blockedUntil - now
  // One that ends later than a whole window from now is of a clock that was moved back since.
  const blockedMs = left <= limits.windowMs ? Math.max(0, left) : 0
  if (!over && blockedMs === 0) return undefined
  const seconds = limits.windowMs / 1_000
  const error =
    over ?? tooMany('0x80072322', `Number of requests exceeded the limit of ${limits.requests} over time window of ${seconds} seconds.`)
  // Pressing on lengthens the wait, up to a whole window.
  const pressed = blockedMs > 0 ? blockedMs + 1_000 : 0
  const wait = Math.min(limits.windowMs, Math.max(1_000, pressed, window.untilBelow(now, limits.requests, limits.timeMs)))
  if (error.code !== concurrency) counter.blockedUntil = now + wait
  return { error, headers: { 'Retry-After': String(Math.ceil(wait / 1_000)) } }
}

const concurrency = '0x80072326'

function reason({ window, running }: Counter, { requests, timeMs, concurrent, windowMs }: LimitSettings): WebApiError | undefined {
  const seconds = windowMs / 1_000
  if (running >= concurrent) return tooMany(concurrency, `Number of concurrent requests exceeded the limit of ${concurrent}.`)
  if (window.requests >= requests)
    return tooMany('0x80072322', `Number of requests exceeded the limit of ${requests} over time window of ${seconds} seconds.`)
  if (window.timeMs < timeMs) return undefined
  return tooMany(
    '0x80072321',
    `Combined execution time of incoming requests exceeded limit of ${timeMs.toLocaleString('en-US')}  milliseconds over time window of ${seconds} seconds. Decrease number of concurrent requests or reduce the duration of requests and try again later.`,
  )
}

function tooMany(code: string, message: string): WebApiError {
  return new WebApiError(429, code, message)
}

const salt = randomInt(2 ** 32)

function affinity(server: number): string {
  return createHash('sha256').update(`${salt} ${server}`).digest('hex')
}

/** The web server that a cookie ties the client to. */
function serverOf(cookie: string | undefined, servers: number): number | undefined {
  const value = /(?:^|;\s*)ARRAffinity=([0-9a-f]+)/.exec(cookie ?? '')?.[1]
  for (let server = 0; server < servers; server++) if (value === affinity(server)) return server
  return undefined
}
