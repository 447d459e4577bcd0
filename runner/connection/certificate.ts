import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { ConnectorError } from '../connector/index.ts'

export interface CertificateWithKey {
  certificate: X509Certificate
  key: KeyObject
}

/**
 * A certificate with its RSA private key.
 * @param text of a PEM file that holds both, or of a PFX (PKCS#12) in base64
 * @throws ConnectorError `certificate_invalid`
 */
export async function readCertificate({ text, password }: { text: string; password?: string }): Promise<CertificateWithKey> {
  const { certificates, key } = isPem(text) ? fromPem(text, password) : await fromPfx(text, password)
  if (key.asymmetricKeyType !== 'rsa')
    throw certificateInvalid(`the private key is of the type ${key.asymmetricKeyType}, and the authority takes RSA only`)
  const certificate = certificates.find((one) => one.checkPrivateKey(key))
  if (!certificate) throw certificateInvalid('the private key does not belong to the certificate')
  return { certificate, key }
}

/** Bytes of a certificate file as the text that {@link readCertificate} takes. */
export function certificateText(file: Buffer): string {
  const text = file.toString('latin1')
  return isPem(text) ? text : file.toString('base64')
}

export function certificateInvalid(why: string): ConnectorError {
  return new ConnectorError(
    'auth',
    'certificate_invalid',
    `The certificate of the connection cannot be used: ${why}. Name a PEM or PFX file that holds the certificate and its private key in \`client_certificate_file\`, or give its text (of a PFX: in base64) in \`client_certificate\`.`,
  )
}

interface Material {
  certificates: X509Certificate[]
  key: KeyObject
}

function isPem(text: string): boolean {
  return text.includes('-----')
}

function fromPem(pem: string, password: string | undefined): Material {
  const certificates = parsed('the certificate', () => blocks(pem, 'CERTIFICATE').map((one) => new X509Certificate(one)))
  const key = parsed('the private key', () => {
    const [first = ''] = blocks(pem, '(?:RSA |ENCRYPTED )?PRIVATE KEY')
    return createPrivateKey({ key: first, ...(password !== undefined && { passphrase: password }) })
  })
  return { certificates, key }
}

function blocks(pem: string, label: string): string[] {
  const found = pem.match(new RegExp(`-----BEGIN ${label}-----[\\s\\S]*?-----END ${label}-----`, 'g'))
  if (!found) throw new Error('there is none in the text')
  return found
}

/** The PKCS#12 reader is large, so it is loaded only for such a file. */
async function fromPfx(base64: string, password: string | undefined): Promise<Material> {
  const { readPfx } = await import('./pfx.ts')
  return parsed('the PFX', () => readPfx(Buffer.from(base64, 'base64'), password))
}

/** The libraries' words do not hold the key. */
function parsed<T>(what: string, parse: () => T): T {
  try {
    return parse()
  } catch (thrown) {
    throw certificateInvalid(`${what} cannot be read (${(thrown as Error).message})`)
  }
}
