import type { Directory } from './directory.ts'
import { EntraError } from './errors.ts'

/** Names that stand for any tenant; single-tenant registrations may not use them (facts sheet "Tenant forms"). */
export const manyTenants = new Set(['common', 'organizations', 'consumers'])

/** @throws EntraError 90002 for another tenant, 50194 for a name that stands for many */
export function checkTenant(directory: Directory, tenant: string, clientId = ''): void {
  if (manyTenants.has(tenant) && tenant !== 'consumers' && directory.switches.registration_tenants === 'many') return
  if (manyTenants.has(tenant)) throw new EntraError(50194, { client: clientId })
  checkOwnTenant(directory, tenant)
}

/** @throws EntraError 90002 */
export function checkOwnTenant({ tenantId, domain }: Directory, tenant: string): void {
  if (tenant.toLowerCase() !== tenantId && tenant.toLowerCase() !== domain) throw new EntraError(90002, { tenant })
}
