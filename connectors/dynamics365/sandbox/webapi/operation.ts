import { absentNames } from '../absent.ts'
import { badQuery, noSuchSegment, notSupported, WebApiError, wrongMethod } from '../error.ts'
import { operationsOf } from '../operations/index.ts'
import { type Operation, type OperationResult, StoredResult } from '../operations/operation.ts'
import { actionParameters, functionParameters } from '../operations/parameters.ts'
import type { Table } from '../organization/schema.ts'
import { actionBody } from './body.ts'
import type { Call, WebApiResponse } from './call.ts'
import { rowAnswer, rowsAnswer } from './get.ts'
import { json, noContent } from './response.ts'
import { requirePath } from './row-id.ts'
import type { OperationTarget } from './target.ts'

/** Calls a function with GET or an action with POST (facts sheet "Call rules"). */
export function callOperation(call: Call, target: OperationTarget): WebApiResponse {
  const operation = find(call, target)
  if ((operation.kind === 'function') !== (call.method === 'GET')) throw wrongMethod(call.method)
  if (target.more.length > 0) throw noSuchSegment(target.more[0]!)
  const option = [...call.query.keys()].find((name) => name.startsWith('$'))
  if (option !== undefined && !operation.composable) throw badQuery(`The query parameter ${option} is not supported`)
  const { row, table } = target.binding ?? {}
  const result = operation.run({
    call,
    organization: call.organization,
    ...(table && { table }),
    ...(row && { id: requirePath(call.organization, row) }),
    parameters:
      operation.kind === 'action'
        ? actionParameters(operation, actionBody(call, operation.name))
        : functionParameters(operation, target.parameters ?? '', call.query),
  })
  return answer(call, operation, result)
}

/** Bound operations need their full name, and unbound ones must not have it. */
function find(call: Call, { name, binding, short }: OperationTarget): Operation {
  const operations = operationsOf(call.organization)
  const named = operations.filter((one) => one.name === name)
  const operation = named.find((one) => fits(one, binding))
  if (operation && !short) return operation
  if (operation || (!binding && named.length > 0)) throw new WebApiError(400, '0x80060888', 'Request message has unresolved parameters')
  const isAbsent = absentNames.has(name) || (named.length === 0 && isMadeByClient(call, name))
  throw isAbsent ? notSupported(name) : noSuchSegment(name)
}

/** A custom API that only its row describes. */
function isMadeByClient({ organization }: Call, name: string): boolean {
  return organization.database.get('select 1 from customapi where uniquename = ?', name) !== undefined
}

function fits({ binding, suits }: Operation, given: { table: Table; row?: unknown } | undefined): boolean {
  if (!binding || !given) return !binding && !given
  if ((binding.to === 'row') !== (given.row !== undefined)) return false
  return (binding.tables?.includes(given.table.logicalName) ?? true) && (suits?.(given.table) ?? true)
}

function answer(call: Call, operation: Operation, result: OperationResult | undefined): WebApiResponse {
  if (result === undefined) return noContent()
  if (result instanceof StoredResult)
    return result.single ? rowAnswer(call, result.table, result.ids[0]!, 200) : rowsAnswer(call, result.table, result.ids)
  return json(200, { '@odata.context': `${call.base}/$metadata#${resultType(operation)}`, ...result })
}

function resultType({ name, returns }: Operation): string {
  return typeof returns === 'string' ? returns.replace('mscrm.', 'Microsoft.Dynamics.CRM.') : `Microsoft.Dynamics.CRM.${name}Response`
}
