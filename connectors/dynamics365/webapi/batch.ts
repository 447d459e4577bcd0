import { randomUUID } from 'node:crypto'
import { ConnectorError, type HttpResponse } from '../../../runner/connector/index.ts'

/** One request inside a batch. */
export interface BatchPart {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Absolute: an organization on-premises may live below a path that a relative URL would miss. */
  url: string
  headers: Record<string, string>
  /** JSON text. */
  body?: string
}

const end = '\r\n'

/** A `$batch` body: multipart/mixed of HTTP requests, every line ended with CRLF (facts sheet "$batch"). */
export function writeBatch(parts: readonly BatchPart[]): { contentType: string; body: string } {
  const boundary = `batch_${randomUUID()}`
  const lines = parts.flatMap((part) => [
    `--${boundary}`,
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    `${part.method} ${part.url} HTTP/1.1`,
    ...Object.entries(part.headers).map(([name, value]) => `${name}: ${value}`),
    ...(part.body === undefined ? [] : ['Content-Type: application/json; charset=utf-8']),
    '',
    part.body ?? '',
  ])
  return { contentType: `multipart/mixed; boundary="${boundary}"`, body: [...lines, `--${boundary}--`, ''].join(end) }
}

/**
 * The answers inside a batch answer, in order.
 * @throws ConnectorError `transient`, `unreadable_answer`
 */
export function readBatch(answer: HttpResponse): HttpResponse[] {
  const boundary = /boundary="?([^";,\s]+)"?/i.exec(answer.headers['content-type'] ?? '')?.[1]
  if (boundary === undefined) throw unreadable('it names no boundary')
  const delimiter = new RegExp(`(?:^|\\r?\\n)--${boundary.replaceAll(/[^\w]/g, '\\$&')}(?:--)?[ \\t]*(?=\\r?\\n|$)`, 'g')
  // Before the first delimiter stands a preamble, behind the last one an epilogue.
  return answer.body.split(delimiter).slice(1, -1).map(readPart)
}

function readPart(part: string): HttpResponse {
  const [, http] = cut(part)
  const [head, body] = cut(http)
  const [statusLine = '', ...headerLines] = head.split(/\r?\n/)
  const status = Number(/^HTTP\/\d(?:\.\d)? (\d{3})/.exec(statusLine)?.[1])
  if (!Number.isInteger(status)) throw unreadable('a part of it has no status line')
  const headers = headerLines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
  })
  return { status, headers: Object.fromEntries(headers), body }
}

/** Head and body of a message, parted by the first empty line. */
function cut(message: string): [string, string] {
  const gap = /\r?\n\r?\n/.exec(message)
  return gap ? [message.slice(0, gap.index), message.slice(gap.index + gap[0].length)] : [message, '']
}

function unreadable(why: string): ConnectorError {
  return new ConnectorError(
    'transient',
    'unreadable_answer',
    `The answer to a batch cannot be read: ${why}. It is tried again; look for a proxy that changes answers.`,
    {
      effect: 'unknown',
    },
  )
}
