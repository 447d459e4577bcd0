import { WebApiError } from '../error.ts'
import { quoted } from '../organization/database.ts'
import { readable } from '../privileges/check.ts'
import type { Operation } from './operation.ts'

const version = '9.2.0.1'

export const retrieveVersion: Operation = {
  name: 'RetrieveVersion',
  kind: 'function',
  sheet: '12.5',
  about: 'the version of the service',
  parameters: [],
  returns: [{ name: 'Version', type: 'Edm.String' }],
  run: () => ({ Version: version }),
}

export const retrieveCurrentOrganization: Operation = {
  name: 'RetrieveCurrentOrganization',
  kind: 'function',
  sheet: '12.5',
  about: 'the organization and its addresses',
  parameters: [{ name: 'AccessType', type: 'mscrm.EndpointAccessType' }],
  returns: [{ name: 'Detail', type: 'mscrm.OrganizationDetail' }],
  run({ call, organization }) {
    const { organizationId } = organization.schema.ids
    const origin = call.base.replace(/\/api\/data\/.*$/, '/')
    return {
      Detail: {
        OrganizationId: organizationId,
        FriendlyName: 'Sandbox',
        OrganizationVersion: version,
        EnvironmentId: organizationId,
        UrlName: 'sandbox',
        UniqueName: 'sandbox',
        State: 'Enabled',
        Endpoints: {
          Count: 2,
          IsReadOnly: false,
          Keys: ['WebApplication', 'OrganizationDataService'],
          Values: [origin, `${call.base}/`],
        },
      },
    }
  },
}

/** The real one counts a snapshot that may be a day old; this one counts now. */
export const retrieveTotalRecordCount: Operation = {
  name: 'RetrieveTotalRecordCount',
  kind: 'function',
  sheet: '12.4',
  about: 'how many rows tables have',
  parameters: [{ name: 'EntityNames', type: 'Collection(Edm.String)' }],
  returns: [{ name: 'EntityRecordCountCollection', type: 'mscrm.EntityRecordCountCollection' }],
  run({ call, organization, parameters }) {
    const names = parameters.EntityNames as string[]
    const values = names.map((name) => {
      const table = organization.schema.tables.get(name)
      if (!table) throw new WebApiError(400, '0x80060888', `The entity with a name = '${name}' was not found in the MetadataCache.`)
      // Who may read no rows may not count them either.
      readable(organization, call.caller, table)
      return Number(organization.database.get(`select count(*) as count from ${quoted(name)}`)?.count)
    })
    return { EntityRecordCountCollection: { Count: names.length, IsReadOnly: false, Keys: names, Values: values } }
  },
}
