import { parseDuration } from '../../../../runner/connector/index.ts'

/** Service protection limits of one user on one web server (facts sheet "Service protection"). */
export interface LimitSettings {
  /** Requests in the window. */
  requests: number
  /** Execution time of all requests in the window, in milliseconds. */
  timeMs: number
  /** Requests at the same moment. */
  concurrent: number
  windowMs: number
  /** Web servers that the sandbox pretends to have, each with counters of its own. */
  servers: number
  /** Execution time that a request is counted with beside what it really took. */
  costMs: number
  /** The same for each row that it writes. */
  rowCostMs: number
  /** What `x-ms-dop-hint` recommends. */
  dop: number
}

export const realLimits: LimitSettings = {
  requests: 6_000,
  timeMs: 1_200_000,
  concurrent: 52,
  windowMs: 300_000,
  servers: 1,
  costMs: 0,
  rowCostMs: 0,
  dop: 10,
}

const fields: Record<string, { field: keyof LimitSettings; duration?: true; least: number; most?: number }> = {
  requests: { field: 'requests', least: 1 },
  time: { field: 'timeMs', duration: true, least: 1 },
  concurrent: { field: 'concurrent', least: 1 },
  window: { field: 'windowMs', duration: true, least: 1 },
  // Every one is tried for a cookie.
  servers: { field: 'servers', least: 1, most: 1_000 },
  cost: { field: 'costMs', duration: true, least: 0 },
  'row-cost': { field: 'rowCostMs', duration: true, least: 0 },
  dop: { field: 'dop', least: 1 },
}

/**
 * Reads `off`, `real`, or what differs from the real limits: `requests=60,time=12s,concurrent=5,window=3s,servers=2,cost=5ms,row-cost=1ms`.
 * @returns undefined for `off`
 * @throws RangeError with a sentence
 */
export function readLimits(text: string): LimitSettings | undefined {
  if (text === 'off') return undefined
  if (text === 'real') return realLimits
  const settings = { ...realLimits }
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split('=').map((one) => one.trim())
    const known = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (!known)
      throw new RangeError(
        `Limits are \`off\`, \`real\`, or a list such as \`requests=60,window=3s\` of ${Object.keys(fields).join(', ')}; not \`${part}\`.`,
      )
    const { field, least, most = Number.MAX_SAFE_INTEGER } = known
    settings[field] = known.duration ? duration(name, value) : whole(name, value)
    if (settings[field] < least) throw new RangeError(`The limit \`${name}\` must be at least ${least}.`)
    if (settings[field] > most) throw new RangeError(`The limit \`${name}\` must be at most ${most}.`)
  }
  return settings
}

function whole(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`The limit \`${name}\` must be a whole number, not \`${text}\`.`)
  return Number(text)
}

function duration(name: string, text: string): number {
  try {
    return parseDuration(text)
  } catch {
    throw new RangeError(`The limit \`${name}\` must be a duration such as \`300s\` or \`5ms\`, not \`${text}\`.`)
  }
}
