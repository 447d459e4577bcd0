import { randomUUID } from 'node:crypto'
import type { Values } from '../organization/body.ts'
import { createRow } from '../organization/create.ts'
import { quoted } from '../organization/database.ts'
import { deleteRow } from '../organization/delete.ts'
import { readContent, writeContent } from '../organization/file-content.ts'
import { checkSize, type StoredFile } from '../organization/images.ts'
import type { Caller, Organization } from '../organization/open.ts'
import type { Column, Table } from '../organization/schema.ts'
import { typeColumn } from '../organization/tables.ts'
import { updateRow } from '../organization/update.ts'
import { write } from '../organization/write.ts'

/** A file or image column of one row. */
export interface FilePlace {
  table: Table
  id: string
  column: Column
}

const octets = 'application/octet-stream'

/**
 * Puts a file into a file column; the one before goes.
 * @returns its id
 * @throws WebApiError 0x80044a02 when it is larger than the column takes
 */
export function storeFile(
  organization: Organization,
  { table, id, column }: FilePlace,
  file: { name: string; mimeType?: string; content: Buffer },
  caller: Caller,
): string {
  checkSize(column, file.content.length)
  return write(organization, () => {
    const before = fileIdOf(organization, { table, id, column })
    const fileId = randomUUID()
    const files = organization.schema.tables.get('fileattachment')!
    const object = files.columns.get('objectid')!
    const values: Values = new Map<string, string | number>([
      ['fileattachmentid', fileId],
      ['filename', file.name],
      ['filesizeinbytes', file.content.length],
      ['mimetype', file.mimeType ?? octets],
      ['regardingfieldname', column.name],
      ['objectid', id],
    ])
    if (object.polymorphic) values.set(typeColumn(object), table.logicalName)
    const server: Caller = { ...caller, server: true }
    createRow(organization, files, values, server)
    writeContent(organization.database, fileId, file.content)
    updateRow(
      organization,
      table,
      id,
      new Map([
        [column.name, fileId],
        [`${column.name}_name`, file.name],
      ]),
      caller,
    )
    if (before !== undefined) deleteRow(organization, files, before, server)
    return fileId
  })
}

/** Empties a file column. */
export function clearFile(organization: Organization, { table, id, column }: FilePlace, caller: Caller): void {
  write(organization, () => {
    const before = fileIdOf(organization, { table, id, column })
    updateRow(
      organization,
      table,
      id,
      new Map([
        [column.name, null],
        [`${column.name}_name`, null],
      ]),
      caller,
    )
    if (before !== undefined)
      deleteRow(organization, organization.schema.tables.get('fileattachment')!, before, { ...caller, server: true })
  })
}

/** The file of a column; undefined when it is empty. */
export function loadFile(organization: Organization, place: FilePlace): StoredFile | undefined {
  const id = fileIdOf(organization, place)
  if (id === undefined) return undefined
  const row = organization.database.get('select filename, mimetype from fileattachment where fileattachmentid = ?', id)
  const content = readContent(organization.database, id)
  return row && content && { id, name: String(row.filename), mimeType: String(row.mimetype), content }
}

/** The column that a file is in. */
export function placeOf({ database, schema }: Organization, fileId: string): FilePlace | undefined {
  const object = schema.tables.get('fileattachment')!.columns.get('objectid')!
  const type = object.polymorphic ? quoted(typeColumn(object)) : `'${object.lookups[0]?.target}'`
  const sql = `select objectid, ${type} as type, regardingfieldname as name from fileattachment where fileattachmentid = ?`
  const row = database.get(sql, fileId)
  const table = schema.tables.get(String(row?.type))
  const column = table?.columns.get(String(row?.name))
  return row && table && column && { table, id: String(row.objectid), column }
}

function fileIdOf({ database }: Organization, { table, id, column }: FilePlace): string | undefined {
  const sql = `select ${quoted(column.name)} as file from ${quoted(table.logicalName)} where ${quoted(table.identity)} = ?`
  const file = database.get(sql, id)?.file
  return file == null ? undefined : String(file)
}
