import { notSupported } from '../error.ts'
import { fromBody } from '../organization/body.ts'
import { createRow } from '../organization/create.ts'
import type { Table } from '../organization/schema.ts'
import { bodyOf } from './body.ts'
import type { Call, WebApiResponse } from './call.ts'
import { rowAnswer } from './get.ts'
import { written } from './response.ts'

export function createOne(call: Call, table: Table): WebApiResponse {
  const { organization, caller } = call
  refuseDuplicateDetection(call)
  const id = createRow(organization, table, fromBody(organization, table, bodyOf(call, table)), caller)
  return call.prefer.representation ? rowAnswer(call, table, id, 201) : written(`${call.base}/${table.entitySetName}(${id})`)
}

/** Off by default; who switches it on would wait for matches in vain. */
export function refuseDuplicateDetection(call: Call): void {
  if (call.header('mscrm.suppressduplicatedetection')?.toLowerCase() === 'false') throw notSupported('duplicate detection rules')
}
