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
  /** Each further try may lock the account. */
  locksOut?: true
  /** What is wrong is mended where the runner does not see it: none of its own credentials are refused. */
  elsewhere?: true
  /** Who says so, where it is not the token endpoint. */
  by?: string
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

/** The body as an OAuth error, without fields of another type; undefined when it is no JSON object. */
export function errorBody(text: string): ErrorBody | undefined {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const { error_codes: codes, ...rest } = body as Record<string, unknown>
  const texts = Object.fromEntries(Object.entries(rest).filter(([, value]) => typeof value === 'string'))
  return { ...texts, ...(Array.isArray(codes) && { error_codes: codes.filter((code) => typeof code === 'number') }) }
}

/** Facts sheet "Classifier order" 1 and 2: whatever is no clear word of the authority may pass. */
export function passing(answer: TokenAnswer): Refusal | undefined {
  const { status, headers, body } = answer
  const busy = status === 429 || status >= 500 || 'retry-after' in headers
  const understood = errorBody(body)
  if (!busy && understood) return undefined
  return {
    class: 'transient',
    words: understood?.error_description ?? understood?.error ?? seen(answer),
    todo: busy ? 'It is tried again by itself.' : 'This is no answer of an authority: check `authority` and proxies between here and it.',
  }
}

/** What came in place of an OAuth answer, in words for a person. */
export function seen({ status, headers, body }: TokenAnswer): string {
  const text = body.trim()
  if (status >= 300 && status < 400) return `a redirect to ${headers.location ?? 'nowhere'}`.slice(0, 200)
  if (text === '') return 'an empty answer'
  if (/^<(!doctype|html)/i.test(text) || /text\/html/i.test(headers['content-type'] ?? '')) {
    const title = text.match(/<title[^>]*>([^<]{1,100})/i)?.[1]?.trim()
    return title ? `an HTML page, "${title}"` : 'an HTML page'
  }
  if (/^[{[]/.test(text) && !errorBody(text)) return 'JSON that is cut off or is no OAuth answer'
  // It may hold tokens, in a form that we do not read.
  if (status < 300) return 'something else than an OAuth answer'
  return text.slice(0, 200)
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
