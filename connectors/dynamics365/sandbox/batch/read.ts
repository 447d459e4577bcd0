import { badQuery, WebApiError } from '../error.ts'
import type { Switches } from '../switches.ts'
import { type Framing, framing, headersOf, isMultipart } from './multipart.ts'

/** A request inside a batch. */
export interface Part {
  method: string
  /** As it was written: absolute, from the root, from the service root, or `$<Content-ID>…`. */
  url: string
  headers: Record<string, string>
  body: Buffer
  contentId?: string
}

/** One item of a batch: a request, or a change set of several. */
export type Item = { request: Part; changeSet?: undefined } | { changeSet: readonly Part[] }

const mostParts = 1_000

/**
 * The items of a batch, in order.
 * @throws WebApiError 400 for what is no batch
 */
export function readItems(contentType: string | undefined, body: Buffer, switches: Switches): Item[] {
  const lines = framing(switches.batch_line_endings === 'strict')
  // One character for each byte, so that bodies of any encoding pass unchanged.
  const items = lines.split(body.toString('latin1'), contentType).map((piece) => readItem(piece, lines, switches))
  const count = items.reduce((sum, { changeSet }) => sum + (changeSet?.length ?? 1), 0)
  if (count > mostParts)
    throw new WebApiError(
      switches.batch_too_many_parts_status,
      '0x80060888',
      `The number of requests in the batch exceeds the limit of ${mostParts}.`,
    )
  return items
}

function readItem(piece: string, lines: Framing, switches: Switches): Item {
  const [head, rest] = lines.cut(piece)
  const type = headersOf(head)['content-type']
  if (!isMultipart(type)) return { request: readPart(piece, lines) }
  const parts = lines.split(rest, type).map((inner) => readPart(inner, lines))
  checkChangeSet(parts, switches)
  return { changeSet: parts }
}

function checkChangeSet(parts: readonly Part[], switches: Switches): void {
  const seen = new Set<string>()
  for (const { method, contentId } of parts) {
    if (method === 'GET' || method === 'HEAD') throw badQuery(`A change set of a batch cannot hold a request with the method '${method}'.`)
    if (contentId === undefined) {
      if (switches.batch_content_id_required) throw badQuery('A request in a change set needs the header Content-ID.')
    } else if (seen.has(contentId)) throw badQuery(`The Content-ID '${contentId}' stands twice in one change set.`)
    else seen.add(contentId)
  }
}

function readPart(piece: string, lines: Framing): Part {
  const [head, request] = lines.cut(piece)
  const mime = headersOf(head)
  if (isMultipart(mime['content-type'])) throw badQuery('A change set cannot hold another one.')
  if (!/^application\/http\b/i.test(mime['content-type'] ?? ''))
    throw badQuery('A part of a batch needs the content type application/http.')
  const encoding = mime['content-transfer-encoding'] ?? 'binary'
  if (!/^(?:binary|[78]bit)$/i.test(encoding))
    throw badQuery(`A part of a batch has the Content-Transfer-Encoding '${encoding}'; it must be binary.`)
  const [start, body] = lines.cut(request)
  const [line = '', ...headerLines] = start.split(/\r?\n/)
  // The address is what stands between the first and the last space: clients of Microsoft leave spaces in `$filter` as they are.
  const [, method, url] = /^([A-Z]+) (\S.*) HTTP\/1\.1[ \t]*$/.exec(line) ?? []
  if (method === undefined || url === undefined) throw badQuery(`A part of a batch has no request line: '${line.slice(0, 200)}'.`)
  if (/\/\$batch\b/.test(`/${url}`)) throw badQuery('A batch cannot hold another batch.')
  const headers = headersOf(headerLines.join('\n'))
  const contentId = mime['content-id'] ?? headers['content-id']
  const address = Buffer.from(url, 'latin1').toString('utf8')
  return { method, url: address, headers, body: Buffer.from(body, 'latin1'), ...(contentId !== undefined && { contentId }) }
}
