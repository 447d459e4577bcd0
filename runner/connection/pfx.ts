import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import forge from 'node-forge'

const { certBag, keyBag, pkcs8ShroudedKeyBag } = forge.pki.oids as Record<'certBag' | 'keyBag' | 'pkcs8ShroudedKeyBag', string>

/**
 * What a PFX file (PKCS#12, RFC 7292) holds. Node can use such a file for TLS but gives its key to nobody, and has no RC2, which older files are encrypted with.
 * @throws Error in the library's words
 */
export function readPfx(file: Buffer, password: string | undefined): { certificates: X509Certificate[]; key: KeyObject } {
  const pfx = opened(file, password)
  const [key] = [pkcs8ShroudedKeyBag, keyBag].flatMap((type) => bagsOf(pfx, type))
  if (!key) throw new Error('there is no private key in it')
  if (!key.key) throw new Error('its private key is no RSA key')
  // Others than RSA certificates cannot belong to the key.
  const certificates = bagsOf(pfx, certBag).flatMap(({ cert }) => (cert ? [new X509Certificate(forge.pki.certificateToPem(cert))] : []))
  return { certificates, key: createPrivateKey(forge.pki.privateKeyToPem(key.key)) }
}

/** A file without password is made with an empty one or with none at all. */
function opened(file: Buffer, password: string | undefined): forge.pkcs12.Pkcs12Pfx {
  const pfx = forge.asn1.fromDer(file.toString('binary'))
  if (password !== undefined) return forge.pkcs12.pkcs12FromAsn1(pfx, password)
  try {
    return forge.pkcs12.pkcs12FromAsn1(pfx, '')
  } catch {
    return forge.pkcs12.pkcs12FromAsn1(pfx)
  }
}

function bagsOf(pfx: forge.pkcs12.Pkcs12Pfx, bagType: string): forge.pkcs12.Bag[] {
  return pfx.getBags({ bagType })[bagType] ?? []
}
