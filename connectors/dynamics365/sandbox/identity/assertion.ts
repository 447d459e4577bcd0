import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose'
import type { Directory } from './directory.ts'
import { EntraError } from './errors.ts'
import type { TokenRequest } from './token-request.ts'

/** Seconds: clocks of clients and servers differ, and MSAL rounds its own up. */
const clockTolerance = 300
const bearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/**
 * A signed statement in place of a secret: by a certificate that the client registered, or by another issuer that it trusts (facts sheet "Client credentials").
 * @throws EntraError 900144, 50027, 50048, 50012, 700027
 */
export async function checkAssertion(directory: Directory, clientId: string, request: TokenRequest): Promise<void> {
  const { form } = request
  if (form.get('client_assertion_type') !== bearer) throw new EntraError(900144, { parameter: 'client_assertion_type' })
  const jwt = form.get('client_assertion') ?? ''
  const { header, payload } = decode(jwt)
  const federated = directory.federatedCredentials.find(({ issuer, subject }) => issuer === payload.iss && subject === payload.sub)
  if (!federated && payload.iss !== payload.sub) throw new EntraError(50048)
  if (!federated && payload.iss !== clientId) throw new EntraError(50012)
  const keys = federated ? federated.keys.map((key) => createPublicKey({ key, format: 'jwk' })) : certificateKeys(directory, header)
  await verify(jwt, keys, federated ? [federated.audience] : audiences(directory, request), directory, request)
}

function decode(jwt: string): { header: Record<string, unknown>; payload: JWTPayload } {
  try {
    return { header: decodeProtectedHeader(jwt) as Record<string, unknown>, payload: decodeJwt(jwt) }
  } catch {
    throw new EntraError(50027, { reason: 'it is no signed JSON web token' })
  }
}

/** A client that names its certificate by thumbprint is held to it; others may have signed with any of theirs. */
function certificateKeys({ certificates }: Directory, header: Record<string, unknown>): KeyObject[] {
  const named = certificates.filter(({ raw }) => header['x5t#S256'] === thumbprint('sha256', raw) || header.x5t === thumbprint('sha1', raw))
  const found = header['x5t#S256'] === undefined && header.x5t === undefined ? certificates : named
  if (found.length === 0) throw new EntraError(700027)
  return found.map(({ publicKey }) => publicKey)
}

function thumbprint(algorithm: string, der: Buffer): string {
  return createHash(algorithm).update(der).digest('base64url')
}

/** The token endpoint, as Microsoft's page wants it, or the issuer, as RFC 7523 allows. */
function audiences(directory: Directory, { origin, dialect }: TokenRequest): string[] {
  const endpoint = `${origin}${dialect.base(directory)}/token`
  const issuer = dialect.realm === 'adfs' ? `${origin}/adfs` : `${origin}/${directory.tenantId}/v2.0`
  return [endpoint, `${endpoint}/`, issuer]
}

async function verify(jwt: string, keys: readonly KeyObject[], audience: string[], { clock }: Directory, { dialect }: TokenRequest) {
  for (const key of keys) {
    try {
      await jwtVerify(jwt, key, {
        audience,
        algorithms: [...dialect.assertionAlgorithms],
        currentDate: clock(),
        clockTolerance,
        requiredClaims: ['exp'],
      })
      return
    } catch (error) {
      const { code, message } = error as { code?: string; message: string }
      if (code === 'ERR_JWT_EXPIRED' || code === 'ERR_JWT_CLAIM_VALIDATION_FAILED') throw new EntraError(50027, { reason: message })
    }
  }
  throw new EntraError(700027)
}
