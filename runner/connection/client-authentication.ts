import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type * as OAuth from 'oauth4webapi'
import { ConnectorError, type OAuthSettings } from '../connector/index.ts'
import type { Authority } from './authorities/authority.ts'

/** Seconds that a signed assertion holds; facts sheet "Client credentials". */
const assertionLife = 600

/**
 * How the client proves who it is: by certificate, by secret, or, as a public client, not at all.
 * @throws ConnectorError `certificate_invalid`
 */
export async function clientAuthentication(
  { clientSecret, clientCertificate }: OAuthSettings,
  { assertion }: Authority,
  tokenEndpoint: string,
): Promise<OAuth.ClientAuth> {
  const oauth = await import('oauth4webapi')
  if (!clientCertificate) return clientSecret === undefined ? oauth.None() : oauth.ClientSecretPost(clientSecret)
  const { certificate, key } = readCertificate(clientCertificate)
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

/**
 * A certificate with its private key, from the text of a PEM file that holds both.
 * @throws ConnectorError `certificate_invalid`
 */
export function readCertificate({ pem, password }: { pem: string; password?: string }): { certificate: X509Certificate; key: KeyObject } {
  const certificate = parsed('the certificate', () => new X509Certificate(block(pem, 'CERTIFICATE')))
  const key = parsed('the private key', () =>
    createPrivateKey({ key: block(pem, '(?:RSA |ENCRYPTED )?PRIVATE KEY'), ...(password !== undefined && { passphrase: password }) }),
  )
  if (key.asymmetricKeyType !== 'rsa')
    throw invalid(`the private key is of the type ${key.asymmetricKeyType}, and the authority takes RSA only`)
  if (!certificate.checkPrivateKey(key)) throw invalid('the private key does not belong to the certificate')
  return { certificate, key }
}

function block(pem: string, label: string): string {
  const found = new RegExp(`-----BEGIN ${label}-----[\\s\\S]*?-----END ${label}-----`).exec(pem)?.[0]
  if (!found) throw new Error('there is none in the text')
  return found
}

/** The library's words do not hold the key. */
function parsed<T>(what: string, parse: () => T): T {
  try {
    return parse()
  } catch (thrown) {
    throw invalid(`${what} cannot be read (${(thrown as Error).message})`)
  }
}

function invalid(why: string): ConnectorError {
  return new ConnectorError(
    'auth',
    'certificate_invalid',
    `\`client_certificate\` cannot be used: ${why}. Give the text of a PEM file with the certificate and its private key; of a PFX file, \`openssl pkcs12 -in app.pfx -out app.pem -noenc\` makes one.`,
  )
}
