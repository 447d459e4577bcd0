import type * as OAuth from 'oauth4webapi'
import type { Clock } from '../connector/index.ts'
import type { TokenAnswer } from './authorities/authority.ts'
import { authorities } from './authorities/index.ts'
import { clientAuthentication } from './client-authentication.ts'
import { type GrantResult, goodAnswer, issuerOf, judged, unusable } from './grant-result.ts'
import { assertSecure, type Http, isLoopback } from './http.ts'
import type { SignInSettings } from './surroundings.ts'
import type { FoundAuthority } from './token-store.ts'

const longestMs = 30_000

export interface Grants {
  clientCredentials(): Promise<GrantResult>
  /** @param claims what the system wants of the token (a claims challenge) */
  refresh(refreshToken: string, claims?: string): Promise<GrantResult>
  /** User name and password of the settings. */
  password(): Promise<GrantResult>
  device(): Promise<{ device: DeviceCode } | { refused: TokenAnswer }>
  /** Refused as pending until the person has finished. */
  deviceCode(deviceCode: string): Promise<GrantResult>
  /** Address that a person opens to sign in. */
  authorizeUrl(redirectUri: string, secrets: SignInSecrets, more: Record<string, string>): Promise<string>
  /** @param callback the address that the authority sent the browser to. @throws AuthorizationRefused when it carries an error */
  code(callback: URL, redirectUri: string, secrets: SignInSecrets): Promise<GrantResult>
}

/** What a person needs to sign in on another device, and the runner to wait for it. */
export interface DeviceCode {
  deviceCode: string
  userCode: string
  address: string
  /** Seconds. */
  expiresIn: number
  /** Seconds between two questions. */
  interval: number
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

export interface GrantPorts {
  http: Http
  clock: Clock
  signal?: AbortSignal
  /** How long one request may take, where that is shorter than 30 seconds; milliseconds. */
  patienceMs?: number
}

/** The OAuth grants of one connection. Sends and judges nothing; loads oauth4webapi with the first call. */
export function openGrants(settings: SignInSettings, found: FoundAuthority, ports: GrantPorts): Grants {
  const { clock } = ports
  const { clientId = '', account } = settings
  const authority = authorities[settings.authority]
  const endpoints = authority.endpoints(found)
  for (const url of [endpoints.token, endpoints.authorize, endpoints.device]) assertSecure(url)
  const scope = authority.scopes(settings, found.resource).join(' ')
  const asksIdToken = scope.split(' ').includes('openid')
  const parameters = { scope, ...authority.parameters(found.resource) }

  async function library() {
    const oauth = await import('oauth4webapi')
    const server: OAuth.AuthorizationServer = {
      issuer: endpoints.issuer,
      authorization_endpoint: endpoints.authorize,
      token_endpoint: endpoints.token,
      device_authorization_endpoint: endpoints.device,
    }
    const client: OAuth.Client = {
      client_id: clientId,
      [oauth.clockSkew]: Math.round((clock.now().getTime() - Date.now()) / 1000),
      [oauth.clockTolerance]: 300,
    }
    const authentication = await clientAuthentication(settings, authority, endpoints.token, ports)
    const options = { [oauth.allowInsecureRequests]: isLoopback(endpoints.token), [oauth.customFetch]: fetchOver(ports) }
    return { oauth, server, client, authentication, options }
  }

  return {
    async clientCredentials() {
      const { oauth, server, client, authentication, options } = await library()
      const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, parameters, options)
      return judged(response, server, (asked, good) => oauth.processClientCredentialsResponse(asked, client, good), oauth)
    },

    async refresh(refreshToken, claims) {
      const { oauth, server, client, authentication, options } = await library()
      const response = await oauth.refreshTokenGrantRequest(server, client, authentication, refreshToken, {
        ...options,
        additionalParameters: { ...parameters, ...(claims !== undefined && { claims }) },
      })
      return judged(response, server, (asked, good) => oauth.processRefreshTokenResponse(asked, client, good), oauth)
    },

    async password() {
      const { oauth, server, client, authentication, options } = await library()
      const form = { ...parameters, ...account }
      const response = await oauth.genericTokenEndpointRequest(server, client, authentication, 'password', form, options)
      return judged(response, server, (asked, good) => oauth.processGenericTokenEndpointResponse(asked, client, good), oauth)
    },

    async device() {
      const { oauth, server, client, authentication, options } = await library()
      const response = await oauth.deviceAuthorizationRequest(server, client, authentication, parameters, options)
      const good = await goodAnswer(response)
      if (good.refused) return good
      const body = await oauth.processDeviceAuthorizationResponse(server, client, good.response).catch(unusable)
      return {
        device: {
          deviceCode: body.device_code,
          userCode: body.user_code,
          address: body.verification_uri,
          // A day is longer than any person takes, and what is told beyond may be no date.
          expiresIn: Math.min(body.expires_in, 86_400),
          interval: body.interval ?? 5,
        },
      }
    },

    async deviceCode(deviceCode) {
      const { oauth, server, client, authentication, options } = await library()
      const response = await oauth.deviceCodeGrantRequest(server, client, authentication, deviceCode, {
        ...options,
        additionalParameters: parameters,
      })
      return judged(response, server, (asked, good) => oauth.processDeviceCodeResponse(asked, client, good), oauth)
    },

    async authorizeUrl(redirectUri, { verifier, state, nonce }, more) {
      const { calculatePKCECodeChallenge } = await import('oauth4webapi')
      const url = new URL(endpoints.authorize)
      url.search = new URLSearchParams({
        client_id: clientId,
        response_type: 'code',
        redirect_uri: redirectUri,
        response_mode: 'query',
        ...parameters,
        state,
        ...(asksIdToken && { nonce }),
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
        server,
        // An id token comes only when it is asked for; it must then be the one of this sign-in.
        (asked, good) => oauth.processAuthorizationCodeResponse(asked, client, good, asksIdToken ? { expectedNonce: nonce } : {}),
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
    // An authority may say who it is (RFC 9207), so that answers of another one are recognized.
    const issuer = issuerOf(callback.searchParams.get('iss'), server.issuer)
    const parameters = oauth.validateAuthResponse({ ...server, issuer }, client, callback, state)
    if (!parameters.has('code')) throw new AuthorizationRefused('no code', 'the browser came back with neither a code nor an error')
    return parameters
  } catch (thrown) {
    if (thrown instanceof oauth.AuthorizationResponseError)
      throw new AuthorizationRefused(thrown.error, thrown.error_description ?? thrown.error)
    if (thrown instanceof oauth.OperationProcessingError) throw new AuthorizationRefused('unusable answer', thrown.message)
    throw thrown
  }
}

/** oauth4webapi speaks fetch; the request goes out over the connection's own http. */
function fetchOver({ http, signal, patienceMs = longestMs }: GrantPorts) {
  return async (
    url: string,
    { method, headers, body }: { method: string; headers: Record<string, string>; body?: unknown },
  ): Promise<Response> => {
    const form = body === undefined || body === null ? undefined : String(body)
    const answer = await http.send({
      method,
      url,
      headers,
      timeoutMs: Math.min(patienceMs, longestMs),
      ...(form !== undefined && { body: form }),
      ...(signal && { signal }),
    })
    return new Response([204, 205, 304].includes(answer.status) ? null : answer.body, { status: answer.status, headers: answer.headers })
  }
}
