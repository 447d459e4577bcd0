import { Agent, request } from 'node:http'
import { within } from './fuzz.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 1 })

export interface HttpAnswer {
  status: number
  type: string
  text: string
}

/** A request as it is written: `fetch` would tidy its address up. @throws Error without an answer in time */
export function ask(origin: string, method: string, path: string, body = '', headers: Record<string, string> = {}): Promise<HttpAnswer> {
  const { hostname, port } = new URL(origin)
  return within(
    new Promise((resolve, reject) => {
      const asked = request({ hostname, port, method, path, headers, agent }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            type: response.headers['content-type'] ?? '',
            text: Buffer.concat(chunks).toString(),
          }),
        )
      })
      asked.on('error', reject)
      asked.end(body)
    }),
  )
}

/** Lets go of the connection that is kept. */
export function hangUp(): void {
  agent.destroy()
}
