import { badQuery, noSuchRow, WebApiError } from '../error.ts'
import { quoted } from '../organization/database.ts'
import { findRow } from '../organization/find.ts'
import type { Caller, Organization, StepKind } from '../organization/open.ts'
import { isGuid } from '../organization/values.ts'
import { requirePrivilege } from '../privileges/check.ts'
import type { Call } from './call.ts'

/** Default of the organization's setting `BypassBusinessLogicExecutionStepIdsLimit`. */
const mostSteps = 3

/**
 * Who a request writes as, and what shall not run because of it (facts sheet "Impersonation, `MSCRM.*` headers, optional parameters").
 * Headers that only concern solutions, labels and caches change nothing here.
 * @throws WebApiError 403 for a user who is not one of the organization, is disabled, or lacks the privilege that a header needs
 */
export function callerOf(organization: Organization, userId: string, header: Call['header'], tag: string | undefined): Caller {
  requireUser(organization, userId)
  const wanted = impersonated(organization, header)
  if (wanted !== undefined && wanted !== userId) {
    requirePrivilege(organization, { userId }, 'prvActOnBehalfOfAnotherUser')
    requireUser(organization, wanted)
  }
  const caller: Caller = wanted === undefined || wanted === userId ? { userId } : { userId: wanted, onBehalfOf: userId }
  const bypass = bypassOf(organization, caller, header)
  return { ...caller, ...(bypass && { bypass }), ...(tag !== undefined && { tag }) }
}

function requireUser({ database, switches, schema }: Organization, userId: string): void {
  const table = schema.tables.get('systemuser')!
  const user = database.get(`select isdisabled from ${quoted(table.logicalName)} where ${quoted(table.primaryId)} = ?`, userId)
  if (!user) throw new WebApiError(403, '0x80072560', 'The user is not a member of the organization.')
  if (user.isdisabled) throw new WebApiError(switches.disabled_user_status, '0x8004A112', `The user with the id ${userId} is disabled.`)
}

function impersonated(organization: Organization, header: Call['header']): string | undefined {
  const users = organization.schema.tables.get('systemuser')!
  const [objectId, systemUserId] = [header('callerobjectid'), header('mscrmcallerid')]
  const wanted = objectId ?? systemUserId
  if (wanted === undefined) return undefined
  const column = users.columns.get(objectId === undefined ? users.primaryId : 'azureactivedirectoryobjectid')!
  const found = isGuid(wanted) ? findRow(organization, users, { columns: [[column, wanted.toLowerCase()]], texts: [] }) : undefined
  if (found === undefined) throw noSuchRow(users, wanted)
  return found
}

function bypassOf(organization: Organization, caller: Caller, header: Call['header']): Caller['bypass'] {
  const list = (name: string) =>
    header(name)
      ?.split(',')
      .map((one) => one.trim()) ?? []
  const isTrue = (name: string) => header(name)?.trim().toLowerCase() === 'true'
  const kinds = list('mscrm.bypassbusinesslogicexecution').map(stepKind)
  const stepIds = list('mscrm.bypassbusinesslogicexecutionstepids').map((id) => id.toLowerCase())
  if (stepIds.length > mostSteps) throw badQuery(`At most ${mostSteps} steps can be named in MSCRM.BypassBusinessLogicExecutionStepIds.`)
  if (kinds.length > 0 || stepIds.length > 0 || isTrue('mscrm.suppresscallbackregistrationexpanderjob'))
    requirePrivilege(organization, caller, 'prvBypassCustomBusinessLogic')
  if (isTrue('mscrm.bypasscustompluginexecution')) {
    requirePrivilege(organization, caller, 'prvBypassCustomPlugins')
    kinds.push('CustomSync')
  }
  return kinds.length > 0 || stepIds.length > 0 ? { kinds, stepIds } : undefined
}

function stepKind(text: string): StepKind {
  if (text === 'CustomSync' || text === 'CustomAsync') return text
  throw badQuery(`The header MSCRM.BypassBusinessLogicExecution can be CustomSync or CustomAsync or both, and not '${text}'.`)
}
