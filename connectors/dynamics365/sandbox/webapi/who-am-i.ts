import type { Call, WebApiResponse } from './call.ts'
import { json } from './response.ts'

export function whoAmI({ base, caller, organization }: Call): WebApiResponse {
  const { businessUnitId, organizationId } = organization.schema.ids
  return json(200, {
    '@odata.context': `${base}/$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse`,
    BusinessUnitId: businessUnitId,
    UserId: caller.userId,
    OrganizationId: organizationId,
  })
}
