import type { OAuthSettings } from '../../connector/index.ts'
import type { FoundAuthority, ReconnectKind } from '../token-store.ts'

/** The token endpoint's answer as it came, whatever it holds. */
export interface TokenAnswer {
  status: number
  headers: Record<string, string>
  body: string
}

/**
 * What a refusal asks for. `reconnect`: a person signs in again. `config`: the registration or the credentials are wrong.
 * `transient`: it may pass. `pending`: a person has not finished yet (device code).
 */
export interface Refusal {
  class: 'reconnect' | 'config' | 'transient' | 'pending'
  /** Of a `reconnect`. */
  kind?: ReconnectKind
  /** One more try after a pause, before the refusal counts. */
  tryOnceMore?: boolean
  /** At least so long before the next try, in milliseconds. */
  atLeastMs?: number
  /** `error` of the body. */
  error?: string
  /** `AADSTS700082`, `MSIS9615`. */
  number?: string
  /** The endpoint's own words, without trailing ids. */
  words: string
  traceId?: string
  correlationId?: string
  claims?: string
  /** What to do, one sentence or more. */
  todo: string
}

/** One kind of authorization server: where its endpoints are, how the resource travels, what its refusals mean. No network. */
export interface Authority {
  /** Where to ask, from the settings alone; undefined when the organization's challenge must tell. */
  known(oauth: OAuthSettings): FoundAuthority | undefined
  endpoints(found: FoundAuthority): { issuer: string; authorize: string; token: string; device: string }
  scopes(oauth: OAuthSettings, resource: string): string[]
  /** Sent with authorize and token requests beside `scope`. */
  parameters(resource: string): Record<string, string>
  /** Milliseconds that an unused refresh token lives where its end is not told. */
  refreshLifeMs?: number
  /** How a certificate signs in for the client: algorithm, and the header that names the certificate. */
  assertion: { algorithm: 'PS256' | 'RS256'; thumbprint(of: { sha1: string; sha256: string }): Record<string, string> }
  classify(answer: TokenAnswer): Refusal
}

export interface ErrorBody {
  error?: string
  error_description?: string
  error_codes?: number[]
  suberror?: string
  claims?: string
  trace_id?: string
  correlation_id?: string
}

/** The body as an OAuth error; undefined when it is no JSON object. */
export function errorBody(text: string): ErrorBody | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? (body as ErrorBody) : undefined
  } catch {
    return undefined
  }
}

/** Facts sheet "Classifier order" 1 and 2: whatever is no clear word of the authority may pass. */
export function passing({ status, headers, body }: TokenAnswer): Refusal | undefined {
  const busy = status === 429 || status >= 500 || 'retry-after' in headers
  if (!busy && errorBody(body)) return undefined
  const words = errorBody(body)?.error_description ?? body.trim().slice(0, 200)
  return { class: 'transient', words, todo: 'It is tried again by itself.' }
}

/** `invalid_client` and its like: nobody's sign-in helps, the registration must be mended. Facts sheet "`error` and `suberror`". */
export const configErrors = new Set([
  'invalid_client',
  'unauthorized_client',
  'invalid_resource',
  'invalid_scope',
  'invalid_request',
  'invalid_tenant',
  'unsupported_grant_type',
  'unsupported_response_type',
])

/** What to do where no number says more. */
export const generalTodo: Record<ReconnectKind | 'config', string> = {
  expired: 'Sign in again.',
  revoked: 'Sign in again.',
  mfa: 'Sign in again and pass the further check; for runs without a person, use an application user (`auth: client_credentials`).',
  consent: 'Sign in again and consent, or let an administrator consent for the organization.',
  policy: 'A policy of the organization blocks this sign-in: ask an administrator, and give the correlation id.',
  password: "The account's password must be changed or corrected first; then sign in again.",
  config: 'Correct the app registration or the fields of the connection block.',
}
