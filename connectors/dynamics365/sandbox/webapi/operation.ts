import { badQuery, noSuchSegment, notSupported, wrongMethod } from '../error.ts'
import { operations } from '../operations/index.ts'
import type { Operation } from '../operations/operation.ts'
import type { Table } from '../organization/schema.ts'
import { actionBody } from './body.ts'
import type { Call, WebApiResponse } from './call.ts'
import { json, noContent } from './response.ts'
import { requirePath } from './row-id.ts'
import type { OperationTarget } from './target.ts'

/** What the real service has at its root, and the sandbox lacks: an answer other than that it does not exist. */
const lacking = new Set(
  `BulkDelete CalculatePrice CloseIncident GrantAccess InitializeFrom LoseOpportunity Merge PublishAllXml PublishXml
  RetrieveCurrentOrganization RetrieveMetadataChanges RetrieveTotalRecordCount RetrieveVersion WinOpportunity
  activitypointers audits campaigns organizations pricelevels queues savedqueries
  sdkmessageprocessingsteps serviceendpoints userqueries workflows`.split(/\s+/),
)

/** Calls a function with GET or an action with POST (facts sheet "Call rules"). */
export function callOperation(call: Call, target: OperationTarget): WebApiResponse {
  const operation = operations.find((one) => one.name === target.name && fits(one, target.binding))
  if (!operation) throw lacking.has(target.name) ? notSupported(target.name) : noSuchSegment(target.name)
  if ((operation.kind === 'function') !== (call.method === 'GET')) throw wrongMethod(call.method)
  if (target.more.length > 0) throw noSuchSegment(target.more[0]!)
  const { row, table } = target.binding ?? {}
  const result = operation.run({
    call,
    ...(table && { table }),
    ...(row && { id: requirePath(call.organization, row) }),
    parameters: operation.kind === 'action' ? actionBody(call, operation.name) : parametersOf(operation, target.parameters ?? ''),
  })
  if (result === undefined) return noContent()
  return json(200, { '@odata.context': `${call.base}/$metadata#Microsoft.Dynamics.CRM.${operation.name}Response`, ...result })
}

function fits({ binding }: Operation, given: { table: Table; row?: unknown } | undefined): boolean {
  if (!binding || !given) return !binding && !given
  return (binding.to === 'row') === (given.row !== undefined) && (binding.tables?.includes(given.table.logicalName) ?? true)
}

function parametersOf(_operation: Operation, text: string): Record<string, unknown> {
  if (text !== '') throw badQuery('The function takes no parameters.')
  return {}
}
