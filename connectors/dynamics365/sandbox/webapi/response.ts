import { randomUUID } from 'node:crypto'
import { WebApiError } from '../error.ts'
import type { Table } from '../organization/schema.ts'
import type { Call, WebApiResponse } from './call.ts'

const jsonType = 'application/json; odata.metadata=minimal'

export function json(status: number, body: unknown, headers: Record<string, string> = {}): WebApiResponse {
  return { status, headers: { 'Content-Type': jsonType, 'OData-Version': '4.0', ...headers }, body: JSON.stringify(body) }
}

export function noContent(headers: Record<string, string> = {}): WebApiResponse {
  return { status: 204, headers: { 'OData-Version': '4.0', ...headers }, body: '' }
}

/** The answer to a write without representation: the row's address, twice, since clients look in either place. */
export function written(address: string): WebApiResponse {
  return noContent({ 'OData-EntityId': address, Location: address })
}

/** A bare number, with the byte order mark that the real service writes. */
export function count(number: number): WebApiResponse {
  return { status: 200, headers: { 'Content-Type': 'text/plain', 'OData-Version': '4.0' }, body: `\uFEFF${number}` }
}

/**
 * Any thrown error as an answer; one that nobody expects is a fault of the sandbox and says so.
 * @param annotates whether the details of an error of this name were asked for
 */
export function failed(error: unknown, annotates: (name: string) => boolean = () => false): WebApiResponse {
  const known =
    error instanceof WebApiError ? error : new WebApiError(500, '0x80040216', `The sandbox failed: ${(error as Error).stack ?? error}`)
  const details = Object.entries(detailsOf(known))
    .filter(([name]) => annotates(name))
    .map(([name, value]) => [`@${name}`, value])
  const body = { error: { code: known.code, message: known.message, ...Object.fromEntries(details) } }
  return json(known.status, body, { REQ_ID: randomUUID() })
}

/** Without the trace of plug-ins, since there are none (facts sheet "Error payload"). */
function detailsOf({ code, message, details }: WebApiError): Record<string, string> {
  return {
    'Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus': '0',
    'Microsoft.PowerApps.CDS.ErrorDetails.SubErrorCode': '0',
    'Microsoft.PowerApps.CDS.HelpLink': `http://go.microsoft.com/fwlink/?LinkID=398563&error=${code}`,
    'Microsoft.PowerApps.CDS.InnerError.Message': message,
    ...details,
  }
}

/** What every answer carries: it is not to be cached, and can be named when something is to be found out about it. */
export function identified({ status, headers, body }: WebApiResponse): WebApiResponse {
  const id = headers.REQ_ID ?? randomUUID()
  return { status, headers: { 'Cache-Control': 'no-cache', ...headers, REQ_ID: id, 'x-ms-service-request-id': id }, body }
}

/** An answer without its body. */
export function headOf({ status, headers }: WebApiResponse): WebApiResponse {
  return { status, headers, body: '' }
}

/** What a client sends back to read its own writes of an elastic table (facts sheet "Elastic tables"); other tables have none. */
export function sessionToken({ organization }: Call, { elastic }: Table, answer: WebApiResponse): WebApiResponse {
  return elastic ? { ...answer, headers: { ...answer.headers, 'x-ms-session-token': `0:-1#${organization.version}` } } : answer
}
