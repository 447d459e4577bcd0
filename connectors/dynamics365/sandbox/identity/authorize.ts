import type { Dialect } from './dialects/dialect.ts'
import { type AuthorizationCode, type Directory, randomText, registration } from './directory.ts'
import { EntraError } from './errors.ts'
import { checkTenant } from './tenant.ts'

/** Where the answer of the authorize endpoint goes, and how. */
export interface Reply {
  redirectUri: string
  mode: 'query' | 'fragment' | 'form_post'
  state?: string
}

const modes: readonly string[] = ['query', 'fragment', 'form_post']

/**
 * The part of an authorize request that must be right before anything is sent to the redirect.
 * @throws EntraError that is shown to the person, never sent on: 90002, 50194, 900144, 700016, 50011
 */
export function readReply(directory: Directory, dialect: Dialect, tenant: string, query: URLSearchParams): Reply {
  const clientId = required(query, 'client_id')
  checkTenant(directory, tenant, clientId)
  const client = registration(directory, clientId)
  if (!client) throw new EntraError(700016, { client: clientId, tenant: directory.tenantId })
  const redirectUri = required(query, 'redirect_uri')
  if (!dialect.isRegistered(redirectUri, client, directory)) throw new EntraError(50011, { redirect: redirectUri, client: clientId })
  const mode = query.get('response_mode') ?? 'query'
  if (!modes.includes(mode)) throw new EntraError(90023, { parameter: 'response_mode', value: mode })
  const state = query.get('state')
  return { redirectUri, mode: mode as Reply['mode'], ...(state !== null && { state }) }
}

/**
 * What a code will stand for.
 * @throws EntraError that travels to the redirect
 */
export function readSignIn(directory: Directory, dialect: Dialect, origin: string, query: URLSearchParams): AuthorizationCode {
  const type = required(query, 'response_type')
  if (type !== 'code') throw new EntraError(90023, { parameter: 'response_type', value: type }, 'unsupported_response_type')
  const scope = dialect.readScope(query, origin, directory)
  if (!scope && dialect.scopeAtOnce) throw new EntraError(900144, { parameter: 'scope' })
  // Nobody is ever signed in at the sandbox before the page is answered.
  if (query.get('prompt') === 'none') throw new EntraError(50058)
  const challenge = readChallenge(query)
  const nonce = query.get('nonce')
  return {
    realm: dialect.realm,
    clientId: required(query, 'client_id').toLowerCase(),
    redirectUri: required(query, 'redirect_uri'),
    ...(scope && { scope }),
    ...(challenge && { challenge }),
    ...(nonce !== null && { nonce }),
    user: directory.user,
    issuedAt: directory.clock(),
    redeemed: false,
  }
}

export function issueCode({ codes }: Directory, signIn: AuthorizationCode): string {
  const code = randomText('code')
  codes.set(code, signIn)
  return code
}

function readChallenge(query: URLSearchParams): AuthorizationCode['challenge'] {
  const value = query.get('code_challenge')
  if (value === null) return undefined
  // Left out, it means `plain` (RFC 7636 section 4.3).
  const method = query.get('code_challenge_method') ?? 'plain'
  if (method !== 'S256' && method !== 'plain') throw new EntraError(90023, { parameter: 'code_challenge_method', value: method })
  if (value.length < 43 || value.length > 128) throw new EntraError(501491)
  return { method, value }
}

/** @throws EntraError 900144 */
function required(query: URLSearchParams, name: string): string {
  const value = query.get(name)
  if (!value) throw new EntraError(900144, { parameter: name })
  return value
}
