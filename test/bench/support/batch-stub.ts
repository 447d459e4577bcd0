/**
 * Stands before a sandbox in a process of its own, so that only the side that asks is measured: the first `$batch` goes to the sandbox, and every other
 * is answered with the bytes of that answer's first part, as often as it has parts. Whatever else is asked goes to the sandbox, whose address is the argument.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const [target] = process.argv.slice(2)
const boundary = 'batchresponse_stored'
const answers = new Map<number, Buffer>()
let part: string | undefined

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const isBatch = request.url?.endsWith('/$batch') === true
  if (isBatch && part !== undefined) sendStored(body, part, response)
  else await passOn(request, body, response, isBatch)
})
server.keepAliveTimeout = 120_000

function sendStored(body: Buffer, stored: string, response: ServerResponse): void {
  let parts = 0
  for (let at = body.indexOf('Content-Type: application/http'); at >= 0; at = body.indexOf('Content-Type: application/http', at + 1))
    parts++
  const answer = answers.get(parts) ?? Buffer.from(`--${boundary}${`${stored}--${boundary}`.repeat(parts)}--\r\n`)
  answers.set(parts, answer)
  response.writeHead(200, { 'content-type': `multipart/mixed; boundary=${boundary}`, 'content-length': answer.length })
  response.end(answer)
}

async function passOn(request: IncomingMessage, body: Buffer, response: ServerResponse, isBatch: boolean): Promise<void> {
  const { method = 'GET', url = '/', headers } = request
  const { host: _, connection: __, 'content-length': ___, 'accept-encoding': ____, ...rest } = headers
  const answer = await fetch(new URL(url, target), {
    method,
    headers: rest as Record<string, string>,
    ...(body.length > 0 && { body }),
  })
  const text = await answer.text()
  const contentType = answer.headers.get('content-type')
  if (isBatch) part = firstPart(text, contentType ?? '')
  response.writeHead(answer.status, contentType === null ? {} : { 'content-type': contentType })
  response.end(text)
}

/** From behind its delimiter up to the line break before the next one. */
function firstPart(text: string, contentType: string): string {
  const delimiter = `--${/boundary="?([^";\s]+)/.exec(contentType)![1]}`
  return text.split(delimiter)[1]!
}

server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
