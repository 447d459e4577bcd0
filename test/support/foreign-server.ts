import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider'
import { startSandbox } from '../../connectors/dynamics365/sandbox/index.ts'
import { type Journal, journal } from './journal.ts'
import type { Person } from './sign-in.ts'
import { goThrough } from './web-person.ts'

const tenant = 'contoso'
const account = 'ada@contoso.example'
const secret = 'sbx-secret-of-the-foreign-server'

/** Lives in seconds. */
export interface ForeignOptions {
  accessLife: number
  /** Of refresh tokens that a sign-in brings. */
  refreshLife: number
  /** Of those that a renewal brings, where they rotate. */
  renewedLife?: number
  rotate?: boolean
}

/** A request that the token endpoint has answered. */
export interface TokenRequest {
  grant: string
  /** `error` of a refusal, and why in the server's own words. */
  error?: string
  why?: string
  /** When it was answered, in seconds since 1970, as the server reckons. */
  at: number
  /** The end of the refresh token that the client has now. */
  refreshEnds?: number
}

/** An authorization server that we did not write (the package oidc-provider), mounted where Entra's endpoints are, and the Web API of a sandbox behind it. */
export interface ForeignServer {
  url: string
  /** Environment for connections of {@link foreignConnection}. */
  env: Record<string, string>
  asked: Journal<TokenRequest>
  /** Signs in on the server's own pages, consents, and enters the code where there is one. */
  person: Person
  /** Leaves the pages by the link that declines. */
  declines: Person
  /** Makes a row behind the organization's back. */
  create(set: string, row: unknown): Promise<void>
  /** A refresh token as somebody may have got it elsewhere. */
  refreshToken(clientId: 'public' | 'confidential'): Promise<string>
  /** Takes back what was granted to clients so far: no refresh token renews any more, while access tokens live on to their end. */
  revoke(): Promise<void>
  close(): Promise<void>
}

/** The connection block of a client of the server. */
export function foreignConnection(client: 'public' | 'confidential', auth: string, more = ''): string {
  return `connector: dynamics365
name: Foreign
account_type: cloud
url: \${{ env.D365_URL }}
auth: ${auth}
client_id: ${client}
${client === 'confidential' ? 'client_secret: ${{ secrets.D365_CLIENT_SECRET }}\n' : ''}${auth === 'client_credentials' ? '' : 'scopes: [openid, profile]\n'}${more}`
}

export async function foreignServer(options: ForeignOptions): Promise<ForeignServer> {
  // Who calls was already asked here, so the sandbox takes the token as it comes.
  const sandbox = await startSandbox({ auth: 'off' })
  const asked = journal<TokenRequest>()
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(`${url}/an-issuer-of-its-own`, configuration(options))
  const authority = provider.callback()
  const granted = new Set<string>()
  provider.on('grant.success', async ({ oidc }) => {
    const { Grant: grant, RefreshToken: refresh } = oidc.entities
    if (grant) granted.add(grant.jti)
    // Its end is set on the stored one only.
    const stored = refresh && (await provider.RefreshToken.find(refresh.jti, { ignoreExpiration: true }))
    asked.add({ ...requestOf(oidc), ...(stored?.exp !== undefined && { refreshEnds: stored.exp }) })
  })
  provider.on('grant.error', ({ oidc }, { error, error_detail }) => asked.add({ ...requestOf(oidc), error, why: error_detail ?? '' }))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!request.url?.startsWith('/api/data/')) return authority(request, response)
    const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
    const known = (await provider.AccessToken.find(token)) ?? (await provider.ClientCredentials.find(token))
    if (known) return forward(request, response, sandbox.url)
    const challenge = `Bearer authorization_uri=${url}/${tenant}/oauth2/authorize, resource_id=${url}/`
    response.writeHead(401, { 'www-authenticate': challenge }).end()
  }
  server.on('request', (request, response) => {
    answer(request, response).catch((error: Error) => response.destroy(error))
  })

  return {
    url,
    env: { D365_URL: url, D365_CLIENT_SECRET: secret },
    asked,
    person: ({ address, code = '' }) => goThrough(address, { login: account, password: 'any', user_code: code }),
    declines: ({ address }) => goThrough(address, {}, /\/abort$/),
    async create(set, row) {
      const headers = { authorization: 'Bearer any', 'content-type': 'application/json' }
      const answered = await fetch(`${sandbox.url}/api/data/v9.2/${set}`, { method: 'POST', headers, body: JSON.stringify(row) })
      if (!answered.ok) throw new Error(`${set}: ${answered.status} ${await answered.text()}`)
    },
    async refreshToken(clientId) {
      const [accountId, client] = [account, await provider.Client.find(clientId)]
      if (!client) throw new Error(`no client ${clientId}`)
      const grant = new provider.Grant({ accountId, clientId })
      grant.addOIDCScope('openid profile')
      const grantId = await grant.save()
      return new provider.RefreshToken({ client, accountId, grantId, scope: 'openid profile', gty: 'authorization_code' }).save()
    },
    async revoke() {
      for (const id of granted) await (await provider.Grant.find(id))?.destroy()
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await sandbox.close()
    },
  }
}

function configuration({ accessLife, refreshLife, renewedLife = refreshLife, rotate = false }: ForeignOptions): Configuration {
  const path = `/${tenant}/oauth2/v2.0`
  const client = { application_type: 'native', response_types: ['code'], redirect_uris: ['http://localhost'] } as const
  const grants = ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code']
  return {
    routes: { authorization: `${path}/authorize`, token: `${path}/token`, device_authorization: `${path}/devicecode` },
    features: { deviceFlow: { enabled: true }, clientCredentials: { enabled: true }, devInteractions: { enabled: true } },
    clients: [
      { ...client, client_id: 'public', token_endpoint_auth_method: 'none', grant_types: grants },
      {
        ...client,
        client_id: 'confidential',
        client_secret: secret,
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: [...grants, 'client_credentials'],
      },
    ],
    cookies: { keys: ['cookies of the foreign server'] },
    claims: { openid: ['sub'], profile: ['preferred_username'] },
    conformIdTokenClaims: false,
    findAccount: async (_, accountId) => ({ accountId, claims: async () => ({ sub: accountId, preferred_username: accountId }) }),
    ttl: {
      AccessToken: accessLife,
      ClientCredentials: accessLife,
      RefreshToken: (_, { gty }) => (gty?.includes('refresh_token') ? renewedLife : refreshLife),
      Grant: 86_400,
      IdToken: 3_600,
      Interaction: 3_600,
      Session: 86_400,
    },
    // By OpenID Connect's letter, `offline_access` counts only where each sign-in asks for consent again.
    issueRefreshToken: async () => true,
    expiresWithSession: async () => false,
    rotateRefreshToken: rotate,
  }
}

function requestOf({ params }: KoaContextWithOIDC['oidc']): TokenRequest {
  return { grant: String(params?.grant_type), at: Math.floor(Date.now() / 1000) }
}

/** The host is kept, so that links in answers lead here again. */
function forward(request: IncomingMessage, response: ServerResponse, to: string): void {
  const outgoing = httpRequest(new URL(to), { method: request.method, path: request.url, headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  outgoing.on('error', (error) => response.destroy(error))
  request.pipe(outgoing)
}
