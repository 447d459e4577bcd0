import { wrongMethod } from '../error.ts'
import type { Call, WebApiRequest, WebApiResponse } from '../webapi/call.ts'
import { failed } from '../webapi/response.ts'
import { runChangeSet } from './change-set.ts'
import { type Item, type Part, readItems } from './read.ts'
import { resolveReferences } from './references.ts'
import { type ItemAnswer, writeItems } from './write.ts'

/** Answers one request of a batch. */
export type Run = (part: Part) => WebApiResponse

/** `$batch` (facts sheet "$batch"): items run in order; the first failure ends it unless the client asked to go on. */
export function handleBatch(call: Call, answer: (part: Omit<WebApiRequest, 'origin' | 'userId'>) => WebApiResponse): WebApiResponse {
  if (call.method !== 'POST') throw wrongMethod(call.method)
  const { switches, database } = call.organization
  const items = readItems(call.header('content-type'), call.body, switches)
  const inherited = switches.batch_headers_inherited ? headersFor(call) : {}
  const run: Run = ({ method, url, headers, body }) =>
    answer({ method, rawUrl: rawUrlOf(call, url), headers: { ...inherited, ...headers }, body })
  // Each item succeeds or fails alone; one commit for all of them is merely faster.
  const answers = database.transaction(() => runItems(call, items, run))
  const failures = call.prefer.continueOnError
    ? []
    : answers.flatMap((one) => (one.changeSet || one.answer.status < 400 ? [] : [one.answer.status]))
  const status = failures[0] === undefined ? 200 : switches.batch_failed_status === 'part' ? failures[0] : switches.batch_failed_status
  const { contentType, body } = writeItems(answers)
  return { status, headers: { 'Content-Type': contentType, 'OData-Version': '4.0' }, body }
}

function runItems(call: Call, items: readonly Item[], run: Run): ItemAnswer[] {
  const answers: ItemAnswer[] = []
  for (const item of items) {
    const answer = item.changeSet ? runChangeSet(call.organization, item.changeSet, run) : { answer: runAlone(item.request, run) }
    answers.push(answer)
    if (!answer.changeSet && answer.answer.status >= 400 && !call.prefer.continueOnError) break
  }
  return answers
}

function runAlone(part: Part, run: Run): WebApiResponse {
  try {
    return run(resolveReferences(part, new Map()))
  } catch (error) {
    return failed(error)
  }
}

/** Host and scheme of an absolute address are not looked at; a relative one stands below the service root of the batch. */
function rawUrlOf(call: Call, url: string): string {
  const path = url.replace(/^https?:\/\/[^/]+/i, '')
  if (path.startsWith('/')) return path
  if (path.startsWith('api/data/')) return `/${path}`
  return `${call.base.replace(/^https?:\/\/[^/]+/, '')}/${path}`
}

function headersFor(call: Call): Record<string, string> {
  const names = ['prefer', 'accept', 'callerobjectid', 'mscrmcallerid', 'mscrm.suppressduplicatedetection', 'mscrm.solutionuniquename']
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = call.header(name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
