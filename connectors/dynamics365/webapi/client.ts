import {
  type Clock,
  ConnectorError,
  type HttpRequest,
  type HttpResponse,
  type JsonObject,
  parseJson,
  type Request,
} from '../../../runner/connector/index.ts'
import { type BatchPart, readBatch, writeBatch } from './batch.ts'
import { failure } from './errors.ts'
import { withQuery } from './odata.ts'

/** A row, or any object, as the server wrote it. */
export type WireRow = Record<string, unknown>

/** One page of a collection. */
export interface Page {
  rows: WireRow[]
  /** Followed verbatim; absent on the last page. */
  nextLink?: string
  /** Only with change tracking, on the last page. */
  deltaLink?: string
}

export interface ReadOptions {
  /** Values of the `Prefer` header. */
  prefer?: string[]
  signal?: AbortSignal
}

export interface WriteOptions {
  /** ETag that must still hold, or `*`: only if the row exists. */
  ifMatch?: string
  /** Columns to send back; the answer is the row. */
  select?: string[]
  signal?: AbortSignal
}

export interface Written {
  /** 201 created, 200 or 204 updated. */
  status: number
  /** With `select` only. */
  row?: WireRow
}

/** A write or read inside a batch, path relative to the base URL. */
export interface PartRequest {
  method: BatchPart['method']
  path: string
  headers?: Record<string, string>
  body?: JsonObject
}

/** The Web API of one organization. Every method throws ConnectorError as `failure` in `errors.ts` judges, or as `Request` does. */
export interface WebApi {
  /** Ends with `/`. */
  readonly baseUrl: string
  /** Most requests at once that this connection may use. */
  readonly atOnce: number
  readonly clock: Clock
  get(path: string, options?: ReadOptions): Promise<WireRow>
  /** @param url relative, or a link that the server gave, which is sent verbatim */
  page(url: string, options?: ReadOptions): Promise<Page>
  /** All pages from the given one. */
  pages(url: string, options?: ReadOptions): AsyncIterable<Page>
  /** @param entitySet such as `accounts` */
  create(entitySet: string, row: JsonObject, options?: WriteOptions): Promise<Written>
  /** Changes an existing row: `If-Match: *` unless an ETag is given. @param address such as `accounts(<id>)` */
  update(address: string, row: JsonObject, options?: WriteOptions): Promise<Written>
  /** Changes the row, or creates it. */
  upsert(address: string, row: JsonObject, options?: WriteOptions): Promise<Written>
  delete(address: string, options?: Omit<WriteOptions, 'select'>): Promise<void>
  /** Each part is answered for itself, in order; a failed part does not stop the others. At most 1,000 parts. */
  batch(parts: readonly PartRequest[], signal?: AbortSignal): Promise<HttpResponse[]>
}

export interface WebApiSettings {
  baseUrl: string
  atOnce: number
  /** Repeated in every part of a batch. */
  partHeaders: Record<string, string>
  /** Of creates and updates. */
  writeHeaders: Record<string, string>
  /** Query option `tag` of every write. */
  tag?: string
}

/** Longer URLs are refused (32 KB); inside a batch 64 KB are allowed (facts sheet "URL length"). */
const longestUrl = 32_000
const batchTimeoutMs = 300_000

