import { createHash, type X509Certificate } from 'node:crypto'
import type * as OAuth from 'oauth4webapi'
import type { Clock } from '../connector/index.ts'
import type { Authority } from './authorities/authority.ts'
import { readCertificate } from './certificate.ts'
import { type FederatedTokenSource, federatedToken } from './federated-token.ts'
import type { Http } from './http.ts'
import type { SignInSettings } from './surroundings.ts'

/** Seconds that a signed assertion holds; facts sheet "Client credentials". */
const assertionLife = 600

interface Ports {
  http: Http
  clock: Clock
  signal?: AbortSignal
}

/**
 * How the client proves who it is: by certificate, by a token of another issuer, by secret, or, as a public client, not at all.
 * @throws ConnectorError `certificate_invalid`
 */
export async function clientAuthentication(
  { clientSecret, clientCertificate, tokenSource }: SignInSettings,
  authority: Authority,
  tokenEndpoint: string,
  ports: Ports,
): Promise<OAuth.ClientAuth> {
  if (clientCertificate) return byCertificate(clientCertificate, authority, tokenEndpoint)
  if (tokenSource) return byFederatedToken(tokenSource, ports)
  const oauth = await import('oauth4webapi')
  return clientSecret === undefined ? oauth.None() : oauth.ClientSecretPost(clientSecret)
}

/** @throws, when it is used, ConnectorError `federated_token_unusable`; NoAnswer */
function byFederatedToken(source: FederatedTokenSource, ports: Ports): OAuth.ClientAuth {
  return async (_server, client, body) => {
    body.set('client_id', client.client_id)
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    body.set('client_assertion', await federatedToken(source, ports))
  }
}

async function byCertificate(
  clientCertificate: { text: string; password?: string },
  { assertion }: Authority,
  tokenEndpoint: string,
): Promise<OAuth.ClientAuth> {
  const oauth = await import('oauth4webapi')
  const { certificate, key } = await readCertificate(clientCertificate)
  const name = assertion.algorithm === 'PS256' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5'
  const signing = await crypto.subtle.importKey('pkcs8', key.export({ format: 'der', type: 'pkcs8' }), { name, hash: 'SHA-256' }, false, [
    'sign',
  ])
  return oauth.PrivateKeyJwt(signing, {
    [oauth.modifyAssertion](header, payload) {
      delete header.kid
      Object.assign(header, { typ: 'JWT', ...assertion.thumbprint(thumbprints(certificate)) })
      payload.aud = tokenEndpoint
      payload.exp = Number(payload.nbf) + assertionLife
    },
  })
}

/** In base64url, of the certificate's DER. */
export interface Thumbprints {
  sha1: string
  sha256: string
}

function thumbprints({ raw }: X509Certificate): Thumbprints {
  const of = (algorithm: string) => createHash(algorithm).update(raw).digest('base64url')
  return { sha1: of('sha1'), sha256: of('sha256') }
}
