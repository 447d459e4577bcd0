import { WebApiError } from '../error.ts'
import { quoted } from '../organization/database.ts'
import { loadImage, type StoredFile } from '../organization/images.ts'
import type { Call, WebApiResponse } from '../webapi/call.ts'
import { json, noContent } from '../webapi/response.ts'
import { type FilePlace, loadFile } from './file-column.ts'

const chunkSize = 4_194_304

interface Part {
  status: number
  bytes: Buffer
  headers: Record<string, string>
}

/** `/$value` of a file or image column: its bytes, whole or a range of them (facts sheet "File column: download"). */
export function downloadBytes(call: Call, place: FilePlace): WebApiResponse {
  const file = fileOf(call, place)
  if (!file) return noContent()
  const { status, bytes, headers } = part(call, file)
  return { status, headers: { ...headers, 'Content-Type': 'application/octet-stream' }, body: bytes }
}

/** The column itself: the same bytes in Base64 inside JSON. */
export function downloadJson(call: Call, { table, id, column }: FilePlace): WebApiResponse {
  const file = fileOf(call, { table, id, column })
  if (!file) return noContent()
  const { status, bytes, headers } = part(call, file)
  const context = `${call.base}/$metadata#${table.entitySetName}(${id})/${column.property}`
  const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`
  return json(status, { '@odata.context': context, value: bytes.toString('base64') }, { ...headers, 'Content-Disposition': disposition })
}

function fileOf(call: Call, place: FilePlace): StoredFile | undefined {
  if (place.column.type === 'File') return loadFile(call.organization, place)
  const { table, id, column } = place
  const [image, imageId] = [column.name, `${column.name}id`].map(quoted)
  const sql = `select ${image} as image, ${imageId} as id from ${quoted(table.logicalName)} where ${quoted(table.identity)} = ?`
  const stored = call.organization.database.get(sql, id)
  const full = call.query.get('size') === 'full'
  return stored && loadImage(call.organization, { image: stored.image, id: stored.id }, { full, column })
}

/** @throws WebApiError 0x80090017 for a range where files are kept in the database itself */
function part(call: Call, { name, mimeType, content }: StoredFile): Part {
  const about = {
    'OData-Version': '4.0',
    'x-ms-file-name': encodeURI(name),
    'x-ms-file-size': String(content.length),
    mimetype: mimeType,
  }
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(call.header('range') ?? '') ?? []
  if (first === undefined) return { status: 200, bytes: content, headers: about }
  if (call.organization.switches.files_in_database) throw notInChunks()
  const end = last === '' || last === undefined ? content.length : Math.min(Number(last) + 1, content.length)
  const bytes = content.subarray(Number(first), Math.max(Number(first), end))
  return { status: 206, bytes, headers: { ...about, 'x-ms-chunk-size': String(chunkSize), ...range(Number(first), bytes, content) } }
}

function range(first: number, bytes: Buffer, content: Buffer): Record<string, string> {
  return bytes.length === 0 ? {} : { 'Content-Range': `bytes ${first}-${first + bytes.length - 1}/${content.length}` }
}

export function notInChunks(): WebApiError {
  return new WebApiError(400, '0x80090017', 'Downloading in multiple chunks is not supported for the files stored in the database.')
}
