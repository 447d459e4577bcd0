import { type AnyConnector, type Clock, ConnectorError, type Log, type Request } from '../connector/index.ts'
import { openAccess } from './access.ts'
import type { End } from './ends.ts'
import { actor, secretsOf } from './fingerprint.ts'
import { assertSecure, longestTokenAnswer, openHttp } from './http.ts'
import type { MaskRegistry } from './mask.ts'
import { openRequest } from './request.ts'
import type { SettingsScope } from './settings.ts'
import { withSurroundings } from './surroundings.ts'
import type { Mark, TokenRecord, TokenStore } from './token-store.ts'

/** A connection block with its settings resolved. */
export interface ConnectionSpec {
  connector: AnyConnector
  /** The connection's own name, under which its tokens are kept. */
  name: string
  /** `default`, or what `--env` names. */
  environment: string
  /** Folder that relative file names start from. */
  folder: string
  settings: Record<string, unknown>
}

export interface ConnectionPorts {
  tokens: TokenStore
  clock: Clock
  log: Log
  random(): number
  mask: MaskRegistry
  /** The environment: what the platform offers to sign in with. */
  scope: Pick<SettingsScope, 'env'>
}

export interface OpenConnection {
  readonly name: string
  /** Who signs in; undefined where nobody does. */
  readonly actor: TokenRecord['actor'] | undefined
  /** The connector's client; made when first asked for, one for all jobs. */
  readonly client: unknown
  readonly request: Request
  /** Why the next use would fail for want of a person or of right credentials. Reads the store, asks nobody. */
  signInNeeded(): Promise<Mark | undefined>
  /** Lets the next use ask the token endpoint once more, where it refused and what it refused may have been mended elsewhere. */
  askAgain(): Promise<void>
  /** Gets a new access token, though the old one may still hold; does nothing where nobody signs in. @throws ConnectorError as `request` */
  renew(): Promise<void>
  /** What it lives on and that ends, soonest first. Reads the store, asks nobody. */
  ends(): Promise<End[]>
  close(): Promise<void>
}

/**
 * Opens a connection; makes no network call.
 * @throws ConnectorError `insecure_address`, `connection_invalid`, `certificate_invalid`, `federated_token_unusable`; what the connector's own declaration throws for its settings
 */
export function openConnection({ connector, name, environment, folder, settings }: ConnectionSpec, ports: ConnectionPorts): OpenConnection {
  const { clock, log, random, mask, scope } = ports
  const declared = connector.auth?.(settings)
  const oauth = declared && withSurroundings(declared, { folder, env: scope.env })
  const transport = connector.transport?.(settings)
  for (const secret of oauth ? secretsOf(oauth) : []) mask.add(secret)
  if (transport) assertSecure(transport.baseUrl)
  if (oauth?.grant === 'password') log.warn(passwordWarning, { connection: name })

  const http = openHttp({ cookies: transport?.cookies ?? false })
  // Sign-in has a way of its own, so that the system's cookies never reach the authority.
  const patienceMs = transport?.timeoutMs
  const patience = patienceMs === undefined ? {} : { patienceMs }
  const signInHttp = openHttp({ mostBytes: longestTokenAnswer })
  const access =
    oauth && transport && openAccess({ name, environment, oauth, baseUrl: transport.baseUrl }, { ...ports, http: signInHttp, ...patience })
  const request: Request = transport
    ? openRequest(transport, { http, clock, random, log, ...(access && { access }) })
    : noTransport(connector.name)
  let client: { value: unknown } | undefined
  return {
    name,
    actor: oauth && actor(oauth),
    request,
    get client() {
      client ??= { value: connector.open({ settings, request, folder, log, clock, random }) }
      return client.value
    },
    askAgain: async () => access?.askAgain(),
    signInNeeded: async () => access?.signInNeeded().catch(ofAnother),
    renew: async () => access?.renew(),
    ends: async () => (await access?.ends().catch(ofAnother)) ?? [],
    async close() {
      await access?.close()
      http.close()
      signInHttp.close()
    },
  }
}

const passwordWarning =
  'this connection signs in with user name and password, which is meant for labs: the password is kept outside AD FS, no second factor protects it, and wrong ones lock the account. Where people depend on it, let a person sign in with `runner connect`'

/** A row of another connection fails where it is used, with its own words. */
function ofAnother(thrown: unknown): undefined {
  if (!(thrown instanceof ConnectorError)) throw thrown
}

function noTransport(connector: string): Request {
  return async () => {
    throw new ConnectorError(
      'bug',
      'bug',
      `The connector ${connector} declares no transport, so it can send no request. Declare one in its connection.`,
    )
  }
}
