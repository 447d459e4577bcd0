import { EntraError } from '../errors.ts'
import type { Fields } from '../fields.ts'
import { isOrganization, type Scope } from '../scope.ts'

const graph = /^https:\/\/graph\.(?:microsoft\.com|windows\.net)\/?$/

/**
 * The scope that a `resource` stands for: everything of it, with a refresh token, which v1 and AD FS give without being asked.
 * @throws EntraError 500011
 */
export function readResource(resource: string, fields: Fields, origin: string, tenant: string): Scope {
  const known = isOrganization(resource, origin) ? 'organization' : graph.test(resource) ? 'graph' : undefined
  if (!known) throw new EntraError(500011, { resource, tenant })
  const words = (fields.get('scope') ?? '').split(' ')
  return {
    resource: known,
    asked: resource,
    permissions: [`${resource.replace(/\/$/, '')}/.default`],
    openid: words.includes('openid'),
    offlineAccess: true,
    delegated: true,
  }
}
