import { randomUUID } from 'node:crypto'
import {
  type Organization,
  type OrganizationOptions,
  openOrganization,
} from '../../../../connectors/dynamics365/sandbox/organization/open.ts'
import { handleWebApi } from '../../../../connectors/dynamics365/sandbox/webapi/handle.ts'

export const origin = 'http://sandbox.example'
export const base = `${origin}/api/data/v9.2`

// biome-ignore lint/suspicious/noExplicitAny: answers are what the tests look into
export type Body = any

export interface Answer {
  status: number
  headers: Record<string, string>
  body: Body
  text: string
}

export interface DataPlane {
  organization: Organization
  userId: string
  /** @param path below the service root, or an absolute link */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string | string[]>): Promise<Answer>
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  /** The body of an answer as it is. */
  bytes(path: string): Promise<Buffer>
  /** Creates a row and gives its id. */
  create(entitySet: string, row: Record<string, unknown>): Promise<string>
  /** Names of the rows that match a filter, in order. */
  names(entitySet: string, filter: string, column?: string): Promise<string[]>
}

/** The Web API over an organization in memory, without HTTP. */
export function dataPlane(options: OrganizationOptions = {}): DataPlane {
  const organization = openOrganization(options)
  const { userId } = organization.schema.ids
  const send: DataPlane['send'] = async (method, path, body, headers = {}) => {
    const rawUrl = path.startsWith(origin) ? path.slice(origin.length) : `/api/data/v9.2/${path}`
    const bytes = Buffer.from(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body))
    const answer = await handleWebApi(organization, { method, rawUrl, headers, body: bytes, origin, userId })
    const text = String(answer.body)
    const isJson = (answer.headers['Content-Type'] ?? '').startsWith('application/json')
    return { status: answer.status, headers: answer.headers, text, body: isJson && text !== '' ? JSON.parse(text) : undefined }
  }
  return {
    organization,
    userId,
    send,
    async bytes(path) {
      const rawUrl = `/api/data/v9.2/${path}`
      const answer = await handleWebApi(organization, { method: 'GET', rawUrl, headers: {}, body: Buffer.alloc(0), origin, userId })
      return Buffer.from(answer.body)
    },
    get: (path, headers) => send('GET', path, undefined, headers),
    async create(entitySet, row) {
      const { status, headers, text } = await send('POST', entitySet, row)
      if (status !== 204) throw new Error(`${status} ${text}`)
      return /\(([^)]*)\)$/.exec(headers['OData-EntityId'] ?? '')![1]!
    },
    async names(entitySet, filter, column = 'name') {
      const { status, body, text } = await send(
        'GET',
        `${entitySet}?$select=${column}&$orderby=${column}&$filter=${encodeURIComponent(filter)}`,
      )
      if (status !== 200) throw new Error(`${status} ${text}`)
      return body.value.map((row: Body) => row[column])
    },
  }
}

export const someId = () => randomUUID()
