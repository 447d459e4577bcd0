import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { wrongMethod } from '../error.ts'
import type { Call, WebApiRequest, WebApiResponse } from '../webapi/call.ts'
import { readParts } from './read.ts'

const end = '\r\n'

/** `$batch` without change sets (facts sheet "$batch"): parts run in order; the first failure ends it unless the client asked to go on. */
export async function handleBatch(
  call: Call,
  run: (part: Omit<WebApiRequest, 'origin' | 'userId'>) => Promise<WebApiResponse>,
): Promise<WebApiResponse> {
  if (call.method !== 'POST') throw wrongMethod(call.method)
  const parts = readParts(call.header('content-type'), call.body)
  const answers: WebApiResponse[] = []
  let status = 200
  for (const part of parts) {
    const answer = await run(part)
    answers.push(answer)
    if (answer.status >= 400 && !call.prefer.continueOnError) {
      status = answer.status
      break
    }
  }
  const boundary = `batchresponse_${randomUUID()}`
  return {
    status,
    headers: { 'Content-Type': `multipart/mixed; boundary=${boundary}`, 'OData-Version': '4.0' },
    body: [...answers.flatMap((answer) => [`--${boundary}`, ...lines(answer)]), `--${boundary}--`, ''].join(end),
  }
}

function lines({ status, headers, body }: WebApiResponse): string[] {
  return [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '',
    body,
  ]
}
