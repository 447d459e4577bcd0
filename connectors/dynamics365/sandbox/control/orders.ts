import type { Directory } from '../identity/directory.ts'
import { errors, isErrorCode } from '../identity/errors.ts'

/** An order that cannot be carried out; the sentence says why. */
export class OrderError extends Error {
  override readonly name = 'OrderError'
}

type Order = Record<string, unknown>

/** All refresh tokens that exist answer with this AADSTS number from now on; a new sign-in works. Default 700082. */
export function killRefreshTokens({ refreshTokens }: Directory, order: Order): { killed: number } {
  const code = readCode(order.code ?? 700082)
  for (const token of refreshTokens.values()) token.dead = code
  return { killed: refreshTokens.size }
}

export function reviveRefreshTokens({ refreshTokens }: Directory): { revived: number } {
  const dead = [...refreshTokens.values()].filter((token) => token.dead !== undefined)
  for (const token of dead) delete token.dead
  return { revived: dead.length }
}

export function expireAccessTokens({ accessTokens }: Directory): { expired: number } {
  const expired = accessTokens.size
  accessTokens.clear()
  return { expired }
}

/** The next `times` calls of the token endpoint (default 1) are answered with a plain `status`, or with the error `code`. */
export function failTokenEndpoint({ failures }: Directory, order: Order): { ordered: number } {
  const times = readWhole(order.times ?? 1, 'times', 1, 1_000_000)
  if (order.code !== undefined) failures.push({ times, answer: { code: readCode(order.code) } })
  else {
    const status = readWhole(order.status, 'status', 400, 599)
    const wait = order.retry_after ?? (status === 429 ? 60 : undefined)
    failures.push({
      times,
      answer: { status, ...(wait !== undefined && { retryAfterSeconds: readWhole(wait, 'retry_after', 0, 86_400) }) },
    })
  }
  return { ordered: times }
}

function readCode(value: unknown) {
  if (isErrorCode(value)) return value
  throw new OrderError(`\`code\` is no AADSTS number that the sandbox knows. It knows ${Object.keys(errors).join(', ')}.`)
}

function readWhole(value: unknown, name: string, least: number, most: number): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number
  throw new OrderError(`\`${name}\` must be a whole number from ${least} to ${most}.`)
}
