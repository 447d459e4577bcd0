import { X509Certificate } from 'node:crypto'
import type { Directory } from '../identity/directory.ts'
import { errors } from '../identity/error-table.ts'
import { isErrorCode } from '../identity/errors.ts'

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

/** Access tokens are refused from now on; clients that can handle it are told so with a claims challenge (continuous access evaluation). */
export function revokeAccessTokens({ accessTokens }: Directory): { revoked: number } {
  for (const token of accessTokens.values()) token.revoked = true
  return { revoked: accessTokens.size }
}

/** A certificate in PEM that the confidential client may sign assertions with from now on. */
export function addCertificate({ certificates }: Directory, { pem }: Order): { certificates: number } {
  try {
    certificates.push(new X509Certificate(String(pem)))
  } catch {
    throw new OrderError('`pem` must be a certificate in PEM: `-----BEGIN CERTIFICATE-----`.')
  }
  return { certificates: certificates.length }
}

/** Another issuer whose tokens stand in for the confidential client's secret; `keys` as in a JSON web key set. */
export function addFederatedCredential({ federatedCredentials }: Directory, order: Order): { credentials: number } {
  const { issuer, subject, audience = 'api://AzureADTokenExchange', keys } = order
  if (
    typeof issuer !== 'string' ||
    typeof subject !== 'string' ||
    typeof audience !== 'string' ||
    !Array.isArray(keys) ||
    keys.length === 0
  )
    throw new OrderError('A federated credential has `issuer`, `subject`, `keys` (JSON web keys) and, where it is another one, `audience`.')
  federatedCredentials.push({ issuer, subject, audience, keys })
  return { credentials: federatedCredentials.length }
}

/** What the person agreed to is taken back: renewals are refused until the next sign-in. */
export function revokeConsent({ consented }: Directory): { revoked: number } {
  const revoked = consented.size
  consented.clear()
  return { revoked }
}

/** A redirect that AD FS takes, exact to the last slash. */
export function addAdfsRedirect({ adfsRedirects }: Directory, { redirect_uri: uri }: Order): { redirects: string[] } {
  if (typeof uri !== 'string' || !URL.canParse(uri)) throw new OrderError('`redirect_uri` must be an address.')
  adfsRedirects.add(uri)
  return { redirects: [...adfsRedirects] }
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

export function mendTokenEndpoint({ failures }: Directory): { ordered: number } {
  failures.length = 0
  return { ordered: 0 }
}

function readCode(value: unknown) {
  if (isErrorCode(value)) return value
  throw new OrderError(`\`code\` is no AADSTS number that the sandbox knows. It knows ${Object.keys(errors).join(', ')}.`)
}

function readWhole(value: unknown, name: string, least: number, most: number): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number
  throw new OrderError(`\`${name}\` must be a whole number from ${least} to ${most}.`)
}
