import { ConnectorError, type SandboxOption } from '../../../runner/connector/index.ts'
import { readLimits } from './limits/settings.ts'
import type { SeedPart } from './organization/seed.ts'
import { defaultSwitches, setSwitches } from './switches.ts'

export interface SandboxOptions {
  /** 0, the default: any free one. */
  port?: number
  /** Life of access tokens in seconds; default at random 60 to 90 minutes. */
  accessTokenTtl?: number
  /** Life of refresh tokens without use in seconds; default 90 days. */
  refreshTokenTtl?: number
  /** `off`: any bearer token is taken. Default `on`. */
  auth?: 'on' | 'off'
  /** File that the organization's rows are kept in; in memory when left out. */
  persist?: string
  /** Files of rows to begin with (CSV, JSON, JSON Lines, named after the entity set or table), and folders of them; not read where the persisted file has rows. */
  data?: readonly string[]
  /** Switches that differ from their defaults. */
  switches?: Record<string, string | number | boolean>
  /** Service protection: `off`, the default, `real`, or a list such as `requests=60,window=3s`. */
  limits?: string
  /** Tables, rows and relationships beside those that every sandbox has. */
  parts?: readonly SeedPart[]
  /** Serves https with a certificate of an authority of its own. */
  tls?: boolean
  /** What the sandbox's clock follows; the real time when left out. */
  clock?: () => Date
}

interface Check {
  holds(value: unknown): boolean
  what: string
}

/** What the command `runner sandbox` takes of {@link SandboxOptions}. */
export const commandOptions: readonly SandboxOption[] = [
  { name: 'port', form: 'integer', about: 'default: any free one' },
  {
    name: 'data',
    form: 'paths',
    about:
      'rows to begin with: CSV, JSON or JSONL files named after the entity set or table, or folders of them; with --persist only when its file is new',
  },
  { name: 'accessTokenTtl', form: 'duration', about: 'life of access tokens; default at random 60 to 90 minutes' },
  { name: 'refreshTokenTtl', form: 'duration', about: 'life of refresh tokens without use; default 90 days' },
  { name: 'auth', form: 'text', hint: 'on|off', about: 'off: any bearer token is taken' },
  { name: 'persist', form: 'path', about: 'keep its rows in this file; default: in memory' },
  { name: 'switches', flag: 'switch', form: 'pairs', about: 'points on which organizations differ; GET /sandbox/switches lists them' },
  { name: 'limits', form: 'text', hint: 'limits', about: 'service protection: off, real, or such as requests=60,window=3s' },
  { name: 'tls', form: 'yes', about: 'serve https; GET /sandbox/ca gives the authority to trust' },
]

const checks: Record<keyof SandboxOptions, Check> = {
  port: { holds: (value) => isWhole(value, 0, 65_535), what: 'a port number' },
  accessTokenTtl: { holds: (value) => isWhole(value, 1, 86_400), what: 'a whole number of seconds up to a day' },
  refreshTokenTtl: { holds: (value) => isWhole(value, 1, 31_536_000), what: 'a whole number of seconds up to a year' },
  auth: { holds: (value) => value === 'on' || value === 'off', what: '`on` or `off`' },
  persist: { holds: (value) => typeof value === 'string' && value !== '', what: 'a path' },
  data: { holds: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'), what: 'a list of paths' },
  switches: { holds: isObject, what: 'an object of switches by name' },
  limits: { holds: (value) => typeof value === 'string', what: 'a text such as `real`' },
  parts: { holds: Array.isArray, what: 'a list of parts of an organization' },
  tls: { holds: (value) => typeof value === 'boolean', what: 'true or false' },
  clock: { holds: (value) => typeof value === 'function', what: 'a function' },
}

/** @throws ConnectorError `sandbox_option_invalid` */
export function readOptions(options: Record<string, unknown>): SandboxOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) {
    const check = Object.hasOwn(checks, name) ? checks[name as keyof SandboxOptions] : undefined
    if (!check) throw invalid(`The sandbox has no option \`${name}\`. It has ${Object.keys(checks).join(', ')}.`)
    if (!check.holds(value)) throw invalid(`The sandbox's option \`${name}\` must be ${check.what}.`)
  }
  const known: SandboxOptions = Object.fromEntries(given)
  try {
    if (known.switches) setSwitches(defaultSwitches(), known.switches)
    if (known.limits !== undefined) readLimits(known.limits)
  } catch (error) {
    throw invalid((error as Error).message)
  }
  return known
}

function invalid(message: string): ConnectorError {
  return new ConnectorError('rejected', 'sandbox_option_invalid', message)
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most
}
