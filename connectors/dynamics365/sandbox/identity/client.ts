import { type Directory, type Registration, registration } from './directory.ts'
import { EntraError } from './errors.ts'
import type { TokenRequest } from './token-request.ts'

/**
 * Who asks: client id and secret from the form or from HTTP Basic (RFC 6749 section 2.3.1).
 * @throws EntraError 900144, 700016, 7000218, 7000215, 700025, 9002326
 */
export function authenticateClient(directory: Directory, { form, headers }: TokenRequest): Registration {
  const basic = readBasic(headers.get('authorization'))
  const clientId = form.get('client_id') ?? basic?.clientId
  if (!clientId) throw new EntraError(900144, { parameter: 'client_id' })
  const secret = form.get('client_secret') ?? basic?.secret
  const client = registration(directory, clientId)
  const facts = { client: clientId, tenant: directory.tenantId }
  if (!client) throw new EntraError(700016, facts)
  const origin = headers.get('origin')
  if (origin !== null) throw new EntraError(9002326, { origin })
  if (client.secret === undefined) {
    if (secret) throw new EntraError(700025)
    if (form.get('grant_type') === 'client_credentials') throw new EntraError(7000218)
    return client
  }
  if (!secret) throw new EntraError(7000218)
  if (secret !== client.secret) throw new EntraError(7000215, facts)
  return client
}

/** Both halves travel form-encoded inside the Base64 (RFC 6749 section 2.3.1). */
function readBasic(header: string | null): { clientId: string; secret: string } | undefined {
  const encoded = header?.match(/^Basic ([A-Za-z0-9+/=]+)$/i)?.[1]
  if (encoded === undefined) return undefined
  const [id = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  const decode = (text: string) => new URLSearchParams(`v=${text}`).get('v') ?? ''
  return { clientId: decode(id), secret: decode(rest.join(':')) }
}
