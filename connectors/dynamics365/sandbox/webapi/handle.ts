import { handleBatch } from '../batch/handle.ts'
import { noSuchSegment, WebApiError } from '../error.ts'
import { parseQuery } from '../odata/options.ts'
import { dropExpired } from '../organization/expiry.ts'
import type { Organization } from '../organization/open.ts'
import { remember } from '../organization/write.ts'
import { callSynchronousSteps, dispatch, hasSynchronousSteps } from '../webhooks/dispatch.ts'
import { forgetSteps } from '../webhooks/steps.ts'
import type { Call, WebApiRequest, WebApiResponse } from './call.ts'
import { callerOf } from './caller.ts'
import { withNumberFormat } from './ieee754.ts'
import { annotationsIn, parsePrefer } from './prefer.ts'
import { failed, headOf, identified } from './response.ts'
import { route } from './route.ts'

/** Answers a request below `/api/data/`. Every failure is an answer, too. */
export async function handleWebApi(organization: Organization, request: WebApiRequest): Promise<WebApiResponse> {
  while (organization.held) await organization.held
  const isHead = request.method === 'HEAD'
  const made = isHead ? { ...request, method: 'GET' } : request
  const given = hasSynchronousSteps(organization) && request.method !== 'GET' ? await hold(organization, made) : answer(organization, made)
  dispatch(organization)
  return isHead ? headOf(identified(given)) : identified(given)
}

/** Keeps the transaction open until the synchronous steps have answered; one that fails takes everything back, of a batch all of it. */
async function hold(organization: Organization, request: WebApiRequest): Promise<WebApiResponse> {
  const [goBack, { promise, resolve }] = [remember(organization), Promise.withResolvers<void>()]
  organization.held = promise
  const transaction = organization.database.open()
  try {
    const given = answer(organization, request)
    await callSynchronousSteps(organization)
    transaction.commit()
    // Before others go on, whose writes would be mixed with these.
    dispatch(organization)
    return given
  } catch (error) {
    transaction.rollback()
    goBack()
    organization.outbox.length = 0
    forgetSteps(organization)
    return failed(error, annotationsIn(headerOf(request.headers, 'prefer')))
  } finally {
    organization.held = undefined
    resolve()
  }
}

/** Without a pause from beginning to end, so that no two requests mix. */
function answer(organization: Organization, request: WebApiRequest, longestUrl = 32_768): WebApiResponse {
  try {
    if (request.rawUrl.length > longestUrl)
      throw new WebApiError(organization.switches.long_url_status, '0x80060888', `The request URL exceeds ${longestUrl} characters.`)
    dropExpired(organization)
    const call = toCall(organization, request)
    if (call.path === '$batch') return handleBatch(call, (part) => answer(organization, { ...request, ...part }, 65_536))
    return withNumberFormat(call, route(call))
  } catch (error) {
    return failed(error, annotationsIn(headerOf(request.headers, 'prefer')))
  }
}

function toCall(organization: Organization, { method, rawUrl, headers, body, origin, userId }: WebApiRequest): Call {
  const [, root, path = '', rawQuery = ''] = /^(\/api\/data\/v(?:8\.[0-2]|9\.[0-2]))(?:$|\/|(?=\?))([^?]*)(?:\?(.*))?$/s.exec(rawUrl) ?? []
  if (root === undefined) throw noSuchSegment(rawUrl.split('?')[0]!)
  const header = (name: string) => headerOf(headers, name)
  const query = parseQuery(rawQuery)
  return {
    organization,
    method,
    base: `${origin}${root}`,
    path,
    rawQuery,
    query,
    header,
    prefer: parsePrefer(header('prefer')),
    body,
    caller: callerOf(organization, userId, header, query.get('tag')),
  }
}

function headerOf(headers: WebApiRequest['headers'], name: string): string | undefined {
  const value = headers[name.toLowerCase()]
  return Array.isArray(value) ? value.join(', ') : value
}
