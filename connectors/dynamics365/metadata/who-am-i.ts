import type { WebApi } from '../webapi/client.ts'

export interface WhoAmI {
  userId: string
  organizationId: string
}

/** Who the connection is, and in which organization. */
export async function whoAmI(api: WebApi, signal?: AbortSignal): Promise<WhoAmI> {
  const { UserId, OrganizationId } = await api.get('WhoAmI()', signal ? { signal } : {})
  return { userId: String(UserId), organizationId: String(OrganizationId) }
}
