import { badQuery, notSupported } from '../error.ts'
import type { WebApiRequest } from '../webapi/call.ts'

type Part = Omit<WebApiRequest, 'origin' | 'userId'>

const mostParts = 1_000

/**
 * The requests inside a batch, in order. Lines end with CRLF, as MIME wants it.
 * @throws WebApiError 400 for what is no batch, 501 for change sets
 */
export function readParts(contentType: string | undefined, body: Buffer): Part[] {
  const boundary = /^multipart\/mixed\s*;.*boundary="?([^";,\s]+)"?/i.exec(contentType ?? '')?.[1]
  if (boundary === undefined) throw badQuery('A batch needs the content type multipart/mixed with a boundary.')
  const text = body.toString('utf8')
  const pieces = `\r\n${text}`.split(`\r\n--${boundary}`)
  if (pieces.length < 2 || !pieces.at(-1)?.startsWith('--'))
    throw badQuery('The batch does not end with its boundary. Every line must end with CRLF.')
  const parts = pieces.slice(1, -1).map(readPart)
  if (parts.length > mostParts) throw badQuery(`The number of requests in the batch exceeds the limit of ${mostParts}.`)
  return parts
}

function readPart(piece: string): Part {
  const [head, request] = cut(piece.replace(/^[ \t]*\r\n/, ''))
  const type = headersOf(head)['content-type'] ?? ''
  if (type.startsWith('multipart/mixed')) throw notSupported('change sets in $batch')
  if (type !== 'application/http') throw badQuery('A part of a batch needs the content type application/http.')
  const [start, body] = cut(request)
  const [line = '', ...headerLines] = start.split('\r\n')
  const [, method, url] = /^([A-Z]+) (\S+) HTTP\/1\.1$/.exec(line) ?? []
  if (method === undefined || url === undefined) throw badQuery(`A part of a batch has no request line: '${line}'.`)
  const rawUrl = url.replace(/^https?:\/\/[^/]+/, '')
  if (/\/\$batch\b/.test(rawUrl)) throw badQuery('A batch cannot hold another batch.')
  return {
    method,
    rawUrl: rawUrl.startsWith('/') ? rawUrl : `/api/data/v9.2/${rawUrl}`,
    headers: headersOf(headerLines.join('\r\n')),
    body: Buffer.from(body),
  }
}

/** Head and body, parted by the first empty line. */
function cut(text: string): [string, string] {
  const gap = text.indexOf('\r\n\r\n')
  return gap < 0 ? [text, ''] : [text.slice(0, gap), text.slice(gap + 4)]
}

function headersOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split('\r\n')
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')).trim().toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
}
