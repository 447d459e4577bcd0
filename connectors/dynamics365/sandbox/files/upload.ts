import { badQuery, WebApiError } from '../error.ts'
import type { Values } from '../organization/body.ts'
import { setImage } from '../organization/images.ts'
import { updateRow } from '../organization/update.ts'
import type { Call, WebApiResponse } from '../webapi/call.ts'
import { noContent } from '../webapi/response.ts'
import { type FilePlace, storeFile } from './file-column.ts'
import { beginUpload, uploadOf } from './uploads.ts'

const chunkSize = 4_194_304
const mostInOneRequest = 128 * 1024 * 1024

/** `PATCH` of a file or image column: whole, the beginning of an upload in chunks, or one chunk (facts sheet "File column: upload and delete"). */
export function uploadFile(call: Call, place: FilePlace): WebApiResponse {
  const token = call.query.get('sessiontoken')
  if (token !== undefined) return chunk(call, token)
  if (call.header('x-ms-transfer-mode') === 'chunked' && !call.header('content-range')) return begin(call, place)
  if (call.body.length >= mostInOneRequest)
    throw new WebApiError(413, '0x8004418a', 'The file is too large for one request. Send it in chunks.')
  finish(call, place, call.body, fileName(call))
  return noContent()
}

function begin(call: Call, place: FilePlace): WebApiResponse {
  const name = fileName(call)
  const token = beginUpload(call.organization, { name, finish: (content) => finish(call, place, content, name) })
  return {
    status: 200,
    headers: {
      'OData-Version': '4.0',
      Location: `${call.base}/${call.path}?sessiontoken=${token}`,
      'x-ms-chunk-size': String(chunkSize),
      'Accept-Ranges': 'bytes',
      'Access-Control-Expose-Headers': 'x-ms-chunk-size',
    },
    body: '',
  }
}

/** Chunks may come in any order; the one that completes the file closes the upload. An empty one after it changes nothing. */
function chunk(call: Call, token: string): WebApiResponse {
  const upload = uploadOf(call.organization, token)
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(call.header('content-range') ?? '') ?? []
  if (from === undefined || total === undefined) throw badQuery('A chunk needs the header Content-Range: bytes <first>-<last>/<size>.')
  if (upload.done) return noContent()
  if (Number(from) + call.body.length > Number(total)) throw badQuery('The chunk goes beyond the size that Content-Range names.')
  upload.pieces.set(Number(from), call.body)
  const received = [...upload.pieces.values()].reduce((sum, { length }) => sum + length, 0)
  if (received < Number(total)) return { status: 206, headers: { 'OData-Version': '4.0' }, body: '' }
  const pieces = [...upload.pieces].sort(([a], [b]) => Number(a) - Number(b)).map(([, piece]) => piece)
  upload.finish(Buffer.concat(pieces), {})
  upload.done = true
  upload.pieces.clear()
  return noContent()
}

function finish({ organization, caller }: Call, place: FilePlace, content: Buffer, name: string): string {
  if (place.column.type === 'File') return storeFile(organization, place, { name, content }, caller)
  const values: Values = new Map()
  setImage(organization, place.table, values, place.column, content)
  updateRow(organization, place.table, place.id, values, caller)
  return String(values.get(`${place.column.name}id`))
}

/** The header wins; the query may hold any characters (facts sheet "File column: upload and delete"). */
function fileName(call: Call): string {
  const name = call.header('x-ms-file-name') ?? call.query.get('x-ms-file-name')
  if (!name) throw badQuery('The file needs a name: the header or query parameter x-ms-file-name.')
  return name
}
