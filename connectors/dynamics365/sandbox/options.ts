import { ConnectorError, type SandboxOption } from '../../../runner/connector/index.ts'
import { readMoment } from './control/clock.ts'
import type { FirstOrders } from './first-orders.ts'
import { readLimits } from './limits/settings.ts'
import { checkCustomApis } from './organization/custom-apis.ts'
import type { CustomApiSeed, SeedPart } from './organization/seed.ts'
import { defaultSwitches, setSwitches } from './switches.ts'

export interface SandboxOptions extends FirstOrders {
  /** 0, the default: any free one. */
  port?: number
  /** Files of rows to begin with (CSV, JSON, JSON Lines, named after the entity set or table), and folders of them; not read where the persisted file has rows. */
  data?: readonly string[]
  /** Files of tables beside those that every sandbox has: `EntityDefinitions` in JSON, or CSDL. */
  metadata?: readonly string[]
  /** Life of access tokens in seconds; default at random 60 to 90 minutes. */
  accessTokenTtl?: number
  /** Life of refresh tokens without use in seconds; default 90 days. */
  refreshTokenTtl?: number
  /** Service protection: `off`, the default, `real`, or a list such as `requests=60,window=3s`. */
  limits?: string
  /** `off`: any bearer token is taken. Default `on`. */
  auth?: 'on' | 'off'
  /** YAML file of options, see scenario/schema.ts; those given here win. */
  scenario?: string
  /** File that the organization's rows are kept in; in memory when left out. */
  persist?: string
  /** Switches that differ from their defaults. */
  switches?: Record<string, string | number | boolean>
  /** Serves https with a certificate of an authority of its own. */
  tls?: boolean
  /** The moment (ISO 8601) that the sandbox's clock begins at, or what it follows; the real time when left out. */
  clock?: string | (() => Date)
  /** Functions and actions beside those of every organization, with the results that they give. */
  customApis?: readonly CustomApiSeed[]
  /** Tables, rows and relationships beside those that every sandbox has. */
  parts?: readonly SeedPart[]
}

export type OptionName = keyof SandboxOptions

/** What the command `runner sandbox` takes of {@link SandboxOptions}. */
export const commandOptions: readonly SandboxOption[] = [
  { name: 'port', form: 'integer', about: 'default: any free one' },
  {
    name: 'data',
    form: 'paths',
    about:
      'rows to begin with: CSV, JSON or JSONL files named after the entity set or table, or folders of them; with --persist only when its file is new',
  },
  {
    name: 'metadata',
    form: 'paths',
    about: 'tables beside those of every sandbox: EntityDefinitions in JSON, or $metadata (CSDL)',
  },
  { name: 'accessTokenTtl', form: 'duration', about: 'life of access tokens; default at random 60 to 90 minutes' },
  { name: 'refreshTokenTtl', form: 'duration', about: 'life of refresh tokens without use; default 90 days' },
  { name: 'limits', form: 'text', hint: 'limits', about: 'service protection: off (default), real, or such as requests=60,window=3s' },
  { name: 'auth', form: 'text', hint: 'on|off', about: 'off: any bearer token is taken' },
  { name: 'scenario', form: 'path', about: 'YAML file of options, also those that have no flag; flags win' },
  { name: 'persist', form: 'path', about: 'keep its rows in this file; default: in memory' },
  { name: 'switches', flag: 'switch', form: 'pairs', about: 'points on which organizations differ; GET /sandbox/switches lists them' },
  { name: 'tls', form: 'yes', about: 'serve https; GET /sandbox/ca gives the authority to trust' },
]

/** A value that is fine, or what the option must be; a RangeError or OrderError says it in its own words. */
type Check = (value: unknown) => true | string

const checks: Record<OptionName, Check> = {
  port: (value) => isWhole(value, 0, 65_535) || 'a port number',
  data: (value) => isListOf(value, isText) || 'a list of paths',
  metadata: (value) => isListOf(value, isText) || 'a list of paths',
  accessTokenTtl: (value) => isWhole(value, 1, 86_400) || 'a whole number of seconds up to a day',
  refreshTokenTtl: (value) => isWhole(value, 1, 31_536_000) || 'a whole number of seconds up to a year',
  limits: (value) => (isText(value) && readLimits(value) !== null) || 'a text such as `real`',
  auth: (value) => value === 'on' || value === 'off' || '`on` or `off`',
  scenario: (value) => isText(value) || 'a path',
  persist: (value) => isText(value) || 'a path',
  switches: (value) => (isObject(value) && setSwitches(defaultSwitches(), value) === undefined) || 'an object of switches by name',
  tls: (value) => typeof value === 'boolean' || 'true or false',
  clock: (value) => typeof value === 'function' || readMoment(value) !== undefined || 'a moment such as `2026-03-01T10:00:00Z`',
  customApis: (value) => (isListOf(value, isObject) && checkCustomApis(value as CustomApiSeed[]) === undefined) || 'a list of custom APIs',
  parts: (value) => Array.isArray(value) || 'a list of parts of an organization',
  privileges: (value) => isListOf(value, isObject) || 'a list of rules',
  faults: (value) => isListOf(value, isObject) || 'a list of faults',
  beforeNext: (value) => isListOf(value, isObject) || 'a list of orders',
  tokenFailures: (value) => isListOf(value, isObject) || 'a list of failures',
  certificates: (value) => isListOf(value, isText) || 'a list of certificates in PEM',
  federatedCredentials: (value) => isListOf(value, isObject) || 'a list of credentials',
  adfsRedirects: (value) => isListOf(value, isText) || 'a list of addresses',
}

/** @throws ConnectorError `sandbox_option_invalid` */
export function readOptions(options: Record<string, unknown>): SandboxOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) {
    if (!Object.hasOwn(checks, name)) throw invalid(`The sandbox has no option \`${name}\`. It has ${Object.keys(checks).join(', ')}.`)
    const wrong = wrongOption(name as OptionName, value)
    if (wrong !== undefined) throw invalid(wrong)
  }
  return Object.fromEntries(given)
}

/** What is wrong with the value of an option, as a sentence. */
export function wrongOption(name: OptionName, value: unknown, called = `The sandbox's option \`${name}\``): string | undefined {
  try {
    const must = checks[name](value)
    return must === true ? undefined : `${called} must be ${must}.`
  } catch (error) {
    return (error as Error).message
  }
}

function invalid(message: string): ConnectorError {
  return new ConnectorError('rejected', 'sandbox_option_invalid', message)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isListOf(value: unknown, fits: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(fits)
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most
}
