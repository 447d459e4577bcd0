import { badPayload, WebApiError } from '../error.ts'
import { parseKey, type RowKey } from '../odata/key.ts'
import { fromBody } from '../organization/body.ts'
import { insertBody } from '../organization/deep-insert.ts'
import { findRow, requireRow } from '../organization/find.ts'
import type { Table } from '../organization/schema.ts'
import { updateRow } from '../organization/update.ts'
import { upsertBody } from '../organization/upsert.ts'
import { isGuid } from '../organization/values.ts'
import { write } from '../organization/write.ts'
import type { Call } from '../webapi/call.ts'
import { bodyOptions } from '../webapi/write-options.ts'
import type { Operation, Parameter } from './operation.ts'

type Item = Record<string, unknown>

const onSet: Pick<Operation, 'kind' | 'sheet' | 'binding' | 'suits'> = {
  kind: 'action',
  sheet: '11',
  binding: { to: 'set' },
  suits: ({ noMultiple, intersect }) => !noMultiple && !intersect,
}
const targetsParameter: Parameter = { name: 'Targets', type: 'Collection(mscrm.crmbaseentity)' }

/** `CreateMultiple` and its like: many rows in one transaction; one that fails takes all with it (facts sheet "Bulk operations"). */
export const createMultiple: Operation = {
  ...onSet,
  name: 'CreateMultiple',
  about: 'creates rows, all or none',
  parameters: [targetsParameter],
  returns: [{ name: 'Ids', type: 'Collection(Edm.Guid)' }],
  run: ({ call, table, parameters }) => ({ Ids: write(call.organization, () => createAll(call, table!, parameters)) }),
}

export const updateMultiple: Operation = {
  ...onSet,
  name: 'UpdateMultiple',
  about: 'changes rows, all or none',
  parameters: [targetsParameter],
  run({ call, table, parameters }) {
    write(call.organization, () => updateAll(call, table!, parameters))
    return undefined
  },
}

export const upsertMultiple: Operation = {
  ...onSet,
  name: 'UpsertMultiple',
  about: 'changes or creates rows, all or none',
  parameters: [targetsParameter],
  run({ call, table, parameters }) {
    write(call.organization, () => upsertAll(call, table!, parameters))
    return undefined
  },
}

export const deleteMultiple: Operation = {
  ...onSet,
  name: 'DeleteMultiple',
  about: 'deletes rows of elastic tables',
  parameters: [targetsParameter],
  run() {
    throw new WebApiError(501, '0x80040219', 'DeleteMultiple has not yet been implemented.')
  },
}

function targets(table: Table, { Targets: items }: Item): Item[] {
  if (!Array.isArray(items)) throw badPayload(table.entitySetName, "The body must have a list 'Targets'.")
  const type = `Microsoft.Dynamics.CRM.${table.logicalName}`
  if (items.some((item) => String(item?.['@odata.type']).replace(/^#/, '') !== type)) {
    throw badPayload(table.entitySetName, `Each item of 'Targets' must have the '@odata.type' '${type}'.`)
  }
  return items as Item[]
}

function createAll(call: Call, table: Table, parameters: Item): string[] {
  return targets(table, parameters).map((item) => insertBody(call.organization, table, item, call.caller, bodyOptions(call)))
}

/** Of several items for one row the first counts. */
function updateAll(call: Call, table: Table, parameters: Item): void {
  const done = new Set<string>()
  for (const item of targets(table, parameters)) {
    const id = String(item[table.primaryId]).toLowerCase()
    if (!isGuid(id)) throw badPayload(table.entitySetName, `Each item of 'Targets' must have its primary key '${table.primaryId}'.`)
    if (done.has(id)) continue
    done.add(id)
    updateRow(
      call.organization,
      table,
      requireRow(call.organization, table, { id }),
      fromBody(call.organization, table, item, bodyOptions(call)),
      call.caller,
    )
  }
}

/** Several items for one row are an error, whose text the sheet does not give. */
function upsertAll(call: Call, table: Table, parameters: Item): void {
  const done = new Set<string>()
  for (const item of targets(table, parameters)) {
    const key = keyOf(table, item)
    const existing = findRow(call.organization, table, key)
    const id = upsertBody(call.organization, table, { key, existing }, item, call.caller, bodyOptions(call))
    if (done.has(id)) throw new WebApiError(412, '0x80040237', 'Cannot insert duplicate key.')
    done.add(id)
  }
}

function keyOf(table: Table, item: Item): RowKey {
  const id = item[table.primaryId]
  if (isGuid(id)) return { id: id.toLowerCase() }
  const [, entitySet, text] = /(\w+)\((.*)\)$/s.exec(String(item['@odata.id'] ?? '')) ?? []
  if (entitySet === table.entitySetName && text !== undefined) return parseKey(table, text)
  throw badPayload(
    table.entitySetName,
    `Each item of 'Targets' must have its primary key '${table.primaryId}' or an '@odata.id' that names a key.`,
  )
}
