import { readFile } from 'node:fs/promises'
import { type Clock, ConnectorError } from '../connector/index.ts'
import { assertSecure, type Http } from './http.ts'

/** Where the token of another issuer comes from: a file that the platform renews (Kubernetes and others), or the service of a GitHub Actions job. */
export type FederatedTokenSource = { file: string } | { url: string; bearer: string }

/** What Entra expects as audience, unless the federated credential says otherwise. */
const audience = 'api://AzureADTokenExchange'
const timeoutMs = 30_000

/** What the platform offers in its environment; undefined where it offers nothing. */
export function offeredToken(env: Readonly<Record<string, string | undefined>>): FederatedTokenSource | undefined {
  if (env.AZURE_FEDERATED_TOKEN_FILE) return { file: env.AZURE_FEDERATED_TOKEN_FILE }
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = env
  return url && bearer ? { url, bearer } : undefined
}

/**
 * The token that stands in for a secret, asked for anew each time, since it lives for minutes. Facts sheet "Client credentials".
 * @throws ConnectorError `federated_token_unusable`; NoAnswer
 */
export async function federatedToken(
  source: FederatedTokenSource,
  { http, clock, signal }: { http: Http; clock: Clock; signal?: AbortSignal },
): Promise<string> {
  const { token, place } =
    'file' in source
      ? { token: await fromFile(source.file), place: source.file }
      : { token: await fromGitHub(source, http, signal), place: 'the job' }
  const end = await endOf(token, place)
  if (end !== undefined && end <= clock.now().getTime())
    throw unusable(
      `the token in ${place} ended on ${new Date(end).toISOString()}. Whatever renews it has stopped: look at the platform that writes it`,
    )
  return token
}

async function fromFile(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw unusable(
      `${file} cannot be read (${error.code}). Check \`federated_token_file\` or AZURE_FEDERATED_TOKEN_FILE, and that the platform writes it`,
    )
  })
  if (text.trim() === '') throw unusable(`${file} is empty. Check that the platform writes it`)
  return text.trim()
}

/** GitHub docs "OpenID Connect reference": the job's own address, asked with the job's own token. */
async function fromGitHub({ url, bearer }: { url: string; bearer: string }, http: Http, signal: AbortSignal | undefined): Promise<string> {
  assertSecure(url)
  const address = new URL(url)
  address.searchParams.set('audience', audience)
  const { status, body } = await http.send({
    method: 'GET',
    url: address.href,
    headers: { accept: 'application/json', authorization: `Bearer ${bearer}` },
    timeoutMs,
    ...(signal && { signal }),
  })
  const value = status === 200 ? valueIn(body) : undefined
  if (value !== undefined) return value
  throw unusable(
    `GitHub answers ${status} in place of a token. Give the job the permission \`id-token: write\``,
    status === 429 || status >= 500 ? 'transient' : 'auth',
  )
}

function valueIn(body: string): string | undefined {
  try {
    const { value } = JSON.parse(body) as { value?: unknown }
    return typeof value === 'string' && value !== '' ? value : undefined
  } catch {
    return undefined
  }
}

async function endOf(token: string, place: string): Promise<number | undefined> {
  const { decodeJwt } = await import('jose')
  try {
    const { exp } = decodeJwt(token)
    return exp === undefined ? undefined : Math.max(exp, 0) * 1_000
  } catch {
    throw unusable(`what is in ${place} is no signed JSON web token`)
  }
}

function unusable(why: string, kind: 'auth' | 'transient' = 'auth'): ConnectorError {
  return new ConnectorError(kind, 'federated_token_unusable', `The workload identity has no token to sign in with: ${why}.`)
}
