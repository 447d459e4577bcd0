import { checkAssertion } from './assertion.ts'
import { type Directory, type Registration, registration } from './directory.ts'
import { EntraError } from './errors.ts'
import type { TokenRequest } from './token-request.ts'

/**
 * Who asks: client id with secret or assertion from the form, or id and secret from HTTP Basic (RFC 6749 section 2.3.1).
 * @throws EntraError 900144, 700016, 7000218, 7000215, 700025, 9002326, 9002327, and those of an assertion
 */
export async function authenticateClient(directory: Directory, request: TokenRequest): Promise<Registration> {
  const { form, headers } = request
  const basic = readBasic(headers.get('authorization'))
  const clientId = form.get('client_id') ?? basic?.clientId
  if (!clientId) throw new EntraError(900144, { parameter: 'client_id' })
  const secret = form.get('client_secret') ?? basic?.secret
  const client = registration(directory, clientId)
  const facts = { client: clientId, tenant: directory.tenantId }
  if (!client) throw new EntraError(700016, facts)
  checkOrigin(client, headers.get('origin'), request)
  const assertion = form.get('client_assertion')
  if (client.kind !== 'confidential') {
    if (secret || assertion) throw new EntraError(700025)
    if (form.get('grant_type') === 'client_credentials') throw new EntraError(7000218)
    return client
  }
  if (assertion) await checkAssertion(directory, client.clientId, request)
  else if (!secret) throw new EntraError(7000218)
  else if (secret !== client.secret) throw new EntraError(7000215, facts)
  return client
}

/** Only a single-page app runs in a browser, and only there (facts sheet "Authorization code + PKCE"). */
function checkOrigin({ kind }: Registration, origin: string | null, { dialect }: TokenRequest): void {
  if (dialect.realm !== 'entra') return
  if (kind === 'spa' && origin === null) throw new EntraError(9002327)
  if (kind !== 'spa' && origin !== null) throw new EntraError(9002326, { origin })
}

/** Both halves travel form-encoded inside the Base64 (RFC 6749 section 2.3.1). */
function readBasic(header: string | null): { clientId: string; secret: string } | undefined {
  const encoded = header?.match(/^Basic ([A-Za-z0-9+/=]+)$/i)?.[1]
  if (encoded === undefined) return undefined
  const [id = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  const decode = (text: string) => new URLSearchParams(`v=${text}`).get('v') ?? ''
  return { clientId: decode(id), secret: decode(rest.join(':')) }
}
