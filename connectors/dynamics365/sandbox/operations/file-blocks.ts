import { badQuery, WebApiError } from '../error.ts'
import { notInChunks } from '../files/download.ts'
import { clearFile, type FilePlace, loadFile, placeOf, storeFile } from '../files/file-column.ts'
import { beginDownload, beginUpload, downloadOf, endUpload, uploadOf } from '../files/uploads.ts'
import { requireRight } from '../privileges/check.ts'
import type { Operation, OperationContext, Parameter } from './operation.ts'
import { rowParameter } from './rows.ts'

const action = { kind: 'action', sheet: '13.1' } as const
const target: Parameter = { name: 'Target', type: 'mscrm.crmbaseentity' }
const token: Parameter = { name: 'FileContinuationToken', type: 'Edm.String' }
const blockList: Parameter = { name: 'BlockList', type: 'Collection(Edm.String)' }
const mostBlockBytes = 4_194_304

/** The actions that move a file in blocks (facts sheet "File column: upload and delete", "download"). */
export const initializeFileBlocksUpload: Operation = {
  ...action,
  name: 'InitializeFileBlocksUpload',
  about: 'begins the upload of a file column in blocks',
  parameters: [target, { name: 'FileName', type: 'Edm.String' }, { name: 'FileAttributeName', type: 'Edm.String' }],
  returns: [token],
  run(context) {
    const { organization, call, parameters } = context
    const place = filePlace(context)
    requireRight(organization, call.caller, place.table, 'Write', place.id)
    const name = String(parameters.FileName)
    return {
      FileContinuationToken: beginUpload(organization, {
        name,
        finish: (content, facts) => storeFile(organization, place, { name, ...facts, content }, call.caller),
      }),
    }
  },
}

export const uploadBlock: Operation = {
  ...action,
  name: 'UploadBlock',
  about: 'sends one block',
  parameters: [{ name: 'BlockId', type: 'Edm.String' }, { name: 'BlockData', type: 'Edm.Binary' }, token],
  run({ organization, parameters }) {
    const upload = uploadOf(organization, parameters.FileContinuationToken)
    const id = String(parameters.BlockId)
    const bytes = Buffer.from(String(parameters.BlockData), 'base64')
    if (Buffer.byteLength(id, 'base64') > 64) throw badQuery('A block id may have 64 bytes, in Base64.')
    const [other] = upload.pieces.keys()
    if (other !== undefined && String(other).length !== id.length) throw badQuery('All block ids of a file must have the same length.')
    if (bytes.length > mostBlockBytes) throw badQuery(`A block may have ${mostBlockBytes} bytes.`)
    upload.pieces.set(id, bytes)
    return undefined
  },
}

export const commitFileBlocksUpload: Operation = {
  ...action,
  name: 'CommitFileBlocksUpload',
  about: 'makes the file of its blocks, in the order of the list',
  parameters: [{ name: 'FileName', type: 'Edm.String' }, { name: 'MimeType', type: 'Edm.String' }, blockList, token],
  returns: [
    { name: 'FileId', type: 'Edm.Guid' },
    { name: 'FileSizeInBytes', type: 'Edm.Int64' },
  ],
  run(context) {
    const { id, bytes } = commitBlocks(context)
    return { FileId: id, FileSizeInBytes: bytes }
  },
}

/** Puts the blocks together; the upload is over. @throws WebApiError 400 for a block that was not sent */
export function commitBlocks({ organization, parameters }: OperationContext): { id: string; bytes: number; content: Buffer } {
  const uploadToken = String(parameters.FileContinuationToken)
  const upload = uploadOf(organization, uploadToken)
  const blocks = (parameters.BlockList as unknown[]).map((id) => {
    const block = upload.pieces.get(String(id))
    if (!block) throw badQuery(`The block '${id}' was not uploaded.`)
    return block
  })
  const content = Buffer.concat(blocks)
  const { FileName: name, MimeType: mimeType } = parameters
  const facts = { ...(typeof name === 'string' && { name }), ...(typeof mimeType === 'string' && { mimeType }) }
  const id = upload.finish(content, facts)
  endUpload(organization, uploadToken)
  return { id, bytes: content.length, content }
}

export const initializeFileBlocksDownload: Operation = {
  ...action,
  name: 'InitializeFileBlocksDownload',
  about: 'begins the download of a file column in blocks',
  parameters: [target, { name: 'FileAttributeName', type: 'Edm.String' }],
  returns: downloadMembers(),
  run(context) {
    const { organization, call } = context
    const place = filePlace(context)
    requireRight(organization, call.caller, place.table, 'Read', place.id)
    const file = loadFile(organization, place)
    if (!file) throw new WebApiError(404, '0x80040217', `The file column '${place.column.name}' is empty.`)
    return downloadResult(context, file.content, file.name)
  },
}

/** What every `Initialize…BlocksDownload` answers. */
export function downloadMembers(): Parameter[] {
  return [
    { name: 'FileSizeInBytes', type: 'Edm.Int64' },
    { name: 'FileName', type: 'Edm.String' },
    token,
    { name: 'IsChunkingSupported', type: 'Edm.Boolean' },
  ]
}

export function downloadResult({ organization }: OperationContext, content: Buffer, name: string): Record<string, unknown> {
  return {
    FileSizeInBytes: content.length,
    FileName: name,
    FileContinuationToken: beginDownload(organization, content),
    IsChunkingSupported: !organization.switches.files_in_database,
  }
}

export const downloadBlock: Operation = {
  ...action,
  sheet: '13.2',
  name: 'DownloadBlock',
  about: 'gets one block',
  parameters: [{ name: 'Offset', type: 'Edm.Int64' }, { name: 'BlockLength', type: 'Edm.Int64' }, token],
  returns: [{ name: 'Data', type: 'Edm.Binary' }],
  run({ organization, parameters }) {
    const { content } = downloadOf(organization, parameters.FileContinuationToken)
    // As text first, which long numbers are kept as.
    const [offset = 0, length = 0] = [parameters.Offset, parameters.BlockLength].map((value) => Number(JSON.stringify(value)))
    if (organization.switches.files_in_database && (offset > 0 || length < content.length)) throw notInChunks()
    return { Data: content.subarray(offset, offset + length).toString('base64') }
  },
}

export const deleteFile: Operation = {
  ...action,
  name: 'DeleteFile',
  about: 'empties the file column that a file is in',
  parameters: [{ name: 'FileId', type: 'Edm.Guid' }],
  run({ organization, call, parameters }) {
    const id = String(parameters.FileId).toLowerCase()
    const place = placeOf(organization, id)
    if (!place) throw new WebApiError(404, '0x80040217', `fileattachment With Id = ${id} Does Not Exist`)
    clearFile(organization, place, call.caller)
    return undefined
  },
}

/** @throws WebApiError 400 for a column that holds no file */
function filePlace({ organization, parameters }: OperationContext): FilePlace {
  const { table, id } = rowParameter(organization, parameters.Target, 'crmbaseentity')
  const column = table.columns.get(String(parameters.FileAttributeName))
  if (column?.type !== 'File') throw badQuery(`'${parameters.FileAttributeName}' is no file column of ${table.logicalName}.`)
  return { table, id, column }
}
