import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConnectorError } from '../connector/index.ts'

/** Waits on this machine for the browser that comes back from the authority. */
export interface LoopbackListener {
  /** As sent to the authority. */
  redirectUri: string
  /** Resolves with the first answer that carries our state; the browser waits for {@link finish}. */
  callback: Promise<URL>
  /** Answers the browser with a page that says how it went. */
  finish(error?: Error): void
  close(): Promise<void>
}

/**
 * Listens on 127.0.0.1 only. The authority ignores the port of a loopback address (Entra) or wants it as registered (AD FS), so a port in `redirectUri` is kept.
 * @throws ConnectorError `redirect_invalid`, `port_taken`
 */
export async function listen(redirectUri: string | undefined, state: string): Promise<LoopbackListener> {
  const wanted = loopbackUri(redirectUri ?? 'http://localhost/')
  let found: (url: URL) => void = () => {}
  const callback = new Promise<URL>((resolve) => {
    found = resolve
  })
  let waiting: ServerResponse | undefined
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', wanted)
    if (request.method !== 'GET' || url.pathname !== wanted.pathname) return page(response, 404, 'Nothing is here.')
    // A page of somebody else may send the browser here; only our own sign-in knows the state, and it counts once.
    if (url.searchParams.get('state') !== state || waiting) return page(response, 400, 'This is not the sign-in that the runner waits for.')
    waiting = response
    found(url)
  })
  server.listen(Number(wanted.port || 0), '127.0.0.1')
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new ConnectorError(
      'rejected',
      'port_taken',
      `Port ${wanted.port} of this machine cannot be listened on (${error.code}). End what uses it, or set another \`redirect_uri\`.`,
    )
  })
  const { port } = server.address() as AddressInfo
  return {
    // As it was written where it names its port: AD FS compares character by character.
    redirectUri: redirectUri !== undefined && wanted.port !== '' ? redirectUri : `http://${wanted.hostname}:${port}${wanted.pathname}`,
    callback,
    finish(error) {
      if (!waiting) return
      if (error) page(waiting, 400, `The sign-in failed. ${error.message}`)
      else page(waiting, 200, 'You are signed in. You may close this window.')
    },
    async close() {
      if (waiting && !waiting.writableEnded) page(waiting, 400, 'The sign-in was stopped.')
      if (waiting && !waiting.writableFinished) await Promise.race([once(waiting, 'finish'), once(waiting, 'close')])
      server.close()
      // Browsers keep spare sockets open.
      server.closeAllConnections()
    },
  }
}

function loopbackUri(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' && (url.hostname === 'localhost' || url.hostname === '127.0.0.1') && !url.search) return url
  throw new ConnectorError(
    'rejected',
    'redirect_invalid',
    `\`redirect_uri\` ${text} is no address that this machine can listen on. Use http://localhost with a port and a path.`,
  )
}

function page(response: ServerResponse, status: number, text: string): void {
  const safe = text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'close',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  })
  response.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>runner</title><body style="font:1.1rem system-ui;margin:4rem auto;max-width:40rem"><h1>runner</h1><p>${safe}</p></body></html>`,
  )
}
