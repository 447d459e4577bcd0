import type { Static, TSchema } from 'typebox'
import type { Action, ActionDeclaration, AnyAction, AnyTrigger, Trigger, TriggerDeclaration } from './operation.ts'
import type { Clock, HttpResponse, Log, Request } from './ports.ts'

/** How a connection signs in, derived by the connector from its settings. Pure data: the connection room does the asking. */
export interface OAuthSettings {
  /** Whose endpoints, error bodies and rules apply. */
  authority: 'entra' | 'adfs'
  /** Base of the authority, without tenant: `https://login.microsoftonline.com`, or `https://adfs.contoso.com/adfs`. Found from the 401 challenge when absent. */
  authorityUrl?: string
  /** Tenant id or domain (Entra). Found from the 401 challenge when absent. */
  tenant?: string
  /** Absent for the one identity of a machine (`managed_identity`), and where the platform names the client (`federatedToken`). */
  clientId?: string
  /** Absent for public clients. */
  clientSecret?: string
  /** Day on which the secret ends, such as `2027-03-31`; nobody can ask the authority for it. */
  clientSecretExpires?: string
  /** In place of a secret: certificate and private key, as the text of a PEM file or of a PFX in base64, or as the name of such a file; and the password of the key. */
  clientCertificate?: ({ text: string } | { file: string }) & { password?: string }
  /** In place of a secret: a token of another issuer, which the authority trusts for this client. From the file, or from what the platform offers. */
  federatedToken?: { file?: string }
  /** `managed_identity`: the machine's own service gives the tokens, and no authority is asked. */
  grant: 'authorization_code' | 'client_credentials' | 'refresh_token' | 'password' | 'managed_identity'
  /** The given refresh token where `grant` is `refresh_token`. */
  refreshToken?: string
  /** Who signs in where `grant` is `password`. */
  account?: { username: string; password: string }
  /** Base URL of the API without trailing slash: v2 scopes are built from it, AD FS gets it as `resource`. */
  resource: string
  /** `resource` only follows from the address: AD FS, which compares it character by character, then gets it as the organization's challenge spells it. */
  resourceGuessed?: boolean
  /** Overrides the scopes that follow from `resource`. */
  scopes?: string[]
  /** Loopback redirect of `runner connect`; default `http://localhost` with any free port. */
  redirectUri?: string
}

export interface Transport {
  /** Ends with `/`; relative request URLs are resolved against it. Plain http only to loopback. */
  baseUrl: string
  /** Sent with every request. */
  headers?: Record<string, string>
  /** Keep the server's affinity cookie. Default false. */
  cookies?: boolean
  /** Milliseconds for one request; default 100,000. Where it is given, waiting for a token that cannot be had yet takes no longer either. */
  timeoutMs?: number
  /** Most requests at once; default 8. */
  atOnce?: number
  /** Whether an answer refuses whoever signed in, whatever is asked: an error of the set-up, which no renewal of the token mends. */
  bars?(answer: HttpResponse): Bar | undefined
}

/** Why a system lets nobody in who signed in as we did. */
export interface Bar {
  /** Code of the error. */
  code: string
  /** The system's own words, a sentence. */
  words: string
  /** What to do, a sentence. */
  todo: string
}

export interface Host<Settings> {
  settings: Settings
  /** Throws `bug` for a connector without `transport`. */
  request: Request
  /** Folder that relative file names of this connection start from. */
  folder: string
  log: Log
  clock: Clock
  random(): number
}

/** A running sandbox of a connector's system. */
export interface RunningSandbox {
  /** Base address, such as `http://127.0.0.1:40123`. */
  url: string
  /** Settings that connect to it, to lay over a recipe's connection block; secrets in the clear. */
  settings: Record<string, unknown>
  /** Certificate in PEM of the authority to trust, where it serves https. */
  ca?: string
  /** What was left out of what it was given, in sentences. */
  notes?: readonly string[]
  close(): Promise<void>
}

/** An option of `runner sandbox` that a connector's sandbox takes; help texts and the reading of arguments come from it. */
export interface SandboxOption {
  /** As `startSandbox` takes it. */
  name: string
  /** On the command line without `--`; default the name in kebab case. */
  flag?: string
  /** Durations such as `90m` arrive in seconds, paths absolute, pairs (`name=value …`) as an object of texts. */
  form: 'integer' | 'text' | 'duration' | 'path' | 'paths' | 'pairs' | 'yes'
  /** What the help text calls the value; default by its form. */
  hint?: string
  about: string
}

