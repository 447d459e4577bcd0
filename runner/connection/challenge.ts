import { ConnectorError, type OAuthSettings } from '../connector/index.ts'
import { entraAliases, entraHosts } from './authorities/entra.ts'
import { assertSecure, type Http, isLoopback, NoAnswer } from './http.ts'
import type { FoundAuthority } from './token-store.ts'
import { unsupportedSignIn } from './unsupported-sign-in.ts'

export interface Challenge {
  authorizationUri: string
  resourceId?: string
}

/**
 * Asks the organization itself who signs in for it: one request without a token, answered 401 with the authority's address. Facts sheet "Discovery from a 401".
 * @throws ConnectorError `challenge_missing`, `sign_in_unsupported`, `authority_not_trusted`, `no_answer`
 */
export async function askOrganization(oauth: OAuthSettings, baseUrl: string, http: Http, signal?: AbortSignal): Promise<FoundAuthority> {
  const answer = await http
    .send({ method: 'GET', url: baseUrl, headers: { accept: 'application/json' }, timeoutMs: 30_000, ...(signal && { signal }) })
    .catch((thrown) => {
      if (!(thrown instanceof NoAnswer)) throw thrown
      throw new ConnectorError('transient', 'no_answer', `${baseUrl} did not answer (${thrown.code}). Check the address and the network.`, {
        details: { code: thrown.code },
      })
    })
  const challenge = parseChallenge(answer.headers['www-authenticate'] ?? '')
  if (!challenge) throw unsupportedSignIn(baseUrl, answer) ?? missing(oauth, baseUrl, answer.status)
  return trusted(challenge, oauth, baseUrl)
}

function missing({ authority }: OAuthSettings, baseUrl: string, status: number): ConnectorError {
  const fields = authority === 'entra' ? '`authority` and `tenant`' : '`resource`'
  return new ConnectorError(
    status >= 500 ? 'transient' : 'rejected',
    'challenge_missing',
    `${baseUrl} does not say who signs in for it (it answered ${status}). Check the address, or set ${fields} in the connection block.`,
    { status },
  )
}

/** The Bearer part of `WWW-Authenticate`, where several headers may be joined and values are mostly not quoted. */
export function parseChallenge(header: string): Challenge | undefined {
  const bearer = header.match(/(?:^|,\s*)bearer\s+(.*)$/is)?.[1]
  if (bearer === undefined) return undefined
  const value = (name: string) =>
    bearer
      .match(new RegExp(`(?:^|[\\s,])${name}\\s*=\\s*(?:"([^"]*)"|([^\\s,"]+))`, 'i'))
      ?.slice(1)
      .find((part) => part !== undefined)
  const [authorizationUri, resourceId] = [value('authorization_uri'), value('resource_id')]
  if (authorizationUri === undefined || !URL.canParse(authorizationUri)) return undefined
  return { authorizationUri, ...(resourceId !== undefined && { resourceId }) }
}

/** A hostile server could name an authority of its own and get the client secret: only known ones, or the one in the settings, are believed. */
function trusted({ authorizationUri, resourceId }: Challenge, oauth: OAuthSettings, baseUrl: string): FoundAuthority {
  const base = authorizationUri.replace(/[?#].*$/, '').replace(/\/oauth2\/(v2\.0\/)?authorize\/?$/i, '')
  assertSecure(base)
  const { authorityUrl, tenant } = oauth.authority === 'entra' ? splitTenant(base) : { authorityUrl: base, tenant: undefined }
  const configured = oauth.authorityUrl?.replace(/\/+$/, '')
  const known =
    configured !== undefined
      ? sameHost(configured, authorityUrl)
      : (oauth.authority === 'entra' && entraHosts.has(new URL(authorityUrl).host)) || (isLoopback(authorityUrl) && isLoopback(baseUrl))
  if (!known) {
    throw new ConnectorError(
      'rejected',
      'authority_not_trusted',
      `${new URL(baseUrl).host} wants sign-in at ${authorityUrl}, which is ${configured === undefined ? 'no known authority' : `not the \`authority\` of the connection (${configured})`}. If it is right, set \`authority\` to it.`,
    )
  }
  const foundTenant = oauth.tenant ?? tenant
  // The identifier must be spelt as the server spells it (AD FS minds the last slash), but only the base of our own address is believed.
  const resource = resourceId !== undefined && baseUrl.startsWith(resourceId) ? resourceId : oauth.resource
  return { authorityUrl: configured ?? authorityUrl, ...(foundTenant !== undefined && { tenant: foundTenant }), resource }
}

function splitTenant(base: string): { authorityUrl: string; tenant: string } {
  const url = new URL(base)
  const [tenant = ''] = url.pathname.split('/').filter(Boolean)
  const host = entraAliases[url.host] ?? url.host
  return {
    authorityUrl: `${url.protocol}//${host}`,
    tenant: tenant === 'common' || tenant === '' ? 'organizations' : decodeURIComponent(tenant),
  }
}

function sameHost(a: string, b: string): boolean {
  return URL.canParse(a) && new URL(a).host === new URL(b).host
}
