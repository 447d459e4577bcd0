import { type Clock, ConnectorError } from '../connector/index.ts'
import { authorities } from './authorities/index.ts'
import { askOrganization } from './challenge.ts'
import { type Http, openHttp } from './http.ts'
import type { ConnectionSpec } from './open.ts'
import type { FoundAuthority } from './token-store.ts'

/** What a connection's servers tell before anybody signs in. */
export interface Look {
  /** Where the system wants sign-in, tenant and resource included; or why that cannot be told. */
  named: FoundAuthority | ConnectorError
  /** Where the settings alone would ask for tokens. */
  known: FoundAuthority | undefined
  /** Where the authority is asked for tokens; undefined where it is not. */
  tokenEndpoint: string | undefined
  /** Milliseconds that this machine's clock is ahead of the system's; undefined where it tells no time. */
  aheadMs: number | undefined
}

/** Asks the system once without a token. Undefined for a connection that does not sign in. @throws what the connector's declaration throws for its settings */
export async function look({ connector, settings }: ConnectionSpec, clock: Clock, signal: AbortSignal): Promise<Look | undefined> {
  const [oauth, transport] = [connector.auth?.(settings), connector.transport?.(settings)]
  if (!oauth || !transport) return undefined
  const authority = authorities[oauth.authority]
  const http = timed(openHttp(), clock)
  try {
    // Without the tenant of the settings, so that the system names its own.
    const { tenant: _, ...untold } = oauth
    const named = await askOrganization(untold, transport.baseUrl, http, signal).catch((thrown) => {
      if (thrown instanceof ConnectorError) return thrown
      throw thrown
    })
    const known = authority.known(oauth)
    const found = known ?? (named instanceof ConnectorError ? undefined : named)
    const asked = oauth.grant === 'managed_identity' ? undefined : found
    return { named, known, tokenEndpoint: asked && authority.endpoints(asked).token, aheadMs: http.aheadMs() }
  } finally {
    http.close()
  }
}

/** Notes how far our clock is ahead of what an answer's `Date` says, which is cut to whole seconds. */
function timed(http: Http, clock: Clock): Http & { aheadMs(): number | undefined } {
  let aheadMs: number | undefined
  return {
    ...http,
    aheadMs: () => aheadMs,
    async send(request) {
      const sent = clock.now().getTime()
      const answer = await http.send(request)
      const told = Date.parse(answer.headers.date ?? '')
      if (!Number.isNaN(told)) aheadMs = (sent + clock.now().getTime()) / 2 - (told + 500)
      return answer
    },
  }
}
