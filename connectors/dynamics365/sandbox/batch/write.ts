import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { notSupported } from '../error.ts'
import type { WebApiResponse } from '../webapi/call.ts'
import { failed } from '../webapi/response.ts'

/** What came of an item: the answer to a request or of a change set that failed, or the answers to a change set. */
export type ItemAnswer = { answer: WebApiResponse; changeSet?: undefined } | { changeSet: readonly PartAnswer[] }

export interface PartAnswer {
  answer: WebApiResponse
  contentId: string | undefined
}

const end = '\r\n'

/** The body of a batch's answer (facts sheet "Shape"). */
export function writeItems(items: readonly ItemAnswer[]): { contentType: string; body: string } {
  const parts = items.map((item) =>
    item.changeSet ? changeSetLines(item.changeSet) : partLines({ answer: item.answer, contentId: undefined }),
  )
  return multipart('batchresponse', parts)
}

function changeSetLines(parts: readonly PartAnswer[]): string[] {
  const { contentType, body } = multipart('changesetresponse', parts.map(partLines))
  return [`Content-Type: ${contentType}`, '', body.slice(0, -end.length)]
}

function partLines({ answer, contentId }: PartAnswer): string[] {
  // The parts are joined as text, which bytes would not survive.
  const { status, headers, body } = Buffer.isBuffer(answer.body) ? failed(notSupported('the bytes of a file inside $batch')) : answer
  return [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    ...(contentId === undefined ? [] : [`Content-ID: ${contentId}`]),
    '',
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '',
    String(body),
  ]
}

function multipart(kind: string, parts: readonly string[][]): { contentType: string; body: string } {
  const boundary = `${kind}_${randomUUID()}`
  const lines = [...parts.flatMap((part) => [`--${boundary}`, ...part]), `--${boundary}--`, '']
  return { contentType: `multipart/mixed; boundary=${boundary}`, body: lines.join(end) }
}