export interface SandboxModule {
  /** What the command takes beside `--json`. */
  options: readonly SandboxOption[]
  /** @param options what the `runner sandbox` command was given, checked by the connector */
  startSandbox(options?: Record<string, unknown>): Promise<RunningSandbox>
}

/** What a look found: a line of `runner doctor`. */
export interface Finding {
  /** `warning`: all works, but somebody should know; or it could not be told. */
  result: 'ok' | 'warning' | 'failed'
  /** One sentence or more, without secrets. */
  says: string
  /** What to do about it. */
  todo?: string
  /** Stable code, where it is an error with one. */
  code?: string
}

/** An operation that a recipe uses. */
export interface OperationUse {
  /** Full name. */
  name: string
  /** Its `with` as it was written; texts may hold expressions. */
  written: unknown
}

export interface ConnectionDeclaration<Settings extends TSchema, Client> {
  /** First part of every operation's name. */
  name: string
  title: string
  description: string
  /** The connection block without `connector` and `name`; secret fields are made with `Secret()`. */
  settings: Settings
  /** Rules between settings, as JSON Schema draft-07 fragments (`if`/`then`), each with one `errorMessage`. */
  rules?: Record<string, unknown>[]
  auth?(settings: Static<Settings>): OAuthSettings
  transport?(settings: Static<Settings>): Transport
  /** Once per connection and process; no network call. */
  open(host: Host<Static<Settings>>): Client
  /** One cheap call that proves the connection; says who we are there. */
  test?(client: Client, signal: AbortSignal): Promise<{ identity: string }>
  /** Whether whoever signs in may do what operations of recipes need, as far as that can be told without changing anything. */
  rights?(client: Client, uses: readonly OperationUse[], signal: AbortSignal): Promise<Finding[]>
  sandbox?(): Promise<SandboxModule>
}

export interface Connector<Settings extends TSchema = TSchema, Client = unknown> extends ConnectionDeclaration<Settings, Client> {
  trigger<Input extends TSchema>(declaration: TriggerDeclaration<Client, Input>): Trigger<Client, Input>
  action<Input extends TSchema, Output extends TSchema>(
    declaration: ActionDeclaration<Client, Input, Output>,
  ): Action<Client, Input, Output>
}

/** Declares a connector. Its operations are declared with the `trigger` and `action` that come back, one per file. */
export function defineConnection<Settings extends TSchema, Client>(
  declaration: ConnectionDeclaration<Settings, Client>,
): Connector<Settings, Client> {
  return {
    ...declaration,
    trigger: (trigger) => ({ kind: 'trigger', ...trigger }),
    action: (action) => ({ kind: 'action', ...action }),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the catalog holds connectors of many settings; each was checked where it was declared
export type AnyConnector = Connector<any, any>

/** What the catalog knows of an operation without loading its code. Schemas are plain JSON Schema, generated from the declaration. */
export interface OperationEntry {
  kind: 'trigger' | 'action'
  title: string
  description: string
  input: Record<string, unknown>
  /** Schema of `trigger` (for a trigger) or of `steps.<id>` (for an action). */
  output: Record<string, unknown>
  /** Triggers: where a new cursor begins by default. */
  since?: 'now' | 'beginning'
  /** Actions only. */
  effect?: 'read' | 'write'
  afterUnknownEffect?: 'repeat' | 'ask' | 'never'
  examples: { name: string; input: unknown; note?: string }[]
  load(): Promise<AnyTrigger | AnyAction>
}

export interface ConnectorEntry {
  name: string
  title: string
  description: string
  settings: Record<string, unknown>
  rules: Record<string, unknown>[]
  /** Whether its connections sign in. */
  auth: boolean
  /** Whether the connector brings a sandbox. */
  sandbox: boolean
  /** By full name, such as `dynamics365.create_record`. */
  operations: Record<string, OperationEntry>
  load(): Promise<AnyConnector>
}

/** Every connector by name. Generated; passed in from `cli.ts`, so that no room imports connectors. */
export type Catalog = Record<string, ConnectorEntry>
