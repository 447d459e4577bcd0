import { type Bar, ConnectorError, type FailureFacts, type HttpResponse, parseJson } from '../../../runner/connector/index.ts'

/** What a Dataverse error code means to us, and the likely fix. Codes and names: facts sheet "Frequent codes". */
interface Meaning {
  code: string
  fix: string
}

const notFound: Meaning = { code: 'record_not_found', fix: 'Check the id or key; the row may have been deleted.' }
const duplicate: Meaning = { code: 'duplicate_record', fix: 'Use `upsert_record`, or correct the key values.' }
const conflict: Meaning = { code: 'conflict', fix: 'Read the row again and decide anew.' }
const noPrivilege: Meaning = {
  code: 'missing_privilege',
  fix: 'Give the user of the connection a security role with the privilege that the message names.',
}
const payload: Meaning = { code: 'invalid_value', fix: 'Correct the column or value that the message names.' }
const query: Meaning = { code: 'invalid_query', fix: 'Correct the filter, columns or order.' }
const busy: Meaning = { code: 'throttled', fix: 'Lower `limits.at_once`, or run fewer recipes at once with this user.' }
const database: Meaning = { code: 'server_busy', fix: 'Lower `limits.at_once`, or avoid writing one row from several places at once.' }
/** Who signed in has no place here, whatever is asked. Facts sheet "What Dataverse answers". */
const notAtHome: Record<string, Meaning> = {
  '0x80072560': {
    code: 'user_not_in_organization',
    fix: 'Add whoever signs in to the organization: a person as a user, an app as an application user for its `client_id`, with a security role.',
  },
  '0x80095ffc': {
    code: 'app_blocked',
    fix: 'Let an administrator allow the app in the app access control of the environment, or use another `client_id`.',
  },
}

const plugin: Meaning = {
  code: 'plugin_refused',
  fix: 'A plug-in or workflow of the organization refused the write; its message says why.',
}

const byDataverseCode: Record<string, Meaning> = {
  ...notAtHome,
  '0x80040217': notFound,
  '0x80060891': notFound,
  '0x80040237': duplicate,
  '0x80060892': duplicate,
  '0x80040333': {
    code: 'duplicate_detected',
    fix: 'A duplicate-detection rule matches; look at the rows it names, or set `suppress_duplicate_detection`.',
  },
  '0x80060882': conflict,
  '0x80060883': { code: 'conflict', fix: 'Give the row version with `if_match`.' },
  '0x8006088d': { code: 'conflict', fix: 'Leave `if_match` out, or enable optimistic concurrency for the table.' },
  '0x80040220': noPrivilege,
  '0x80040276': noPrivilege,
  '0x80048405': noPrivilege,
  '0x80040231': noPrivilege,
  '0x80044352': { code: 'delta_token_expired', fix: 'The trigger compares all rows with its snapshot and goes on by itself.' },
  '0x80048d19': payload,
  '0x80044331': payload,
  '0x8004431a': payload,
  '0x80048408': payload,
  '0x80090800': payload,
  '0x80040200': payload,
  '0x80050222': payload,
  '0x80060888': query,
  '0x8006088a': query,
  '0x8004430c': query,
  '0x8004430d': query,
  '0x80041102': query,
  '0x80041103': query,
  '0x80041129': query,
  '0x8004112a': { code: 'page_link_expired', fix: 'Read from the first page again; a trigger does so by itself.' },
  '0x8004e023': query,
  '0x80040265': plugin,
  '0x80072321': busy,
  '0x80072322': busy,
  '0x80072326': busy,
  '0x80072327': busy,
  '0x80044150': database,
  '0x80044151': database,
  '0x80044339': database,
  '0x80071154': database,
}

const byStatus: Record<number, Meaning> = {
  401: { code: 'access_token_refused', fix: 'Run `runner connections test`; the user may be disabled in the organization.' },
  403: noPrivilege,
  404: notFound,
  405: { code: 'not_allowed', fix: 'The row or table does not allow this; other rows may depend on it.' },
  409: conflict,
  412: conflict,
  413: { code: 'too_large', fix: 'Write less at once.' },
  429: busy,
  501: { code: 'not_implemented', fix: 'The server does not know this request; check `api_version`.' },
}

const otherStatus: Meaning = { code: 'refused', fix: 'Correct what the message names.' }
const serverFault: Meaning = { code: 'server_fault', fix: 'Try again later; give the service request id to Microsoft support.' }

export interface Asked {
  method: string
  /** Relative to the base URL. */
  path: string
}

/** Judges an answer: undefined when it is a success. `Request` has already dealt with 401, 429 and 5xx; in a part of a batch they arrive here. */
export function failure(answer: HttpResponse, asked: Asked): ConnectorError | undefined {
  if (answer.status < 400) return undefined
  const { code: dataverseCode, message } = errorPayload(answer.body)
  const meaning =
    byDataverseCode[dataverseCode?.toLowerCase() ?? ''] ?? byStatus[answer.status] ?? (answer.status >= 500 ? serverFault : otherStatus)
  const retryAfterMs = retryAfter(answer.headers['retry-after'])
  const facts: FailureFacts = {
    status: answer.status,
    effect: answer.status >= 500 ? 'unknown' : 'none',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    details: {
      request: `${asked.method} ${shownPath(asked.path)}`,
      ...(dataverseCode && { dataverse_code: dataverseCode }),
      ...serviceRequestId(answer.headers),
      fix: meaning.fix,
    },
  }
  const said = message ? endSentence(message) : `The server answered ${answer.status}.`
  return new ConnectorError(kind(answer.status, meaning), meaning.code, `${said} ${meaning.fix}`, facts)
}

/** Whether the answer refuses the user or app as such. */
export function bars({ status, body }: HttpResponse): Bar | undefined {
  if (status !== 403) return undefined
  const { code, message = '' } = errorPayload(body)
  const meaning = notAtHome[code?.toLowerCase() ?? '']
  return meaning && { code: meaning.code, words: endSentence(message), todo: meaning.fix }
}

function kind(status: number, meaning: Meaning): 'auth' | 'rate_limited' | 'transient' | 'rejected' {
  if (status === 401 || Object.values(notAtHome).includes(meaning)) return 'auth'
  if (status === 429) return 'rate_limited'
  return status >= 500 && status !== 501 && meaning !== plugin ? 'transient' : 'rejected'
}

function errorPayload(body: string): { code?: string; message?: string } {
  try {
    const error = (parseJson(body) as { error?: { code?: unknown; message?: unknown } } | null)?.error
    return {
      ...(typeof error?.code === 'string' && { code: error.code }),
      ...(typeof error?.message === 'string' && { message: error.message.trim() }),
    }
  } catch {
    // Gateways answer with HTML or nothing.
    return {}
  }
}

function endSentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`
}

/** Query and texts inside a key may hold personal data; ids may stay. */
function shownPath(path: string): string {
  return (path.split('?')[0] ?? '').replaceAll(/=(%27|')[^,)]*/g, "='…'")
}

function serviceRequestId(headers: Record<string, string>): { service_request_id?: string } {
  const id = headers['x-ms-service-request-id'] ?? headers.req_id
  return id === undefined ? {} : { service_request_id: id }
}

function retryAfter(seconds: string | undefined): number | undefined {
  const value = Number(seconds)
  return seconds === undefined || !Number.isFinite(value) ? undefined : value * 1_000
}
