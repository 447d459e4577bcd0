import type { Organization } from '../organization/open.ts'
import type { Schema } from '../organization/schema.ts'
import { grantAccess, modifyAccess, retrievePrincipalAccess, revokeAccess } from './access.ts'
import { bulkDelete } from './bulk-delete.ts'
import { closeIncident, loseOpportunity, winOpportunity } from './close.ts'
import { customApi } from './custom-api.ts'
import {
  commitFileBlocksUpload,
  deleteFile,
  downloadBlock,
  initializeFileBlocksDownload,
  initializeFileBlocksUpload,
  uploadBlock,
} from './file-blocks.ts'
import { initializeFrom } from './initialize-from.ts'
import { merge } from './merge.ts'
import { createMultiple, deleteMultiple, updateMultiple, upsertMultiple } from './multiple.ts'
import { noteBlocks } from './note-blocks.ts'
import type { Operation } from './operation.ts'
import { retrieveCurrentOrganization, retrieveTotalRecordCount, retrieveVersion } from './organization.ts'
import { publishAllXml, publishXml } from './publish.ts'
import { qualifyLead } from './qualify-lead.ts'
import { reactivateEntityKey } from './reactivate-entity-key.ts'
import { retrieveMetadataChanges } from './retrieve-metadata-changes.ts'
import { sendEmail } from './send-email.ts'
import { triggerServiceEndpointCheck } from './trigger-service-endpoint-check.ts'
import { whoAmI } from './who-am-i.ts'

/** Every function and action that each organization has; operations of one name differ in what they are bound to. */
export const operations: readonly Operation[] = [
  whoAmI,
  retrieveVersion,
  retrieveCurrentOrganization,
  retrieveTotalRecordCount,
  createMultiple,
  updateMultiple,
  upsertMultiple,
  deleteMultiple,
  grantAccess,
  modifyAccess,
  revokeAccess,
  retrievePrincipalAccess,
  publishXml,
  publishAllXml,
  reactivateEntityKey,
  merge,
  bulkDelete,
  qualifyLead,
  closeIncident,
  winOpportunity,
  loseOpportunity,
  sendEmail,
  initializeFileBlocksUpload,
  uploadBlock,
  commitFileBlocksUpload,
  initializeFileBlocksDownload,
  downloadBlock,
  deleteFile,
  ...noteBlocks,
  triggerServiceEndpointCheck,
  retrieveMetadataChanges,
  initializeFrom,
]

const known = new WeakMap<Schema, readonly Operation[]>()

/** Those, and the custom APIs of an organization. */
export function operationsOf({ schema }: Pick<Organization, 'schema'>): readonly Operation[] {
  const found = known.get(schema) ?? [...operations, ...schema.customApis.map(customApi)]
  known.set(schema, found)
  return found
}
