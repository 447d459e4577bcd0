import { ConnectorError } from '../../../runner/connector/index.ts'
import type { SeedPart } from './organization/seed.ts'

export interface SandboxOptions {
  /** 0, the default: any free one. */
  port?: number
  /** Where the organization's rows are kept; in memory when left out. */
  file?: string
  /** Life of access tokens; default 3600. */
  accessTokenSeconds?: number
  /** Life of refresh tokens without use; default 90 days. */
  refreshTokenSeconds?: number
  /** Tables, rows and relationships beside those that every sandbox has. */
  parts?: readonly SeedPart[]
  /** Time of the identity plane and of the organization. */
  clock?: () => Date
}

const checks: Record<keyof SandboxOptions, { holds(value: unknown): boolean; what: string }> = {
  port: { holds: (value) => isWhole(value, 0, 65_535), what: 'a port number' },
  file: { holds: (value) => typeof value === 'string' && value !== '', what: 'a path' },
  accessTokenSeconds: { holds: (value) => isWhole(value, 1, 86_400), what: 'a whole number of seconds up to a day' },
  refreshTokenSeconds: { holds: (value) => isWhole(value, 1, 31_536_000), what: 'a whole number of seconds up to a year' },
  parts: { holds: Array.isArray, what: 'a list of parts of an organization' },
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
  return Object.fromEntries(given)
}

function invalid(message: string): ConnectorError {
  return new ConnectorError('rejected', 'sandbox_option_invalid', message)
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most
}
