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

function opened(file: Buffer, password = ''): forge.pkcs12.Pkcs12Pfx {
  const pfx = forge.asn1.fromDer(file.toString('binary'))
  try {
    return forge.pkcs12.pkcs12FromAsn1(pfx, password)
  } catch (thrown) {
    // A file without password is made with an empty one or with none at all.
    if (password === '') return forge.pkcs12.pkcs12FromAsn1(pfx)
    if (/^[\x20-\x7e]*$/.test(password)) throw thrown
    return withoutSeal(pfx, password)
  }
}

/**
 * Other letters than ASCII are UTF-8 for today's encryption and UTF-16 for the seal of the whole; the library gives both the same bytes. So the seal
 * is left out: a wrong password shows in the decryption, and the key is compared with the certificate.
 */
function withoutSeal(pfx: forge.asn1.Asn1, password: string): forge.pkcs12.Pkcs12Pfx {
  const parts = (pfx.value as forge.asn1.Asn1[]).slice(0, 2)
  return forge.pkcs12.pkcs12FromAsn1({ ...pfx, value: parts }, forge.util.encodeUtf8(password))
}

function bagsOf(pfx: forge.pkcs12.Pkcs12Pfx, bagType: string): forge.pkcs12.Bag[] {
  return pfx.getBags({ bagType })[bagType] ?? []
}
