import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type CliOptions, startCli } from './cli.ts'

/** Whatever a Web API answer holds; tests look only at what they wrote. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Body = any

export interface SandboxProcess {
  url: string
  authority: string
  tenant: string
  client_id: string
  client_secret: string
  refresh_token: string
  /** With `--tls`: certificate of the authority to trust, in PEM. */
  ca?: string
  /** Environment for recipes that connect to it. */
  env: Record<string, string>
  /** POSTs to one of its switches under `/sandbox/`. */
  control(path: string, body?: unknown): Promise<void>
  /** Counts of what it was asked. */
  requests(): Promise<{ token: Record<string, number>; [kind: string]: Record<string, number> }>
  process: ChildProcess
  /** One for the Web API, fetched once. */
  accessToken(): Promise<string>
  /** A Web API request with a token of its own. */
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<{ status: number; body: Body }>
  close(): Promise<void>
}

/** `runner sandbox --json` in a process of its own. */
export async function sandboxProcess(cwd: string, args: string[] = [], options: Omit<CliOptions, 'cwd'> = {}): Promise<SandboxProcess> {
  const child = startCli(['sandbox', '--json', ...args], { cwd, ...options })
  let stderr = ''
  child.stderr?.on('data', (chunk) => (stderr += chunk))
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const first = await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error(`the sandbox ended: ${stderr}`))),
  ])
  const connection = JSON.parse((first as string[])[0] as string) as Record<
    'url' | 'authority' | 'tenant' | 'client_id' | 'client_secret' | 'refresh_token',
    string
  >
  let token: string | undefined
  const fetchToken = async () => {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: connection.client_id,
      client_secret: connection.client_secret,
      scope: `${connection.url}/.default`,
    })
    const answer = await fetch(`${connection.authority}/${connection.tenant}/oauth2/v2.0/token`, { method: 'POST', body: form })
    return ((await answer.json()) as { access_token: string }).access_token
  }
  const accessToken = async () => {
    token ??= await fetchToken()
    return token
  }
  return {
    ...connection,
    process: child,
    accessToken,
    env: {
      D365_URL: connection.url,
      D365_AUTHORITY: connection.authority,
      D365_TENANT: connection.tenant,
      D365_CLIENT_ID: connection.client_id,
      D365_CLIENT_SECRET: connection.client_secret,
      D365_REFRESH_TOKEN: connection.refresh_token,
    },
    async control(path, body = {}) {
      const answer = await fetch(`${connection.url}/sandbox/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      if (!answer.ok) throw new Error(`/sandbox/${path}: ${answer.status} ${await answer.text()}`)
    },
    requests: async () => (await (await fetch(`${connection.url}/sandbox/requests`)).json()) as { token: Record<string, number> },
    async api(method, path, body, headers = {}) {
      const send = async () => {
        return fetch(`${connection.url}/api/data/v9.2/${path}`, {
          method,
          headers: {
            authorization: `Bearer ${await accessToken()}`,
            accept: 'application/json',
            'content-type': 'application/json',
            ...headers,
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        })
      }
      let answer = await send()
      if (answer.status === 401) {
        // The test has ended all access tokens, this one too.
        token = undefined
        answer = await send()
      }
      const text = await answer.text()
      return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
    },
    async close() {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
      lines.close()
    },
  }
}
