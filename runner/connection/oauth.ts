import type * as OAuth from 'oauth4webapi'
import { type Clock, ConnectorError, type OAuthSettings } from '../connector/index.ts'
import type { TokenAnswer } from './authorities/authority.ts'
import { authorities } from './authorities/index.ts'
import { assertSecure, type Http, isLoopback } from './http.ts'
import type { FoundAuthority, Identity } from './token-store.ts'

const timeoutMs = 30_000

/** What a grant brought. */
export interface Tokens {
  accessToken: string
  /** Seconds. */
  expiresIn: number
  refreshToken?: string
  /** Seconds; told by AD FS only. */
  refreshExpiresIn?: number
  identity?: Identity
}

/** Either tokens or the answer as it came, for the authority's rules to judge. @throws NoAnswer when nothing came */
export type GrantResult = { tokens: Tokens } | { refused: TokenAnswer }

export interface Grants {
  clientCredentials(): Promise<GrantResult>
  refresh(refreshToken: string): Promise<GrantResult>
  /** Address that a person opens to sign in. */
  authorizeUrl(redirectUri: string, secrets: SignInSecrets, more: Record<string, string>): Promise<string>
  /** @param callback the address that the authority sent the browser to. @throws AuthorizationRefused when it carries an error */
  code(callback: URL, redirectUri: string, secrets: SignInSecrets): Promise<GrantResult>
}

/** Made for one sign-in. */
export interface SignInSecrets {
  verifier: string
  state: string
  nonce: string
}

/** The authority sent the browser back with an error in place of a code. */
export class AuthorizationRefused extends Error {
  override readonly name = 'AuthorizationRefused'
  readonly error: string
  constructor(error: string, description: string) {
    super(description)
    this.error = error
  }
}

export async function newSignIn(): Promise<SignInSecrets> {
  const oauth = await import('oauth4webapi')
  return { verifier: oauth.generateRandomCodeVerifier(), state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce() }
}

/** The OAuth grants of one connection. Sends and judges nothing; loads oauth4webapi with the first call. */
export function openGrants(
  settings: OAuthSettings,
  found: FoundAuthority,
  { http, clock, signal }: { http: Http; clock: Clock; signal?: AbortSignal },
): Grants {
  const authority = authorities[settings.authority]
  const endpoints = authority.endpoints(found)
  for (const url of [endpoints.token, endpoints.authorize]) assertSecure(url)
  const scope = authority.scopes(settings, found.resource).join(' ')
  const parameters = { scope, ...authority.parameters(found.resource) }

  async function library() {
    const oauth = await import('oauth4webapi')
    const server: OAuth.AuthorizationServer = {
      issuer: endpoints.issuer,
      authorization_endpoint: endpoints.authorize,
      token_endpoint: endpoints.token,
    }
    const client: OAuth.Client = {
      client_id: settings.clientId,
      [oauth.clockSkew]: Math.round((clock.now().getTime() - Date.now()) / 1000),
      [oauth.clockTolerance]: 300,
    }
    const authentication = settings.clientSecret === undefined ? oauth.None() : oauth.ClientSecretPost(settings.clientSecret)
    const options = { [oauth.allowInsecureRequests]: isLoopback(endpoints.token), [oauth.customFetch]: fetchOver(http, signal) }
    return { oauth, server, client, authentication, options }
  }

  return {
    async clientCredentials() {
      const { oauth, server, client, authentication, options } = await library()
      const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, parameters, options)
      return judged(response, (good) => oauth.processClientCredentialsResponse(server, client, good.response), oauth)
    },

    async refresh(refreshToken) {
      const { oauth, server, client, authentication, options } = await library()
      const response = await oauth.refreshTokenGrantRequest(server, client, authentication, refreshToken, {
        ...options,
        additionalParameters: parameters,
      })
      return judged(
        response,
        (good) => oauth.processRefreshTokenResponse({ ...server, issuer: issuerIn(good, server.issuer) }, client, good.response),
        oauth,
      )
    },

    async authorizeUrl(redirectUri, { verifier, state, nonce }, more) {
      const { calculatePKCECodeChallenge } = await import('oauth4webapi')
      const url = new URL(endpoints.authorize)
      url.search = new URLSearchParams({
        client_id: settings.clientId,
        response_type: 'code',
        redirect_uri: redirectUri,
        response_mode: 'query',
        ...parameters,
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...more,
      }).toString()
      return url.href
    },

    async code(callback, redirectUri, { verifier, state, nonce }) {
      const { oauth, server, client, authentication, options } = await library()
      const callbackParameters = validated(oauth, server, client, callback, state)
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        authentication,
        callbackParameters,
        redirectUri,
        verifier,
        { ...options, additionalParameters: parameters },
      )
      return judged(
        response,
        (good) =>
          oauth.processAuthorizationCodeResponse({ ...server, issuer: issuerIn(good, server.issuer) }, client, good.response, {
            expectedNonce: nonce,
          }),
        oauth,
      )
    },
  }
}

