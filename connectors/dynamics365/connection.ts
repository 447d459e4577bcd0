import { defineConnection } from '../../runner/connector/index.ts'
import { signIn, transport } from './address.ts'
import { openClient } from './client.ts'
import { rights } from './metadata/rights.ts'
import { whoAmI } from './metadata/who-am-i.ts'
import { rules, settings } from './settings.ts'

export default defineConnection({
  name: 'dynamics365',
  title: 'Microsoft Dynamics 365',
  description: 'Tables of a Dynamics 365 organization (Dataverse in the cloud, Customer Engagement on-premises) through its Web API.',
  settings,
  rules,
  auth: signIn,
  transport,
  open: openClient,
  async test(client, signal) {
    const { userId, organizationId } = await whoAmI(client.api, signal)
    return { identity: `user ${userId} of organization ${organizationId} at ${new URL(client.api.baseUrl).host}` }
  },
  rights,
  sandbox: () => import('./sandbox/index.ts'),
})
