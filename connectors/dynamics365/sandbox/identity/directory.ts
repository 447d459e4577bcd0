import { randomBytes, randomUUID } from 'node:crypto'
import type { ErrorCode } from './errors.ts'
import type { Scope } from './scope.ts'
import { createSigningKey, type SigningKey } from './signing-key.ts'

/** An app registration of the directory. */
export interface Registration {
  clientId: string
  name: string
  /** Absent for a public client. */
  secret?: string
}

/** The one person, and the one user of the organization, that everybody signs in as. */
export interface User {
  /** `systemuserid` in the organization. */
  userId: string
  /** `oid` in the directory. */
  objectId: string
  name: string
  principalName: string
}

export interface AuthorizationCode {
  clientId: string
  redirectUri: string
  scope: Scope
  challenge?: { method: 'S256' | 'plain'; value: string }
  nonce?: string
  issuedAt: Date
  redeemed: boolean
}

export interface RefreshToken {
  clientId: string
  scope: Scope
  issuedAt: Date
  usedAt: Date
  /** Set by the control plane: every use is answered with this error. */
  dead?: ErrorCode
}

export interface AccessToken {
  audience: Scope['resource']
  expiresAt: Date
}

/** An answer that the control plane has ordered for the next calls of the token endpoint. */
export interface OrderedFailure {
  times: number
  answer: { status: number; retryAfterSeconds?: number } | { code: ErrorCode }
}

export interface DirectoryOptions {
  user: User
  clock?: () => Date
  /** Life of an access token; default 3600. */
  accessTokenSeconds?: number
  /** Life of a refresh token without use; default 90 days. */
  refreshTokenSeconds?: number
}

/** The Entra tenant of the sandbox with everything that it has handed out. Sign-ins end with the process. */
export interface Directory {
  readonly tenantId: string
  readonly domain: string
  readonly user: User
  readonly confidentialClient: Required<Registration>
  readonly publicClient: Registration
  readonly clock: () => Date
  readonly accessTokenSeconds: number
  readonly refreshTokenSeconds: number
  readonly codes: Map<string, AuthorizationCode>
  readonly refreshTokens: Map<string, RefreshToken>
  readonly accessTokens: Map<string, AccessToken>
  readonly failures: OrderedFailure[]
  readonly signingKey: () => Promise<SigningKey>
}

/** Ids are fixed, so that a kept connection file fits the next sandbox; the secret is new in each. */
export const tenantId = '5a1db0c5-0000-4a00-9a00-00000000c0de'
export const confidentialClientId = '5a1db0c5-1111-4222-8333-444455556666'
export const publicClientId = '5a1db0c5-1111-4222-8333-777788889999'

export function openDirectory(options: DirectoryOptions): Directory {
  let key: Promise<SigningKey> | undefined
  return {
    tenantId,
    domain: 'sandbox.example',
    user: options.user,
    confidentialClient: { clientId: confidentialClientId, name: 'Sandbox app', secret: randomText('secret') },
    publicClient: { clientId: publicClientId, name: 'Sandbox public app' },
    clock: options.clock ?? (() => new Date()),
    accessTokenSeconds: options.accessTokenSeconds ?? 3_600,
    refreshTokenSeconds: options.refreshTokenSeconds ?? 90 * 86_400,
    codes: new Map(),
    refreshTokens: new Map(),
    accessTokens: new Map(),
    failures: [],
    // Made when first asked for: most runs never see an id token, and the key costs up to a tenth of a second.
    signingKey: () => (key ??= createSigningKey(randomUUID())),
  }
}

export function registration(directory: Directory, clientId: string): Registration | undefined {
  return [directory.confidentialClient, directory.publicClient].find((one) => one.clientId === clientId.toLowerCase())
}

const prefixes = { secret: 'sbx-secret-', code: 'sbx-code-', refreshToken: 'sbx-rt-', accessToken: 'sbx-at-' } as const

/** A credential that a search through logs and stores recognises by its beginning. */
export function randomText(kind: keyof typeof prefixes): string {
  return prefixes[kind] + randomBytes(24).toString('base64url')
}

/** Whether a text could be one of ours at all: the real service tells a garbled token from an unknown one. */
export function looksLike(kind: keyof typeof prefixes, text: string): boolean {
  return text.startsWith(prefixes[kind]) && /^[\w-]+$/.test(text)
}
