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
  /** Seconds; told by AD FS only. */
  refreshExpiresIn?: number
  identity?: Identity
}

/** Either tokens or the answer as it came, for the authority's rules to judge. @throws NoAnswer when nothing came */
export type GrantResult = { tokens: Tokens } | { refused: TokenAnswer }

/** A body of JSON with status 200, not yet read by the library. */
interface Good {
  response: Response
  json: Record<string, unknown>
}

/** Tokens, or the answer as it came where it is none. @throws ConnectorError `token_answer_unusable` */
export async function judged(
  answer: Response,
  process: (good: Good) => Promise<OAuth.TokenEndpointResponse>,
  oauth: typeof OAuth,
): Promise<GrantResult> {
  const raw = await rawAnswer(answer)
  const json = raw.status === 200 ? jsonObject(raw.body) : undefined
  if (!json) return { refused: raw }
  const response = new Response(raw.body, { status: 200, headers: { 'content-type': 'application/json' } })
  const body = await process({ response, json }).catch(unusable)
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

export async function rawAnswer(answer: Response): Promise<TokenAnswer> {
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() }
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

/**
 * Entra's issuer names the tenant by id, while the settings may name it by domain; so the id token may name any issuer of the host that was asked.
 * It came straight from there, which is why its signature need not be checked (OpenID Connect Core 3.1.3.7).
 */
export function issuerIn({ json }: Good, expected: string): string {
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
