import { badQuery, expiredStamp, notSupported } from '../error.ts'
import { deletedSince } from '../metadata/changes/deleted.ts'
import { historyOf } from '../metadata/changes/history.ts'
import { readQuery } from '../metadata/changes/query.ts'
import { tablesAsked } from '../metadata/changes/tables.ts'
import type { Organization } from '../organization/open.ts'
import { readStamp, writeStamp } from '../organization/version-stamp.ts'
import type { Operation } from './operation.ts'

/**
 * Definitions that a query is for, or what became of them since a stamp (facts sheet "Incremental metadata"). Parameters and result are those
 * of the function's page in the reference of the Web API, what they do that of "Query schema definitions" and "Cache schema data" of the
 * developer guide of Dataverse. Beyond those: options of a changed choice are all told whole, the new ones and the old ones.
 */
export const retrieveMetadataChanges: Operation = {
  name: 'RetrieveMetadataChanges',
  kind: 'function',
  sheet: '14.4',
  about: 'definitions by a query, or what became of them since',
  parameters: [
    { name: 'Query', type: 'mscrm.EntityQueryExpression', optional: true },
    { name: 'DeletedMetadataFilters', type: 'mscrm.DeletedMetadataFilters', optional: true },
    { name: 'ClientVersionStamp', type: 'Edm.String', optional: true },
    { name: 'AppModuleId', type: 'Edm.Guid', optional: true },
    { name: 'RetrieveAllSettings', type: 'Edm.Boolean', optional: true },
  ],
  returns: [
    { name: 'ServerVersionStamp', type: 'Edm.String' },
    { name: 'DeletedMetadata', type: 'mscrm.DeletedMetadataCollection' },
    { name: 'EntityMetadata', type: 'Collection(mscrm.ComplexEntityMetadata)' },
  ],
  run({ organization, parameters }) {
    const { Query, DeletedMetadataFilters, ClientVersionStamp, AppModuleId } = parameters
    if (AppModuleId != null) throw notSupported('definitions of one app (AppModuleId)')
    const since = ClientVersionStamp ? versionOf(organization, String(ClientVersionStamp)) : undefined
    const query = readQuery(Query, organization.switches.metadata_query_properties)
    const history = historyOf(organization)
    return {
      ServerVersionStamp: writeStamp({ version: organization.metadataVersion, time: organization.clock().getTime() }),
      DeletedMetadata: deletedSince(history, since, DeletedMetadataFilters),
      EntityMetadata: tablesAsked(organization, { query, history, since, unchanged: organization.switches.unchanged_definitions }),
    }
  },
}

/** @throws WebApiError 0x80044352 */
function versionOf(organization: Organization, text: string): number {
  const stamp = readStamp(text)
  if (!stamp) throw badQuery(`The value '${text}' of ClientVersionStamp is no version stamp.`)
  const days = Number(organization.database.get('select expiresubscriptionsindays as days from organization')?.days)
  // A version from the future belongs to an organization that is gone: the sandbox in memory begins anew.
  if (organization.clock().getTime() - stamp.time > days * 86_400_000 || stamp.version > organization.metadataVersion)
    throw expiredStamp(organization)
  return stamp.version
}
