import { entraV2 } from '../identity/dialects/entra-v2.ts'
import type { Directory } from '../identity/directory.ts'
import { issueRefreshToken } from '../identity/issue.ts'
import type { Scope } from '../identity/scope.ts'

/** The fields of a connection block that reach the sandbox; the secret in the clear. */
export interface SandboxConnection {
  url: string
  authority: string
  tenant: string
  client_id: string
  client_secret: string
}

export function sandboxConnection({ tenantId, confidentialClient }: Directory, origin: string): SandboxConnection {
  return {
    url: origin,
    authority: origin,
    tenant: tenantId,
    client_id: confidentialClient.clientId,
    client_secret: confidentialClient.secret,
  }
}

/** As if the person had just signed in to the confidential client: a refresh token that nobody else has. */
export function freshRefreshToken(directory: Directory, origin: string): string {
  const scope: Scope = {
    resource: 'organization',
    asked: origin,
    permissions: [`${origin}/.default`],
    openid: false,
    offlineAccess: true,
    delegated: true,
  }
  return issueRefreshToken(directory, entraV2, { clientId: directory.confidentialClient.clientId, scope }).refreshToken
}
