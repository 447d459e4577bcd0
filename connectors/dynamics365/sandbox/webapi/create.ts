import { insertBody } from '../organization/deep-insert.ts'
import { refuseDuplicates } from '../organization/duplicates.ts'
import type { Table } from '../organization/schema.ts'
import { write } from '../organization/write.ts'
import { bodyOf } from './body.ts'
import type { Call, WebApiResponse } from './call.ts'
import { rowAnswer } from './get.ts'
import { sessionToken, written } from './response.ts'
import { rowAddress } from './row-address.ts'
import { bodyOptions, detectsDuplicates } from './write-options.ts'

/** Creates a row, and those nested in it (facts sheet "Create" and "Deep insert"); none when it cannot be represented as was asked. */
export function createOne(call: Call, table: Table): WebApiResponse {
  return call.prefer.representation ? write(call.organization, () => create(call, table)) : create(call, table)
}

function create(call: Call, table: Table): WebApiResponse {
  const { organization, caller } = call
  const id = insertBody(organization, table, bodyOf(call, table), caller, {
    ...bodyOptions(call),
    complete(values) {
      if (detectsDuplicates(call)) refuseDuplicates(organization, table, values)
    },
  })
  const answer = call.prefer.representation ? rowAnswer(call, table, id, 201) : written(rowAddress(call, table, id))
  return sessionToken(call, table, answer)
}
