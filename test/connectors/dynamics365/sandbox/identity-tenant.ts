import { createHash } from 'node:crypto'
import { createAmbush } from '../../../../connectors/dynamics365/sandbox/control/ambush.ts'
import { controlRoutes } from '../../../../connectors/dynamics365/sandbox/control/routes.ts'
import { signInControls } from '../../../../connectors/dynamics365/sandbox/control/sign-in-controls.ts'
import { createCounts } from '../../../../connectors/dynamics365/sandbox/counts.ts'
import { type DirectoryOptions, openDirectory } from '../../../../connectors/dynamics365/sandbox/identity/directory.ts'
import type { ErrorBody } from '../../../../connectors/dynamics365/sandbox/identity/errors.ts'
import { identityRoutes } from '../../../../connectors/dynamics365/sandbox/identity/routes.ts'

export const origin = 'http://127.0.0.1:4365'
export const verifier = 'a-verifier-of-at-least-forty-three-characters-0123456789'
export const challenge = createHash('sha256').update(verifier).digest('base64url')

export interface TokenBody {
  token_type: string
  scope?: string
  expires_in: number
  access_token: string
  refresh_token?: string
  id_token?: string
}

/** The identity plane without a server, on a clock that only the test moves. */
export function tenant(options: Partial<DirectoryOptions> = {}) {
  let now = new Date('2026-03-01T10:00:00Z').getTime()
  const user = { userId: 'user-1', objectId: 'object-1', name: 'Sandbox User', principalName: 'sandbox.user@sandbox.example' }
  const directory = openDirectory({ user, clock: () => new Date(now), ...options })
  const counts = createCounts()
  const app = identityRoutes(directory, counts)
  const control = controlRoutes(signInControls, { directory, counts, ambush: createAmbush(directory) })
  const { clientId, secret } = directory.confidentialClient
  const client = { client_id: clientId, client_secret: secret }

  const send = async (fields: Record<string, string> | string, headers: Record<string, string> = {}, name: string = directory.tenantId) =>
    app.request(`${origin}/${name}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
    })

  return {
    directory,
    client,
    counts,
    later: (seconds: number) => {
      now += seconds * 1_000
    },
    send,
    async token(fields: Record<string, string>, headers?: Record<string, string>): Promise<TokenBody> {
      const answer = await send(fields, headers)
      if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
      return (await answer.json()) as TokenBody
    },
    async refused(...request: Parameters<typeof send>): Promise<ErrorBody & { status: number }> {
      const answer = await send(...request)
      return { status: answer.status, ...((await answer.json()) as ErrorBody) }
    },
    authorize: (query: Record<string, string>, form?: Record<string, string>, name: string = directory.tenantId) =>
      app.request(`${origin}/${name}/oauth2/v2.0/authorize?${new URLSearchParams(query)}`, {
        ...(form && {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams(form).toString(),
        }),
      }),
    request: (path: string, init: RequestInit) => app.request(origin + path, init),
    get: (path: string) => app.request(origin + path),
    post: (path: string, fields: Record<string, string>) =>
      app.request(origin + path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(fields).toString(),
      }),
    control: (path: string, body?: unknown) =>
      control.request(
        origin + path,
        body === undefined ? {} : { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) },
      ),
  }
}

export type Tenant = ReturnType<typeof tenant>

export const signInQuery = (client: { client_id: string }) => ({
  client_id: client.client_id,
  response_type: 'code',
  redirect_uri: 'http://localhost:51234',
  scope: `${origin}/.default offline_access openid profile`,
  state: 'state-1',
  nonce: 'nonce-1',
  code_challenge: challenge,
  code_challenge_method: 'S256',
})

/** Signs in at the page and returns the parameters that come back to the redirect. */
export async function signIn(one: Tenant, query: Record<string, string> = {}): Promise<URLSearchParams> {
  const answer = await one.authorize({ ...signInQuery(one.client), ...query }, { decision: 'sign_in' })
  const location = answer.headers.get('location')
  if (answer.status !== 302 || !location) throw new Error(`${answer.status} ${await answer.text()}`)
  return new URL(location).searchParams
}

export async function code(one: Tenant, query: Record<string, string> = {}): Promise<string> {
  return (await signIn(one, query)).get('code') as string
}

/** The fields that redeem a code of {@link signIn}. */
export function redeem(one: Tenant, text: string, fields: Record<string, string> = {}): Record<string, string> {
  return {
    grant_type: 'authorization_code',
    ...one.client,
    code: text,
    redirect_uri: 'http://localhost:51234',
    code_verifier: verifier,
    ...fields,
  }
}
