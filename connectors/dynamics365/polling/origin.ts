import { ConnectorError } from '../../../runner/connector/index.ts'
import type { Client } from '../client.ts'
import { whoAmI } from '../metadata/who-am-i.ts'

/** Where a cursor belongs: it means nothing in another organization. */
export interface Origin {
  host: string
  organization: string
}

/**
 * The organization that is polled. It is asked who it is on a first poll, and when the host is another one than the cursor's.
 * @throws ConnectorError `cursor_of_other_organization`
 */
export async function origin(client: Client, saved: Origin | null, signal: AbortSignal): Promise<Origin> {
  const { host } = new URL(client.api.baseUrl)
  if (saved?.host === host) return { host, organization: saved.organization }
  const { organizationId } = await whoAmI(client.api, signal)
  if (saved && saved.organization !== organizationId)
    throw new ConnectorError(
      'rejected',
      'cursor_of_other_organization',
      `The recipe has polled another organization (${saved.host}) than the one at ${host}. Point it back, give the recipe another \`id\`, or begin anew with \`runner cursor reset\`.`,
    )
  return { host, organization: organizationId }
}
