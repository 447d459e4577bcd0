import { WebApiError } from '../error.ts'
import { beginUpload } from '../files/uploads.ts'
import { fromBody } from '../organization/body.ts'
import { createRow } from '../organization/create.ts'
import { findRow } from '../organization/find.ts'
import type { Caller, Organization } from '../organization/open.ts'
import type { Table } from '../organization/schema.ts'
import { updateRow } from '../organization/update.ts'
import { write } from '../organization/write.ts'
import { commitBlocks, downloadMembers, downloadResult } from './file-blocks.ts'
import type { Operation, OperationContext, Parameter } from './operation.ts'
import { rowParameter, typeOf } from './rows.ts'

interface Kind {
  table: string
  /** Column with the file in Base64. */
  column: string
  word: 'Annotation' | 'Attachment'
  idMember: string
}

const kinds: Kind[] = [
  { table: 'annotation', column: 'documentbody', word: 'Annotation', idMember: 'AnnotationId' },
  { table: 'activitymimeattachment', column: 'body', word: 'Attachment', idMember: 'ActivityMimeAttachmentId' },
]

const action = { kind: 'action', sheet: '13.5' } as const
const token: Parameter = { name: 'FileContinuationToken', type: 'Edm.String' }

/** Notes and attachments of e-mails in blocks; a target that there is not is created (facts sheet "Notes and e-mail attachments"). */
export const noteBlocks: readonly Operation[] = kinds.flatMap((kind) => [initialize(kind), commit(kind), initializeDownload(kind)])

function initialize({ word, table }: Kind): Operation {
  return {
    ...action,
    name: `Initialize${word}BlocksUpload`,
    about: `begins the upload of the file of a row of ${table} in blocks`,
    parameters: [{ name: 'Target', type: `mscrm.${table}` }],
    returns: [token],
    run({ organization }) {
      // What becomes of the whole is told when it is committed, together with the row.
      return { FileContinuationToken: beginUpload(organization, { name: '', finish: () => '' }) }
    },
  }
}

function commit(kind: Kind): Operation {
  const { word, table, idMember } = kind
  return {
    ...action,
    name: `Commit${word}BlocksUpload`,
    about: `makes the row of ${table} with the file of the blocks`,
    parameters: [{ name: 'Target', type: `mscrm.${table}` }, { name: 'BlockList', type: 'Collection(Edm.String)' }, token],
    returns: [
      { name: idMember, type: 'Edm.Guid' },
      { name: 'FileSizeInBytes', type: 'Edm.Int64' },
    ],
    run(context) {
      const { organization, call, parameters } = context
      const target = parameters.Target as Record<string, unknown>
      const own = typeOf(organization, target, table)
      // As a whole: the blocks of a token may belong to a file column, and be stored there as well.
      return write(organization, () => {
        const { content, bytes } = commitBlocks(context)
        const id = save(organization, own, { ...target, [kind.column]: content.toString('base64') }, call.caller)
        return { [idMember]: id, FileSizeInBytes: bytes }
      })
    },
  }
}

function save(organization: Organization, table: Table, body: Record<string, unknown>, caller: Caller): string {
  const id = typeof body[table.primaryId] === 'string' ? String(body[table.primaryId]).toLowerCase() : undefined
  const values = fromBody(organization, table, body)
  if (id === undefined || findRow(organization, table, { id }) === undefined) return createRow(organization, table, values, caller)
  updateRow(organization, table, id, values, caller)
  return id
}

function initializeDownload({ word, table, column }: Kind): Operation {
  return {
    ...action,
    name: `Initialize${word}BlocksDownload`,
    about: `begins the download of the file of a row of ${table} in blocks`,
    parameters: [{ name: 'Target', type: `mscrm.${table}` }],
    returns: downloadMembers(),
    run: (context) => download(context, table, column),
  }
}

function download(context: OperationContext, table: string, column: string): Record<string, unknown> {
  const { organization, parameters } = context
  const { id } = rowParameter(organization, parameters.Target, table)
  const sql = `select ${column} as body, filename from ${table} where ${organization.schema.tables.get(table)!.primaryId} = ?`
  const row = organization.database.get(sql, id)
  if (row?.body == null) throw new WebApiError(404, '0x80040217', `The row ${id} of ${table} has no file.`)
  return downloadResult(context, Buffer.from(String(row.body), 'base64'), String(row.filename ?? ''))
}
