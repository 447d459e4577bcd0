import { randomBytes, randomInt, randomUUID, type X509Certificate } from 'node:crypto'
import type { JWK } from 'jose'
import { Latest } from '../latest.ts'
import { defaultSwitches, type Switches } from '../switches.ts'
import type { ErrorCode } from './errors.ts'
import type { Scope } from './scope.ts'
import { createSigningKey, type SigningKey } from './signing-key.ts'

/** An app registration of the directory. */
export interface Registration {
  clientId: string
  name: string
  /** A confidential client proves itself, a public one cannot, and a single-page app runs in a browser. */
  kind: 'confidential' | 'public' | 'spa'
  secret?: string
}

/** Tokens of another issuer that stand in for a secret (facts sheet "Client credentials", federated credential). */
export interface FederatedCredential {
  issuer: string
  subject: string
  audience: string
  keys: JWK[]
}

/** A person of the directory, who is a user of the organization. */
export interface User {
  /** `systemuserid` in the organization. */
  userId: string
  /** `oid` in the directory. */
  objectId: string
  name: string
  principalName: string
}

/** Which server a code or token comes from; one is worth nothing at the other. */
export type Realm = 'entra' | 'adfs'

export interface AuthorizationCode {
  realm: Realm
  clientId: string
  redirectUri: string
  /** Undefined where the token request names the resource (Entra v1, AD FS). */
  scope?: Scope
  challenge?: { method: 'S256' | 'plain'; value: string }
  nonce?: string
  /** Who signed in. */
  user: User
  issuedAt: Date
  redeemed: boolean
}

/** A sign-in that is finished on another device (facts sheet "Device code"). */
export interface DeviceCode {
  realm: Realm
  clientId: string
  scope: Scope
  userCode: string
  issuedAt: Date
  state: 'pending' | 'approved' | 'declined' | 'redeemed'
}

export interface RefreshToken {
  realm: Realm
  clientId: string
  user: User
  scope: Scope
  issuedAt: Date
  usedAt: Date
  /** Fixed end that no use moves: of single-page apps, and of AD FS. */
  endsAt?: Date
  /** The token that its first renewal gave. */
  renewedBy?: RefreshToken
  /** Set by the control plane: every use is answered with this error. */
  dead?: ErrorCode
}

export interface AccessToken {
  audience: Scope['resource']
  expiresAt: Date
  /** The client understands claims challenges, so that the token can be refused before it expires (facts sheet "Continuous Access Evaluation"). */
  challengeable: boolean
  revoked?: true
  /** Whose token: a person's, or the app's own. */
  subject: 'user' | 'app'
  user: User
}

/** An answer that the control plane has ordered for the next calls of the token endpoint. */
export interface OrderedFailure {
  times: number
  answer: { status: number; retryAfterSeconds?: number } | { code: ErrorCode }
}

export interface DirectoryOptions {
  user: User
  /** The others; default none. */
  userNamed?: (principalName: string) => User | undefined
  clock?: () => Date
  /** Life of an access token; default at random 60 to 90 minutes, as Entra's. */
  accessTokenSeconds?: number
  /** Life of a refresh token without use; default 90 days. */
  refreshTokenSeconds?: number
  switches?: Switches
}

/** Of each kind that was handed out; older ones are not known any more. */
const mostCredentials = 100_000

/** The Entra tenant of the sandbox with everything that it has handed out. Sign-ins end with the process. */
export interface Directory {
  readonly tenantId: string
  readonly domain: string
  /** Whoever signs in without a name, and the user that apps act as. */
  readonly user: User
  userNamed(principalName: string): User | undefined
  readonly confidentialClient: Required<Registration>
  readonly publicClient: Registration
  readonly spaClient: Registration
  /** Of everybody. */
  readonly password: string
  readonly clock: () => Date
  readonly switches: Switches
  readonly accessTokenSeconds: () => number
  readonly refreshTokenSeconds: number
  readonly codes: Map<string, AuthorizationCode>
  readonly deviceCodes: Map<string, DeviceCode>
  /** Certificates that the confidential client may sign assertions with. */
  readonly certificates: X509Certificate[]
  readonly federatedCredentials: FederatedCredential[]
  /** Redirects that AD FS knows, exact to the last slash. */
  readonly adfsRedirects: Set<string>
  /** Clients that the person has agreed to; taken away by the control plane. */
  readonly consented: Set<string>
  readonly refreshTokens: Map<string, RefreshToken>
  readonly accessTokens: Map<string, AccessToken>
  readonly failures: OrderedFailure[]
  readonly signingKey: () => Promise<SigningKey>
}

/** Ids are fixed, so that a kept connection file fits the next sandbox; the secret is new in each. */
export const tenantId = '5a1db0c5-0000-4a00-9a00-00000000c0de'
export const confidentialClientId = '5a1db0c5-1111-4222-8333-444455556666'
export const publicClientId = '5a1db0c5-1111-4222-8333-777788889999'
export const spaClientId = '5a1db0c5-1111-4222-8333-aaaabbbbcccc'

export function openDirectory(options: DirectoryOptions): Directory {
  let key: Promise<SigningKey> | undefined
  return {
    tenantId,
    domain: 'sandbox.example',
    user: options.user,
    userNamed:
      options.userNamed ?? ((name) => (name.toLowerCase() === options.user.principalName.toLowerCase() ? options.user : undefined)),
    confidentialClient: { clientId: confidentialClientId, name: 'Sandbox app', kind: 'confidential', secret: randomText('secret') },
    publicClient: { clientId: publicClientId, name: 'Sandbox public app', kind: 'public' },
    spaClient: { clientId: spaClientId, name: 'Sandbox single-page app', kind: 'spa' },
    password: randomText('secret'),
    switches: options.switches ?? defaultSwitches(),
    clock: options.clock ?? (() => new Date()),
    accessTokenSeconds: () => options.accessTokenSeconds ?? randomInt(3_600, 5_401),
    refreshTokenSeconds: options.refreshTokenSeconds ?? 90 * 86_400,
    codes: new Latest(mostCredentials),
    deviceCodes: new Latest(mostCredentials),
    certificates: [],
    federatedCredentials: [],
    adfsRedirects: new Set(['http://localhost:54321/', 'http://127.0.0.1:54321/']),
    consented: new Set([confidentialClientId, publicClientId, spaClientId]),
    refreshTokens: new Latest(mostCredentials),
    accessTokens: new Latest(mostCredentials),
    failures: [],
    // Made when first asked for: most runs never see an id token, and the key costs up to a tenth of a second.
    signingKey: () => (key ??= createSigningKey(randomUUID())),
  }
}

export function registration(directory: Directory, clientId: string): Registration | undefined {
  return [directory.confidentialClient, directory.publicClient, directory.spaClient].find((one) => one.clientId === clientId.toLowerCase())
}

const prefixes = {
  secret: 'sbx-secret-',
  code: 'sbx-code-',
  deviceCode: 'sbx-device-',
  refreshToken: 'sbx-rt-',
  accessToken: 'sbx-at-',
} as const

/** A credential that a search through logs and stores recognises by its beginning. */
export function randomText(kind: keyof typeof prefixes): string {
  return prefixes[kind] + randomBytes(24).toString('base64url')
}

/** Whether a text could be one of ours at all: the real service tells a garbled token from an unknown one. */
export function looksLike(kind: keyof typeof prefixes, text: string): boolean {
  return text.startsWith(prefixes[kind]) && /^[\w-]+$/.test(text)
}