function validated(
  oauth: typeof OAuth,
  server: OAuth.AuthorizationServer,
  client: OAuth.Client,
  callback: URL,
  state: string,
): URLSearchParams {
  try {
    return oauth.validateAuthResponse(server, client, callback, state)
  } catch (thrown) {
    if (thrown instanceof oauth.AuthorizationResponseError)
      throw new AuthorizationRefused(thrown.error, thrown.error_description ?? thrown.error)
    throw thrown
  }
}

/** oauth4webapi speaks fetch; the request goes out over the connection's own http. */
function fetchOver(http: Http, signal: AbortSignal | undefined) {
  return async (
    url: string,
    { method, headers, body }: { method: string; headers: Record<string, string>; body?: unknown },
  ): Promise<Response> => {
    const form = body === undefined || body === null ? undefined : String(body)
    const answer = await http.send({
      method,
      url,
      headers,
      timeoutMs,
      ...(form !== undefined && { body: form }),
      ...(signal && { signal }),
    })
    return new Response([204, 205, 304].includes(answer.status) ? null : answer.body, { status: answer.status, headers: answer.headers })
  }
}

/** A body of JSON with status 200, not yet read by the library. */
interface Good {
  response: Response
  json: Record<string, unknown>
}

async function judged(
  answer: Response,
  process: (good: Good) => Promise<OAuth.TokenEndpointResponse>,
  oauth: typeof OAuth,
): Promise<GrantResult> {
  const raw: TokenAnswer = { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() }
  const json = raw.status === 200 ? jsonObject(raw.body) : undefined
  if (!json) return { refused: raw }
  const response = new Response(raw.body, { status: 200, headers: { 'content-type': 'application/json' } })
  const body = await process({ response, json }).catch((thrown: Error) => {
    // The library's error holds the whole body as its cause, tokens included.
    throw new ConnectorError(
      'transient',
      'token_answer_unusable',
      `The token endpoint's answer cannot be used: ${thrown.message}. Check \`authority\` and the clock of this machine.`,
    )
  })
  const identity = identityOf(oauth.getValidatedIdTokenClaims(body))
  return {
    tokens: {
      accessToken: body.access_token,
      expiresIn: body.expires_in ?? 3600,
      ...(body.refresh_token !== undefined && { refreshToken: body.refresh_token }),
      ...(Number(body.refresh_token_expires_in) > 0 && { refreshExpiresIn: Number(body.refresh_token_expires_in) }),
      ...(identity && { identity }),
    },
  }
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/**
 * Entra's issuer names the tenant by id, while the settings may name it by domain; so the id token may name any issuer of the host that was asked.
 * It came straight from there, which is why its signature need not be checked (OpenID Connect Core 3.1.3.7).
 */
function issuerIn({ json }: Good, expected: string): string {
  const payload = typeof json.id_token === 'string' ? Buffer.from(json.id_token.split('.')[1] ?? '', 'base64url').toString() : ''
  const issuer = jsonObject(payload)?.iss
  return typeof issuer === 'string' && URL.canParse(issuer) && new URL(issuer).origin === new URL(expected).origin ? issuer : expected
}

function identityOf(claims: OAuth.IDToken | undefined): Identity | undefined {
  if (!claims) return undefined
  const text = (...names: string[]) => names.map((name) => claims[name]).find((value) => typeof value === 'string') as string | undefined
  const [user, oid, tid] = [text('preferred_username', 'upn', 'email', 'unique_name', 'name'), text('oid', 'sub'), text('tid')]
  return { ...(user !== undefined && { user }), ...(oid !== undefined && { oid }), ...(tid !== undefined && { tid }) }
}
