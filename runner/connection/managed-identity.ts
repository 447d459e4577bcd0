import { type Clock, ConnectorError } from '../connector/index.ts'
import { type Refusal, seen, type TokenAnswer } from './authorities/authority.ts'
import { type GrantResult, jsonObject } from './grant-result.ts'
import { assertSecure, type Http, NoAnswer } from './http.ts'

/** The service of an Azure host that gives tokens to what runs there. */
export interface IdentityService {
  /** Without query. Plain http: it never leaves the host. */
  url: string
  apiVersion: string
  headers: Record<string, string>
}

/** The service answers from the host itself; only its first token for a new identity takes a while. */
const timeoutMs = 10_000

/**
 * Which service this host has, as Azure's own libraries find it: App Service, Functions and Container Apps name theirs in the environment
 * (learn.microsoft.com/azure/app-service/overview-managed-identity); virtual machines have the metadata service at a fixed address
 * (learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token).
 */
export function identityService(env: Readonly<Record<string, string | undefined>>): IdentityService {
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: secret, AZURE_POD_IDENTITY_AUTHORITY_HOST: host } = env
  if (endpoint && secret) return { url: endpoint, apiVersion: '2019-08-01', headers: { 'X-IDENTITY-HEADER': secret } }
  const base = (host || 'http://169.254.169.254').replace(/\/+$/, '')
  return { url: `${base}/metadata/identity/oauth2/token`, apiVersion: '2018-02-01', headers: { Metadata: 'true' } }
}

/**
 * An access token of the host's identity for the resource.
 * @param clientId of a user-assigned identity; left out for the one that the system assigned
 * @throws ConnectorError `managed_identity_missing`, `insecure_address`; NoAnswer when the service was reached and said nothing
 */
export async function askManagedIdentity(
  { url, apiVersion, headers }: IdentityService,
  { resource, clientId }: { resource: string; clientId?: string },
  { http, clock, signal }: { http: Http; clock: Clock; signal?: AbortSignal },
): Promise<GrantResult> {
  if (!isLinkLocal(url)) assertSecure(url)
  const address = new URL(url)
  address.searchParams.set('api-version', apiVersion)
  address.searchParams.set('resource', resource.replace(/\/+$/, ''))
  if (clientId !== undefined) address.searchParams.set('client_id', clientId)
  const answer = await http.send({ method: 'GET', url: address.href, headers, timeoutMs, ...(signal && { signal }) }).catch((thrown) => {
    throw thrown instanceof NoAnswer && !thrown.sent ? missing(url, thrown) : thrown
  })
  const tokens = answer.status === 200 ? tokensIn(answer.body, clock.now()) : undefined
  return tokens ? { tokens } : { refused: answer }
}

/** Numbers come as texts; App Service tells only when the token ends (seconds since 1970), and not how long it lives. */
function tokensIn(body: string, now: Date): { accessToken: string; expiresIn: number } | undefined {
  const { access_token: accessToken, expires_in, expires_on } = jsonObject(body) ?? {}
  const expiresIn = Number(expires_in) || Number(expires_on) - now.getTime() / 1_000
  return typeof accessToken === 'string' && expiresIn > 0 ? { accessToken, expiresIn } : undefined
}

/** Statuses that the metadata service asks to wait at, and for how long at least (page above, "Retry guidance"). */
const passing: Record<number, number> = { 404: 1_000, 410: 70_000, 429: 1_000 }

/** What the service's answer means. Its fault may pass; whatever else it says, somebody must set the identity up. */
export function classifyManagedIdentity(answer: TokenAnswer): Refusal {
  const { status, body } = answer
  const { error, error_description, message } = jsonObject(body) ?? {}
  const words = String(error_description ?? message ?? error ?? seen(answer))
  const told = { words, by: 'the identity service of this host', ...(typeof error === 'string' && { error }) }
  const wait = passing[status] ?? (status >= 500 ? 1_000 : undefined)
  if (wait !== undefined) return { class: 'transient', atLeastMs: wait, todo: 'It is tried again by itself.', ...told }
  if (status === 200) return { class: 'transient', todo: 'The answer holds no token that can be used.', ...told }
  return {
    class: 'config',
    elsewhere: true,
    todo: 'Assign the identity to this host; `client_id` names a user-assigned one, and is left out for the one that the system assigned.',
    ...told,
  }
}

function isLinkLocal(url: string): boolean {
  return URL.canParse(url) && /^169\.254(\.\d+){2}$/.test(new URL(url).hostname)
}

function missing(url: string, { code }: NoAnswer): ConnectorError {
  return new ConnectorError(
    'auth',
    'managed_identity_missing',
    `This host has no managed identity: nothing answers at ${new URL(url).origin} (${code}). \`auth: managed_identity\` works on Azure hosts with an identity (virtual machines, App Service, Functions, Container Apps); elsewhere use \`client_credentials\` or \`workload_identity\`.`,
    { details: { code } },
  )
}
