import { noStore } from '../refusal.ts'
import { msisError } from './adfs-errors.ts'
import type { Dialect } from './dialect.ts'
import { readResource } from './resource.ts'

const signInSeconds = 28_800

/** AD FS 2019 (facts sheet "AD FS as authorization server"): no consent, exact redirects, sign-ins that end after eight hours whatever happens. */
export const adfs: Dialect = {
  realm: 'adfs',
  base: () => '/adfs/oauth2',
  readScope(fields, origin, { tenantId }) {
    const word = (fields.get('scope') ?? '').split(' ').find((one) => one.includes('://'))
    // In a scope the resource stands before the last slash; it may end with one itself.
    const resource = fields.get('resource') ?? word?.slice(0, word.lastIndexOf('/'))
    if (resource) return readResource(resource, fields, origin, tenantId)
    const openid = (fields.get('scope') ?? '').split(' ').includes('openid')
    // The default resource: the token is valid, and worth nothing at the organization.
    return openid
      ? { resource: 'graph', asked: 'urn:microsoft:userinfo', permissions: [], openid, offlineAccess: true, delegated: true }
      : undefined
  },
  scopeAtOnce: false,
  isRegistered: (redirectUri, _client, { adfsRedirects }) => adfsRedirects.has(redirectUri),
  burnsCode: true,
  assertionAlgorithms: ['RS256'],
  fixedRefreshSeconds: signInSeconds,
  renewsRefreshToken: ({ switches }) => switches.adfs_rotation === 'on',
  answer: ({ scope, expiresIn, accessToken, refreshToken, refreshExpiresIn, idToken }) => ({
    access_token: accessToken,
    token_type: 'bearer',
    expires_in: expiresIn,
    resource: scope.asked,
    ...(refreshToken && { refresh_token: refreshToken, refresh_token_expires_in: refreshExpiresIn }),
    ...(idToken && { id_token: idToken }),
  }),
  refuse(directory, c, error) {
    const { status, ...body } = msisError(error, directory.switches)
    return c.json(body, status as 400, { ...noStore, 'Content-Type': 'application/json;charset=UTF-8' })
  },
}
