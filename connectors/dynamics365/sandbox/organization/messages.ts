import { stableId } from './schema.ts'
import type { RowSeed, TableSeed } from './seed.ts'

/** Without `UpsertMultiple`: it works exactly where creating and updating do (facts sheet "UpdateMultiple, UpsertMultiple, DeleteMultiple"). */
const multiple = ['CreateMultiple', 'UpdateMultiple']
const single = ['Create', 'Update', 'Delete', 'Retrieve', 'RetrieveMultiple']

/** Names of the messages that a table has, other than those that change nothing but pairs. */
export function messagesOf({ noMultiple, elastic, intersect }: Pick<TableSeed, 'noMultiple' | 'elastic' | 'intersect'>): string[] {
  if (intersect) return ['Retrieve', 'RetrieveMultiple']
  return [...single, ...(noMultiple ? [] : multiple), ...(elastic && !noMultiple ? ['DeleteMultiple'] : [])]
}

/** Rows of `sdkmessage` and `sdkmessagefilter`, from which clients learn what a table supports and at which webhook steps are registered. */
export function messageRows(tables: readonly TableSeed[]): RowSeed[] {
  const names = [...single, ...multiple, 'DeleteMultiple', 'Associate', 'Disassociate']
  return [...names.map((name) => ({ table: 'sdkmessage', row: { sdkmessageid: messageId(name), name } })), ...tables.flatMap(filterRows)]
}

/** What can be done with a table, as rows of `sdkmessagefilter`. */
export function filterRows(table: TableSeed): RowSeed[] {
  return messagesOf(table).map((name) => filterRow(name, table.logicalName))
}

function filterRow(message: string, table: string): RowSeed {
  return {
    table: 'sdkmessagefilter',
    row: {
      sdkmessagefilterid: stableId(`message ${message} of ${table}`),
      'sdkmessageid@odata.bind': `/sdkmessages(${messageId(message)})`,
      primaryobjecttypecode: table,
      secondaryobjecttypecode: 'none',
      iscustomprocessingstepallowed: true,
    },
  }
}

function messageId(name: string): string {
  return stableId(`message ${name}`)
}
