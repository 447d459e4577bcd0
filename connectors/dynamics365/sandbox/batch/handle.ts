import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { wrongMethod } from '../error.ts'
import type { Call, WebApiRequest, WebApiResponse } from '../webapi/call.ts'
import { readParts } from './read.ts'

const end = '\r\n'

type Run = (part: Omit<WebApiRequest, 'origin' | 'userId'>) => WebApiResponse

/** `$batch` without change sets (facts sheet "$batch"): parts run in order; the first failure ends it unless the client asked to go on. */
export function handleBatch(call: Call, run: Run): WebApiResponse {
  if (call.method !== 'POST') throw wrongMethod(call.method)
  const parts = readParts(call.header('content-type'), call.body)
  // Each part succeeds or fails alone; one commit for all of them is merely faster.
  const answers = call.organization.database.transaction(() => runParts(parts, run, call.prefer.continueOnError))
  const failed = call.prefer.continueOnError ? undefined : answers.find(({ status }) => status >= 400)
  const boundary = `batchresponse_${randomUUID()}`
  return {
    status: failed?.status ?? 200,
    headers: { 'Content-Type': `multipart/mixed; boundary=${boundary}`, 'OData-Version': '4.0' },
    body: [...answers.flatMap((answer) => [`--${boundary}`, ...lines(answer)]), `--${boundary}--`, ''].join(end),
  }
}

function runParts(parts: Parameters<Run>[0][], run: Run, continueOnError: boolean): WebApiResponse[] {
  const answers: WebApiResponse[] = []
  for (const part of parts) {
    const answer = run(part)
    answers.push(answer)
    if (answer.status >= 400 && !continueOnError) break
  }
  return answers
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
