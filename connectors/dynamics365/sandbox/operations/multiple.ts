import { badPayload, WebApiError } from '../error.ts'
import { textOf } from '../json.ts'
import { parseKey, type RowKey } from '../odata/key.ts'
import { fromBody } from '../organization/body.ts'
import { insertBody } from '../organization/deep-insert.ts'
import { deleteRow } from '../organization/delete.ts'
import { findRow, requireRow } from '../organization/find.ts'
import { idOf } from '../organization/identity.ts'
import type { Table } from '../organization/schema.ts'
import { updateRow } from '../organization/update.ts'
import { upsertBody } from '../organization/upsert.ts'
import { isGuid } from '../organization/values.ts'
import { write } from '../organization/write.ts'
import type { Call } from '../webapi/call.ts'
import { bodyOptions } from '../webapi/write-options.ts'
import type { Operation, OperationContext, Parameter } from './operation.ts'

type Item = Record<string, unknown>

const onSet: Pick<Operation, 'kind' | 'sheet' | 'binding' | 'suits'> = {
  kind: 'action',
  sheet: '11',
  binding: { to: 'set' },
  suits: ({ noMultiple, intersect }) => !noMultiple && !intersect,
}
const targetsParameter: Parameter = { name: 'Targets', type: 'Collection(mscrm.crmbaseentity)' }

/** Writes one item; `done` holds the identities of the rows that items before it wrote. @returns the identity of the row */
type WriteItem = (call: Call, table: Table, item: Item, done: ReadonlySet<string>) => string

/** `CreateMultiple` and its like: many rows in one transaction; one that fails takes all with it (facts sheet "Bulk operations"). */
export const createMultiple: Operation = {
  ...onSet,
  name: 'CreateMultiple',
  about: 'creates rows, all or none',
  parameters: [targetsParameter],
  returns: [{ name: 'Ids', type: 'Collection(Edm.Guid)' }],
  run: (context) => ({ Ids: writeAll(context, create).map(idOf) }),
}

export const updateMultiple: Operation = { ...onSet, ...silent(update), name: 'UpdateMultiple', about: 'changes rows, all or none' }

export const upsertMultiple: Operation = {
  ...onSet,
  ...silent(upsert),
  name: 'UpsertMultiple',
  about: 'changes or creates rows, all or none',
}

export const deleteMultiple: Operation = {
  ...onSet,
  name: 'DeleteMultiple',
  about: 'deletes rows of elastic tables',
  parameters: [targetsParameter],
  run(context) {
    if (!context.table!.elastic) throw new WebApiError(501, '0x80040219', 'DeleteMultiple has not yet been implemented.')
    writeAll(context, remove)
    return undefined
  },
}

function silent(writeItem: WriteItem): Pick<Operation, 'parameters' | 'run'> {
  return {
    parameters: [targetsParameter],
    run(context) {
      writeAll(context, writeItem)
      return undefined
    },
  }
}

function writeAll({ call, table, parameters }: OperationContext, writeItem: WriteItem): string[] {
  const items = targets(table!, parameters)
  const done = new Set<string>()
  const one = (item: Item): string => {
    const identity = writeItem(call, table!, item, done)
    done.add(identity)
    return identity
  }
  return table!.elastic ? writeEach(call, table!, items, one) : write(call.organization, () => items.map(one))
}

/** Elastic tables know no transaction of many rows: the good ones stay, and the details of the error tell of the bad ones. */
function writeEach({ organization }: Call, table: Table, items: readonly Item[], one: (item: Item) => string): string[] {
  const failures: { index: number; error: WebApiError }[] = []
  const identities = items.map((item, index) => {
    try {
      return write(organization, () => one(item))
    } catch (error) {
      if (!(error instanceof WebApiError)) throw error
      failures.push({ index, error })
      return ''
    }
  })
  const [first] = failures
  if (!first) return identities
  const details = failures.map(({ index, error }) => ({
    RequestIndex: index,
    Id: textOf(items[index]![table.primaryId]),
    StatusCode: error.status,
  }))
  const { status, code, message } = first.error
  throw new WebApiError(status, code, message, { [organization.switches.bulk_error_annotation]: JSON.stringify(details) })
}

function targets(table: Table, { Targets }: Item): Item[] {
  const items = Targets as Item[]
  const type = `Microsoft.Dynamics.CRM.${table.logicalName}`
  if (items.some((item) => textOf(item['@odata.type']).replace(/^#/, '') !== type)) {
    throw badPayload(table.entitySetName, `Each item of 'Targets' must have the '@odata.type' '${type}'.`)
  }
  return items
}

function create(call: Call, table: Table, item: Item): string {
  return insertBody(call.organization, table, item, call.caller, bodyOptions(call))
}

/** Of several items for one row the first counts. */
function update(call: Call, table: Table, item: Item, done: ReadonlySet<string>): string {
  const identity = requireRow(call.organization, table, primaryKey(table, item))
  if (!done.has(identity))
    updateRow(call.organization, table, identity, fromBody(call.organization, table, item, bodyOptions(call)), call.caller)
  return identity
}

/** Several items for one row are an error, whose text the sheet does not give. */
function upsert(call: Call, table: Table, item: Item, done: ReadonlySet<string>): string {
  const key = isGuid(item[table.primaryId]) ? primaryKey(table, item) : keyOf(table, item)
  const existing = findRow(call.organization, table, key)
  const identity = upsertBody(call.organization, table, { key, existing }, item, call.caller, bodyOptions(call))
  if (done.has(identity)) throw new WebApiError(412, '0x80040237', 'Cannot insert duplicate key.')
  return identity
}

function remove(call: Call, table: Table, item: Item): string {
  const identity = requireRow(call.organization, table, primaryKey(table, item))
  deleteRow(call.organization, table, identity, call.caller)
  return identity
}

function primaryKey(table: Table, item: Item): RowKey {
  const id = textOf(item[table.primaryId]).toLowerCase()
  if (!isGuid(id)) throw badPayload(table.entitySetName, `Each item of 'Targets' must have its primary key '${table.primaryId}'.`)
  const partition = table.elastic ? item.partitionid : undefined
  return { id, ...(typeof partition === 'string' && { partition }) }
}

function keyOf(table: Table, item: Item): RowKey {
  const [, entitySet, text] = /(\w+)\((.*)\)$/s.exec(textOf(item['@odata.id'])) ?? []
  if (entitySet === table.entitySetName && text !== undefined) return parseKey(table, text)
  throw badPayload(
    table.entitySetName,
    `Each item of 'Targets' must have its primary key '${table.primaryId}' or an '@odata.id' that names a key.`,
  )
}