export function openWebApi(settings: WebApiSettings, request: Request, clock: Clock): WebApi {
  const { baseUrl, atOnce, partHeaders, writeHeaders, tag } = settings
  const tagged = (path: string) => withQuery(path, { tag })
  const absolute = (url: string) => (/^https?:/.test(url) ? url : baseUrl + url)

  async function send(asked: HttpRequest): Promise<HttpResponse> {
    const answer = await request(asked)
    throwIfFailed(answer, asked.method, asked.url)
    return answer
  }

  function throwIfFailed(answer: HttpResponse, method: string, url: string): void {
    const error = failure(answer, { method, path: url.startsWith(baseUrl) ? url.slice(baseUrl.length) : url })
    if (error) throw error
  }

  async function read(url: string, { prefer = [], signal }: ReadOptions): Promise<WireRow> {
    if (!isOurs(url, baseUrl)) throw foreignLink(url, baseUrl)
    const headers = preferHeader(prefer)
    const method = 'GET'
    if (url.length <= longestUrl) return parsed(await send({ method, url, headers, ...(signal && { signal }) }))
    const [answer] = await batch([{ method, path: url, headers }], signal)
    if (answer) throwIfFailed(answer, method, url)
    return parsed(answer)
  }

  async function write(method: 'POST' | 'PATCH', path: string, row: JsonObject, options: WriteOptions): Promise<Written> {
    const { ifMatch, select, signal } = options
    const answer = await send({
      method,
      url: tagged(withQuery(path, { $select: select?.join(',') })),
      headers: {
        ...writeHeaders,
        ...preferHeader(select ? ['return=representation'] : []),
        'content-type': 'application/json; charset=utf-8',
        ...(ifMatch !== undefined && { 'if-match': ifMatch }),
      },
      body: JSON.stringify(row),
      ...(signal && { signal }),
    })
    return { status: answer.status, ...(answer.body !== '' && { row: parsed(answer) }) }
  }

  async function batch(parts: readonly PartRequest[], signal?: AbortSignal): Promise<HttpResponse[]> {
    const { contentType, body } = writeBatch(
      parts.map(({ method, path, headers, body }) => ({
        method,
        url: absolute(method === 'GET' ? path : tagged(path)),
        headers: { ...partHeaders, ...(method !== 'GET' && writeHeaders), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })),
    )
    const answer = await send({
      method: 'POST',
      url: '$batch',
      headers: { 'content-type': contentType, prefer: 'odata.continue-on-error' },
      body,
      repeatable: parts.every(({ method }) => method === 'GET'),
      timeoutMs: batchTimeoutMs,
      ...(signal && { signal }),
    })
    const answers = readBatch(answer)
    if (answers.length !== parts.length) throw incomplete(answers.length, parts.length)
    return answers
  }

  async function page(url: string, options: ReadOptions = {}): Promise<Page> {
    const body = await read(url, options)
    const [nextLink, deltaLink] = [body['@odata.nextLink'], body['@odata.deltaLink']]
    return {
      rows: (body.value ?? []) as WireRow[],
      ...(typeof nextLink === 'string' && { nextLink }),
      ...(typeof deltaLink === 'string' && { deltaLink }),
    }
  }

  return {
    baseUrl,
    atOnce,
    clock,
    get: (path, options = {}) => read(path, options),
    page,
    async *pages(url, options) {
      for (let next: string | undefined = url; next !== undefined; ) {
        const current: Page = await page(next, options)
        yield current
        next = current.nextLink
      }
    },
    create: (entitySet, row, options = {}) => write('POST', entitySet, row, options),
    update: (address, row, options = {}) => write('PATCH', address, row, { ifMatch: '*', ...options }),
    upsert: (address, row, options = {}) => write('PATCH', address, row, options),
    async delete(address, { ifMatch, signal } = {}) {
      await send({
        method: 'DELETE',
        url: tagged(address),
        ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }),
        ...(signal && { signal }),
      })
    },
    batch,
  }
}

function preferHeader(values: readonly string[]): Record<string, string> {
  return values.length === 0 ? {} : { prefer: values.join(', ') }
}

function parsed(answer: HttpResponse | undefined): WireRow {
  try {
    return parseJson(answer?.body ?? '') as WireRow
  } catch (cause) {
    throw new ConnectorError(
      'transient',
      'unreadable_answer',
      'The server answered with something that is not JSON. It is tried again; look for a proxy that changes answers.',
      {
        effect: 'unknown',
        cause,
      },
    )
  }
}

/** Our token goes only to the organization: a link to elsewhere is not followed. */
function isOurs(url: string, baseUrl: string): boolean {
  return new URL(url, baseUrl).origin === new URL(baseUrl).origin
}

function foreignLink(url: string, baseUrl: string): ConnectorError {
  return new ConnectorError(
    'rejected',
    'foreign_link',
    `The server named a further page at ${new URL(url).host}, but the connection is to ${new URL(baseUrl).host}. Connect to the host that the organization itself names.`,
  )
}

function incomplete(got: number, wanted: number): ConnectorError {
  return new ConnectorError(
    'transient',
    'unreadable_answer',
    `A batch of ${wanted} requests got ${got} answers. It is tried again; look for a proxy that cuts answers.`,
    {
      effect: 'unknown',
    },
  )
}
