import type { Operation } from './operation.ts'

export const whoAmI: Operation = {
  name: 'WhoAmI',
  kind: 'function',
  sheet: '12.2',
  about: 'who is signed in',
  parameters: [],
  returns: [
    { name: 'BusinessUnitId', type: 'Edm.Guid' },
    { name: 'UserId', type: 'Edm.Guid' },
    { name: 'OrganizationId', type: 'Edm.Guid' },
  ],
  run({ call: { caller, organization } }) {
    const { businessUnitId, organizationId } = organization.schema.ids
    return { BusinessUnitId: businessUnitId, UserId: caller.userId, OrganizationId: organizationId }
  },
}
