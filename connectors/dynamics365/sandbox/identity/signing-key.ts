import { type CryptoKey, exportJWK, generateKeyPair, type JWK } from 'jose'

export interface SigningKey {
  id: string
  privateKey: CryptoKey
  /** What `discovery/v2.0/keys` publishes. */
  publicJwk: JWK
}

export async function createSigningKey(id: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  return { id, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid: id, use: 'sig', alg: 'RS256' } }
}
