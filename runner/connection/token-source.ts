import type { Clock } from '../connector/index.ts'
import type { Refusal, TokenAnswer } from './authorities/authority.ts'
import { authorities } from './authorities/index.ts'
import { askOrganization } from './challenge.ts'
import type { GrantResult } from './grant-result.ts'
import type { Http } from './http.ts'
import { askManagedIdentity, classifyManagedIdentity, type IdentityService } from './managed-identity.ts'
import { openGrants } from './oauth.ts'
import type { SignInSpec } from './record.ts'
import type { FoundAuthority, TokenRecord } from './token-store.ts'

/** Where the next access token comes from without a person. */
export interface TokenSource {
  /** @throws NoAnswer; ConnectorError of the challenge and of what the client proves itself with */
  ask(record: TokenRecord, claims?: string): Promise<{ result: GrantResult; found: FoundAuthority }>
  classify(answer: TokenAnswer): Refusal
}

interface Ports {
  http: Http
  clock: Clock
  signal: AbortSignal
  patienceMs?: number
}

export function tokenSource(spec: SignInSpec, ports: Ports): TokenSource {
  const { identityService } = spec.oauth
  return identityService ? fromThisHost(identityService, spec, ports) : fromAuthority(spec, ports)
}

function fromThisHost(service: IdentityService, { oauth }: SignInSpec, ports: Ports): TokenSource {
  return {
    ask: async () => ({
      result: await askManagedIdentity(service, oauth, ports),
      found: { authorityUrl: service.url, resource: oauth.resource },
    }),
    classify: classifyManagedIdentity,
  }
}

function fromAuthority({ oauth, baseUrl }: SignInSpec, ports: Ports): TokenSource {
  const { http, clock } = ports
  const { known, classify: judge } = authorities[oauth.authority]
  const classify = (answer: TokenAnswer): Refusal => ({ ...judge(answer), ...(oauth.tokenSource && { elsewhere: true }) })

  const ended = (result: GrantResult) => 'refused' in result && classify(result.refused).class === 'reconnect'

  return {
    classify,
    async ask(record, claims) {
      const found = known(oauth) ?? record.found ?? (await askOrganization(oauth, baseUrl, ports.http, ports.signal))
      // An answer to a refresh token is waited for in any case: it may hold the only valid one there is.
      const renewed = record.refresh && (await openGrants(oauth, found, { http, clock }).refresh(record.refresh.token, claims))
      // A password signs in again when the refresh token that it brought has ended.
      if (renewed && !(oauth.grant === 'password' && ended(renewed))) return { found, result: renewed }
      const grants = openGrants(oauth, found, ports)
      return { found, result: await (oauth.grant === 'password' ? grants.password() : grants.clientCredentials()) }
    },
  }
}
