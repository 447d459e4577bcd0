/**
 * What a claims challenge wants of the next token, as JSON text; undefined where a 401 is none.
 *
 * Sent for a token that has not ended, when something about its user has changed. Facts sheet "Continuous Access Evaluation (CAE)".
 * @param header `WWW-Authenticate`, several joined
 */
export function wantedClaims(header: string | undefined): string | undefined {
  if (header === undefined || !/\berror\s*=\s*"?insufficient_claims\b/i.test(header)) return undefined
  const encoded = header.match(/\bclaims\s*=\s*"?([A-Za-z0-9+/_=-]+)/i)?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString()
  try {
    const claims: unknown = JSON.parse(text)
    return typeof claims === 'object' && claims !== null ? text : undefined
  } catch {
    return undefined
  }
}
