import { Agent, type IncomingHttpHeaders, request } from 'node:http'

export interface Asked {
  method: string
  /** Below `/api/data/v9.2/`, or an absolute link of an answer. */
  path: string
  headers?: Record<string, string>
  body?: string
}

export interface Answered {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

export function read(path: string, headers: Record<string, string>): Asked {
  return { method: 'GET', path: path.replaceAll(' ', '%20'), headers }
}

export function write(method: string, path: string, body: object): Asked {
  return { method, path, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
}

/** Many new rows in one request. */
export function createMultiple(set: string, rows: readonly Record<string, unknown>[]): Asked {
  const type = `Microsoft.Dynamics.CRM.${set.slice(0, -1)}`
  return write('POST', `${set}/Microsoft.Dynamics.CRM.CreateMultiple`, { Targets: rows.map((row) => ({ '@odata.type': type, ...row })) })
}

/** As little as a client can do: sends over connections that stay open, and reads the answer to its end. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #origin: URL
  readonly #headers: Record<string, string>

  constructor(origin: string, headers: Record<string, string>) {
    this.#origin = new URL(origin)
    this.#headers = headers
  }

  /** @throws Error for a status of 400 and more */
  send({ method, path, headers, body }: Asked): Promise<Answered> {
    const { hostname, port } = this.#origin
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          agent: this.#agent,
          hostname,
          port,
          method,
          path: path.startsWith('http') ? path.slice(this.#origin.origin.length) : `/api/data/v9.2/${path}`,
          headers: {
            ...this.#headers,
            ...headers,
            ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
          },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const { statusCode: status = 0 } = response
            const answer = { status, headers: response.headers, body: Buffer.concat(chunks) }
            if (status < 400) resolve(answer)
            else reject(new Error(`${method} ${path}: ${status} ${answer.body}`))
          })
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  }

  /** @throws Error for a status of 400 and more */
  async json<T>(asked: Asked): Promise<T> {
    return JSON.parse((await this.send(asked)).body.toString()) as T
  }

  close(): void {
    this.#agent.destroy()
  }
}
