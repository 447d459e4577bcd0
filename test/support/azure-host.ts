import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HostAnswer {
  status: number
  body: unknown
}

/** An Azure host's identity service, and GitHub's service of job tokens, on one loopback port; they answer only what the real ones would. */
export interface AzureHost {
  url: string
  /** Environment of programs on a virtual machine, on App Service, in a job. */
  env: Record<'virtualMachine' | 'appService' | 'gitHubJob', Record<string, string>>
  /** Paths with queries that were asked. */
  asked: string[]
  /** Next answers in place of tokens. */
  answers: HostAnswer[]
  close(): Promise<void>
}

export interface AzureHostTokens {
  /** An access token of the identity, and the seconds that it lives. */
  accessToken(resource: string, clientId: string | null): Promise<{ token: string; expiresIn: number }>
  /** A job's token for the audience. */
  jobToken(audience: string): Promise<string>
  /** Milliseconds since 1970. */
  now(): number
}

const headerSecret = 'identity-header-canary-1'
const jobBearer = 'job-bearer-canary-1'

export async function azureHost({ accessToken, jobToken, now }: AzureHostTokens): Promise<AzureHost> {
  const metadata = async ({ searchParams }: URL, { headers }: IncomingMessage): Promise<HostAnswer> => {
    if (headers.metadata !== 'true') return refused('invalid_request', 'Required metadata header not specified')
    if (searchParams.get('api-version') !== '2018-02-01') return refused('invalid_request', 'The api-version is invalid.')
    const resource = searchParams.get('resource')
    if (!resource) return refused('invalid_request', "Required query variable 'resource' is missing")
    const { token, expiresIn } = await accessToken(resource, searchParams.get('client_id'))
    const seconds = Math.floor(now() / 1_000)
    const life = { expires_in: String(expiresIn), expires_on: String(seconds + expiresIn), ext_expires_in: String(expiresIn) }
    return { status: 200, body: { access_token: token, ...life, not_before: String(seconds - 300), resource, token_type: 'Bearer' } }
  }

  const appService = async ({ searchParams }: URL, { headers }: IncomingMessage): Promise<HostAnswer> => {
    if (headers['x-identity-header'] !== headerSecret) return { status: 401, body: { statusCode: 401, message: 'Unauthorized' } }
    const resource = searchParams.get('resource')
    if (searchParams.get('api-version') !== '2019-08-01' || !resource)
      return { status: 400, body: { statusCode: 400, message: 'Bad request' } }
    const { token, expiresIn } = await accessToken(resource, searchParams.get('client_id'))
    const end = String(Math.floor(now() / 1_000) + expiresIn)
    return { status: 200, body: { access_token: token, expires_on: end, resource, token_type: 'Bearer' } }
  }

  const gitHub = async ({ searchParams }: URL, { headers }: IncomingMessage): Promise<HostAnswer> => {
    if (headers.authorization !== `Bearer ${jobBearer}` || searchParams.get('job') !== '7') return { status: 401, body: {} }
    return { status: 200, body: { count: 1, value: await jobToken(searchParams.get('audience') ?? '') } }
  }

  const services: Record<string, typeof metadata> = {
    '/metadata/identity/oauth2/token': metadata,
    '/msi/token': appService,
    '/idtoken': gitHub,
  }
  const host: Omit<AzureHost, 'url' | 'env' | 'close'> = { asked: [], answers: [] }
  const server = createServer(async (request, response) => {
    host.asked.push(`${request.method} ${request.url}`)
    const url = new URL(request.url ?? '', 'http://host')
    const service = request.method === 'GET' ? services[url.pathname.replace(/\/$/, '')] : undefined
    const { status, body } = host.answers.shift() ?? (await service?.(url, request)) ?? { status: 405, body: {} }
    response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(host, {
    url,
    env: {
      virtualMachine: { AZURE_POD_IDENTITY_AUTHORITY_HOST: url },
      appService: { IDENTITY_ENDPOINT: `${url}/msi/token/`, IDENTITY_HEADER: headerSecret },
      gitHubJob: { ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/idtoken?job=7`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: jobBearer },
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

function refused(error: string, error_description: string): HostAnswer {
  return { status: 400, body: { error, error_description } }
}
