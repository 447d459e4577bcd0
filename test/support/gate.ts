import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A way to the sandbox that can hold requests, so that a test decides what happens meanwhile. */
export interface Gate {
  /** Instead of the sandbox's own. */
  url: string
  /** Requests that reached the token endpoint so far. */
  tokenRequests: number
  /** Seconds that the next access token says it lives; the sandbox takes it for longer. */
  nextLives?: number | undefined
  /** Stops the next request to such a path: before the sandbox sees it, or when it has answered. */
  hold(path: RegExp, when: 'before' | 'after'): Held
  close(): Promise<void>
}

export interface Held {
  /** Resolves when a request has come so far. */
  reached: Promise<void>
  /** Lets it go. One whose client is gone goes nowhere. */
  open(): void
}

export const tokenPath = /\/oauth2\/(v2\.0\/)?token$/

interface Hold {
  path: RegExp
  when: 'before' | 'after'
  reach(): void
  opened: Promise<void>
}

export async function openGate(sandboxUrl: string): Promise<Gate> {
  const { port } = new URL(sandboxUrl)
  const holds = new Set<Hold>()

  async function stopAt(when: 'before' | 'after', path: string): Promise<void> {
    const hold = [...holds].find((one) => one.when === when && one.path.test(path))
    if (!hold) return
    holds.delete(hold)
    hold.reach()
    await hold.opened
  }

  async function onward({ method, url, headers }: IncomingMessage, body: Buffer): Promise<{ answer: IncomingMessage; text: Buffer }> {
    const sent = request({ host: '127.0.0.1', port, method, path: url, headers })
    sent.end(body)
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    return { answer, text: await buffer(answer) }
  }

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = incoming.url ?? ''
    const isToken = tokenPath.test(path)
    const body = await buffer(incoming)
    if (isToken) gate.tokenRequests++
    await stopAt('before', path)
    if (outgoing.destroyed) return
    const { answer, text } = await onward(incoming, body)
    await stopAt('after', path)
    const told = isToken && gate.nextLives !== undefined ? living(text, gate.nextLives) : text
    if (isToken) gate.nextLives = undefined
    const { 'transfer-encoding': _, ...headers } = answer.headers
    outgoing.writeHead(answer.statusCode ?? 500, { ...headers, 'content-length': told.length })
    outgoing.end(told)
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const gate: Gate = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokenRequests: 0,
    hold(path, when) {
      const [reached, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      holds.add({ path, when, reach: reached.resolve, opened: opened.promise })
      return { reached: reached.promise, open: opened.resolve }
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return gate
}

function living(answer: Buffer, seconds: number): Buffer {
  return Buffer.from(JSON.stringify({ ...JSON.parse(answer.toString()), expires_in: seconds }))
}
