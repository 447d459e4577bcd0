import { noSuchKey, noSuchRow, WebApiError } from '../error.ts'
import type { RowKey } from '../odata/key.ts'
import { refuseDuplicates } from '../organization/duplicates.ts'
import { findRow } from '../organization/find.ts'
import { upsertBody } from '../organization/upsert.ts'
import { write } from '../organization/write.ts'
import { bodyOf } from './body.ts'
import type { Call, WebApiResponse } from './call.ts'
import { rowAnswer } from './get.ts'
import { condition, keyFromUrl, versionCondition } from './key.ts'
import { sessionToken, written } from './response.ts'
import { requirePath } from './row-id.ts'
import type { RowPath } from './target.ts'
import { bodyOptions, detectsDuplicates } from './write-options.ts'

/** Updates a row, or creates it where the conditions allow that (facts sheet "Conditional headers" and "Upsert"); not when it cannot be represented as was asked. */
export function patchOne(call: Call, row: RowPath): WebApiResponse {
  return call.prefer.representation ? write(call.organization, () => patch(call, row)) : patch(call, row)
}

function patch(call: Call, row: RowPath): WebApiResponse {
  const { organization, caller } = call
  const { table } = row
  const keyText = row.lookup || row.collection ? requirePath(organization, row) : row.key
  const key = keyFromUrl(table, keyText)
  const existing = findRow(organization, table, key)
  const ifMatch = checkConditions(call, row, key, existing)
  const id = upsertBody(organization, table, { key, existing }, bodyOf(call, table), caller, {
    ...bodyOptions(call),
    ...(ifMatch !== undefined && { mustExist: true }),
    ...(ifMatch !== undefined && ifMatch !== '*' && { etag: ifMatch }),
    complete(values) {
      if (detectsDuplicates(call)) refuseDuplicates(organization, table, values, existing)
    },
  })
  const representation = () => rowAnswer(withoutExpand(call), table, id, existing === undefined ? 201 : 200)
  // The answer repeats the key as the request gave it.
  const answer = call.prefer.representation ? representation() : written(`${call.base}/${table.entitySetName}(${keyText})`)
  return sessionToken(call, table, answer)
}

/** @returns the condition `If-Match` */
function checkConditions(call: Call, { table }: RowPath, key: RowKey, existing: string | undefined): string | undefined {
  const ifMatch = versionCondition(call.header('if-match'))
  if (existing !== undefined && condition(call.header('if-none-match')) === '*')
    throw new WebApiError(412, '0x80060882', 'A record with matching key values already exists.')
  if (existing === undefined && ifMatch !== undefined) throw 'id' in key ? noSuchRow(table, key.id) : noSuchKey(table)
  return ifMatch
}

/** A change ignores `$expand` (facts sheet "Update"). */
function withoutExpand(call: Call): Call {
  return { ...call, query: new Map([...call.query].filter(([name]) => name !== '$expand')) }
}
