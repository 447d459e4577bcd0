import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConnectorError } from '../../connector/index.ts'
import { type Page, pageHeaders, pages, toHtml } from './pages.ts'

/** Waits on this machine for the browser that comes back from the authority. */
export interface LoopbackListener {
  /** As sent to the authority. */
  redirectUri: string
  /** Resolves with the first answer that carries our state. The browser is sent on at once, to the same address without the answer, so that no code stays in its address bar. */
  callback: Promise<URL>
  /** Resolves when the browser has shown `page`; it may never come for it. */
  finish(page: Page): Promise<void>
  close(): Promise<void>
}

/**
 * Listens on the loopback addresses only. The authority ignores the port of a loopback address (Entra) or wants it as registered (AD FS), so a port
 * in `redirectUri` is kept. Any page in the browser can send requests here: what does not carry our state changes nothing.
 * @throws ConnectorError `redirect_invalid`, `port_taken`
 */
export async function listen(redirectUri: string | undefined, state: string): Promise<LoopbackListener> {
  const wanted = loopbackUri(redirectUri ?? 'http://localhost')
  const answered = Promise.withResolvers<URL>()
  const shown = Promise.withResolvers<void>()
  const waiting: ServerResponse[] = []
  let taken = false
  let outcome: Page | undefined
  let hosts = new Set<string>()

  function serve(request: IncomingMessage, response: ServerResponse): void {
    const url = requested(request)
    // A name of somebody else that resolves to this machine (DNS rebinding) has nothing to read here.
    if (!hosts.has(request.headers.host?.toLowerCase() ?? '')) return send(response, pages.otherHost)
    if (url?.pathname !== wanted.pathname) return send(response, pages.nothing)
    if (request.method !== 'GET') return send(response, pages.notAllowed)
    if (url.search === '') return show(response)
    if (url.searchParams.get('state') !== state) return send(response, pages.notAwaited)
    if (taken) return send(response, pages.answered)
    taken = true
    response.writeHead(303, { ...pageHeaders, location: wanted.pathname, connection: 'close' }).end()
    answered.resolve(url)
  }

  /** How it went, as soon as that is known. */
  function show(response: ServerResponse): void {
    if (!taken) return send(response, pages.waiting)
    response.once('close', shown.resolve)
    if (outcome) send(response, outcome)
    else waiting.push(response)
  }

  function decide(page: Page): void {
    outcome ??= page
    for (const response of waiting.splice(0)) send(response, outcome)
  }

  const servers = await bind(serve, wanted)
  const port = portOf(servers[0] as Server)
  hosts = new Set(['localhost', '127.0.0.1', '[::1]'].flatMap((name) => [`${name}:${port}`, ...(port === 80 ? [name] : [])]))
  return {
    // As it was written where it names its port: AD FS compares character by character. Without one, no slash is added to what is registered.
    redirectUri:
      wanted.port !== '' && redirectUri !== undefined
        ? redirectUri
        : `http://${wanted.hostname}:${port}${wanted.pathname.replace(/^\/$/, '')}`,
    callback: answered.promise,
    async finish(page) {
      decide(page)
      await shown.promise
    },
    async close() {
      const open = [...waiting]
      decide(pages.stopped)
      await Promise.all(open.map(async (response) => response.closed || once(response, 'close')))
      for (const server of servers) {
        server.close()
        // Browsers keep spare sockets open.
        server.closeAllConnections()
      }
    },
  }
}

function requested({ url = '/' }: IncomingMessage): URL | undefined {
  const text = `http://localhost${url}`
  return url.startsWith('/') && URL.canParse(text) ? new URL(text) : undefined
}

function send(response: ServerResponse, page: Page): void {
  response.writeHead(page.status, { ...pageHeaders, connection: 'close', ...(page.status === 405 && { allow: 'GET' }) }).end(toHtml(page))
}

/** Browsers take `localhost` for either loopback address, and ::1 first: whoever else listened there would get the answer. */
async function bind(serve: RequestListener, wanted: URL): Promise<Server[]> {
  const first = await listening(serve, '127.0.0.1', Number(wanted.port || 0), wanted)
  if (wanted.hostname !== 'localhost') return [first]
  try {
    return [first, await listening(serve, '::1', portOf(first), wanted)]
  } catch (error) {
    const { cause } = error as { cause?: NodeJS.ErrnoException }
    // This machine knows no IPv6, so nobody listens there.
    if (cause?.code === 'EADDRNOTAVAIL' || cause?.code === 'EAFNOSUPPORT') return [first]
    first.close()
    if (wanted.port === '' && cause?.code === 'EADDRINUSE') return bind(serve, wanted)
    throw error
  }
}

async function listening(serve: RequestListener, host: string, port: number, wanted: URL): Promise<Server> {
  const server = createServer(serve).listen(port, host)
  try {
    await once(server, 'listening')
    return server
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new ConnectorError(
      'rejected',
      'port_taken',
      `Port ${port} of this machine cannot be listened on (${code} at ${host}), where \`redirect_uri\` ${wanted.href} says that the browser comes back. End what uses it, or set another \`redirect_uri\`.`,
      { cause },
    )
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

function loopbackUri(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const here = url?.hostname === 'localhost' || url?.hostname === '127.0.0.1'
  if (url?.protocol === 'http:' && here && !url.search && !url.hash && !url.username) return url
  throw new ConnectorError(
    'rejected',
    'redirect_invalid',
    `\`redirect_uri\` ${text} is no address that this machine can listen on. Use http://localhost with a port and a path.`,
  )
}
