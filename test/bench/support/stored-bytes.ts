/** A bare `node:http` server in a process of its own: to each request it sends the answer that was stored under the name in the request's header `x-case`. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface StoredAnswer {
  name: string
  status: number
  headers: Record<string, string>
  /** Base64 */
  body: string
}

const answers = new Map<string, Omit<StoredAnswer, 'name' | 'body'> & { body: Buffer }>()

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const { status, headers, body } = answers.get(String(request.headers['x-case']))!
    response.writeHead(status, headers)
    response.end(body)
  })
})
server.keepAliveTimeout = 120_000

process.on('message', (message: StoredAnswer | 'usage') => {
  if (message === 'usage') return
  answers.set(message.name, { ...message, body: Buffer.from(message.body, 'base64') })
  process.send?.('stored')
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
