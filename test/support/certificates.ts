import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import forge from 'node-forge'
import { tempFolder } from './temp.ts'

const root = tempFolder()

/** How the PFX is encrypted: as today, as older Windows and OpenSSL did (3DES and RC2), or as Windows does without AES. */
export const pfxKinds = {
  'AES-256 with PBKDF2 and SHA-256': { openssl: [], library: { algorithm: 'aes256', prfAlgorithm: 'sha256' } },
  'RC2 and 3DES': { openssl: ['-legacy'], library: { algorithm: '3des' } },
  '3DES': {
    openssl: ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'],
    library: { algorithm: '3des' },
  },
} as const

export type PfxKind = keyof typeof pfxKinds

/** Made by the machine's OpenSSL, or, where there is none (of version 3), by the library that reads it. */
export function makePfx({ cert, private: key }: { cert: string; private: string }, kind: PfxKind, password: string): Buffer {
  const { openssl, library } = pfxKinds[kind]
  const pem = join(mkdtempSync(join(root, 'pfx-')), 'app.pem')
  writeFileSync(pem, `${cert}\n${key}`)
  try {
    return execFileSync('openssl', ['pkcs12', '-export', ...openssl, '-in', pem, '-passout', `pass:${password}`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    const made = forge.pkcs12.toPkcs12Asn1(forge.pki.privateKeyFromPem(key), [forge.pki.certificateFromPem(cert)], password, {
      ...(library as object),
    })
    return Buffer.from(forge.asn1.toDer(made).getBytes(), 'binary')
  }
}
