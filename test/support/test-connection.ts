import { type ConnectionSpec, MaskRegistry, type OpenConnection, openConnection } from '../../runner/connection/index.ts'
import { defineConnection, type OAuthSettings, type Transport, Type } from '../../runner/connector/index.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'
import { type MemoryTokens, memoryTokens } from './memory-tokens.ts'

/** A connector whose settings are its OAuth settings and its transport. */
const system = defineConnection({
  name: 'system',
  title: 'A system',
  description: 'For tests of connections.',
  settings: Type.Object({}),
  auth: (settings) => (settings as { oauth: OAuthSettings }).oauth,
  transport: (settings) => (settings as { transport: Transport }).transport,
  open: (host) => ({ host }),
})

const open = defineConnection({
  name: 'open',
  title: 'Without sign-in',
  description: 'For tests.',
  settings: Type.Object({}),
  open: (host) => ({ host }),
})

export interface TestSpec {
  oauth?: Partial<OAuthSettings>
  transport?: Partial<Transport>
  name?: string
}

export function testSpec(url: string, { oauth, transport, name = 'Contoso sales' }: TestSpec = {}): ConnectionSpec {
  const settings = {
    oauth: {
      authority: 'entra',
      authorityUrl: url,
      tenant: 'tenant-1',
      clientId: 'client-1',
      clientSecret: 'secret-canary-1',
      grant: 'refresh_token',
      refreshToken: 'rt-canary-given',
      resource: url,
      ...oauth,
    },
    transport: { baseUrl: `${url}/api/`, ...transport },
  }
  return { connector: system, name, environment: 'default', folder: '/', settings }
}

export const specWithoutSignIn: ConnectionSpec = { connector: open, name: 'open', environment: 'default', folder: '/', settings: {} }

export interface TestPorts {
  clock: ManualClock
  tokens: MemoryTokens
  mask: MaskRegistry
  logged: string[]
  /** As another process would: same store and time, nothing else. */
  open(spec: ConnectionSpec, other?: Partial<Parameters<typeof openConnection>[1]>): OpenConnection
  ports: Parameters<typeof openConnection>[1]
  /** The environment of the program. */
  env: Record<string, string>
}

export function testPorts(tokens = memoryTokens(), clock = manualClock()): TestPorts {
  const mask = new MaskRegistry()
  const logged: string[] = []
  const line = (message: string, fields?: Record<string, unknown>) => void logged.push(`${message} ${JSON.stringify(fields ?? {})}`)
  const env: Record<string, string> = {}
  const ports = { tokens, clock, mask, random: () => 1, log: { debug: line, info: line, warn: line }, scope: { env } }
  return { clock, tokens, mask, logged, ports, env, open: (spec, other = {}) => openConnection(spec, { ...ports, ...other }) }
}

/** Status of one call over a connection that is opened for it. */
export async function whoAmI({ open }: Pick<TestPorts, 'open'>, spec: ConnectionSpec): Promise<number> {
  const connection = open(spec)
  try {
    return (await connection.request({ method: 'GET', url: 'WhoAmI' })).status
  } finally {
    await connection.close()
  }
}
