import type * as OAuth from 'oauth4webapi'
import { ConnectorError } from '../connector/index.ts'
import type { TokenAnswer } from './authorities/authority.ts'
import type { Identity } from './token-store.ts'

/** What a grant brought. */
export interface Tokens {
  accessToken: string
  /** Seconds. */
  expiresIn: number
  refreshToken?: string
  /** Seconds; told by AD FS, and by Entra for single-page apps. */
  refreshExpiresIn?: number
  identity?: Identity
}

/** Either tokens or the answer as it came, for the authority's rules to judge. @throws NoAnswer when nothing came */
export type GrantResult = { tokens: Tokens } | { refused: TokenAnswer }

/** A body of JSON with status 200, not yet read by the library. */
interface Good {
  refused?: undefined
  response: Response
  json: Record<string, unknown>
}

/**
 * Tokens, or the answer as it came where it is none.
 * @param process the library's reader of this grant; it is given the server as whose tokens these may be
 * @throws ConnectorError `token_answer_unusable`
 */
export async function judged(
  answer: Response,
  server: OAuth.AuthorizationServer,
  process: (server: OAuth.AuthorizationServer, response: Response) => Promise<OAuth.TokenEndpointResponse>,
  oauth: typeof OAuth,
): Promise<GrantResult> {
  const good = await goodAnswer(answer)
  if (good.refused) return good
  const body = await process({ ...server, issuer: issuerIn(good, server.issuer) }, good.response).catch(unusable)
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

/** For the library to read, or as it came. */
export async function goodAnswer(answer: Response): Promise<Good | { refused: TokenAnswer }> {
  const refused = { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() }
  const json = refused.status === 200 ? jsonObject(refused.body) : undefined
  return json ? { response: Response.json(json), json } : { refused }
}

/** The library's error holds the whole body as its cause, tokens included. */
export function unusable({ message }: Error): never {
  throw new ConnectorError(
    'transient',
    'token_answer_unusable',
    `The token endpoint's answer cannot be used: ${message}. Check \`authority\` and the clock of this machine.`,
  )
}

export function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** It came straight from the token endpoint, which is why its signature need not be checked (OpenID Connect Core 3.1.3.7). */
function issuerIn({ json }: Good, expected: string): string {
  const payload = typeof json.id_token === 'string' ? Buffer.from(json.id_token.split('.')[1] ?? '', 'base64url').toString() : ''
  return issuerOf(jsonObject(payload)?.iss, expected)
}

/** Entra's issuer names the tenant by id, while the settings may name it by domain; so any issuer of the host that was asked is taken for it. */
export function issuerOf(named: unknown, expected: string): string {
  const sameHost = typeof named === 'string' && URL.canParse(named) && new URL(named).origin === new URL(expected).origin
  return sameHost ? named : expected
}

function identityOf(claims: OAuth.IDToken | undefined): Identity | undefined {
  if (!claims) return undefined
  const text = (...names: string[]) => names.map((name) => claims[name]).find((value) => typeof value === 'string') as string | undefined
  const [user, oid, tid] = [text('preferred_username', 'upn', 'email', 'unique_name', 'name'), text('oid', 'sub'), text('tid')]
  return { ...(user !== undefined && { user }), ...(oid !== undefined && { oid }), ...(tid !== undefined && { tid }) }
}
