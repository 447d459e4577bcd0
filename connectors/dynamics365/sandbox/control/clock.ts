import { parseDuration } from '../../../../runner/connector/index.ts'
import { isDay } from '../organization/values/moment.ts'
import { OrderError } from './orders.ts'

/** The one time of a sandbox: of its sign-ins, rows and limits. It runs on from wherever it is set. */
export interface SandboxClock {
  readonly now: () => Date
  set(time: Date): void
  /** @param ms may be negative */
  advance(ms: number): void
}

/** Rows hold no moment before; later ones would not sort. */
const years = { first: 1753, last: 9999 }

function isWithinReach(time: Date): boolean {
  const year = time.getUTCFullYear()
  return year >= years.first && year <= years.last
}

/** @param base what the clock follows; the real time when left out */
export function createClock(base: () => Date = () => new Date()): SandboxClock {
  let ahead = 0
  const far = (ms: number) => {
    if (!isWithinReach(new Date(base().getTime() + ms)))
      throw new OrderError(`The clock goes from the year ${years.first} to ${years.last}.`)
    ahead = ms
  }
  return {
    now: () => new Date(base().getTime() + ahead),
    set: (time) => far(time.getTime() - base().getTime()),
    advance: (ms) => far(ahead + ms),
  }
}

const moment = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/

/** `{"set": "2026-03-01T10:00:00Z"}`, `{"advance": "90m"}`, or `{"advance": 90}` in seconds. @throws OrderError */
export function moveClock(clock: SandboxClock, order: Record<string, unknown>): { now: string } {
  const { set, advance } = order
  if ((set === undefined) === (advance === undefined))
    throw new OrderError('A clock is moved either with `set`, a moment, or with `advance`, a duration.')
  if (set === undefined) clock.advance(readDistance(advance))
  else {
    const time = readMoment(set)
    if (!time) throw new OrderError('`set` must be a moment such as `2026-03-01T10:00:00Z`.')
    clock.set(time)
  }
  return { now: clock.now().toISOString() }
}

/** Milliseconds, back as well as forth. @throws OrderError */
function readDistance(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value * 1_000
  const [, sign, text = ''] = typeof value === 'string' ? (/^(-?)(.*)$/s.exec(value) ?? []) : []
  try {
    return parseDuration(text) * (sign === '-' ? -1 : 1)
  } catch {
    throw new OrderError('`advance` must be a duration such as `90m`, or a number of seconds; with a minus sign the clock goes back.')
  }
}

/** A moment in ISO 8601 with its time zone that the clock can show; undefined for anything else. */
export function readMoment(value: unknown): Date | undefined {
  if (typeof value !== 'string' || !moment.test(value) || !isDay(value.slice(0, 10))) return undefined
  const time = new Date(value)
  return isWithinReach(time) ? time : undefined
}
