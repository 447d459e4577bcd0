import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Plan } from './faults.ts'

/**
 * What happens before the request is looked at.
 * @returns whether it is still to be answered
 */
export async function meet(plan: Plan, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  if (plan.latency) await pause(delay(plan.latency), undefined, { ref: false })
  if (plan.cut_before) {
    request.socket.destroy()
    return false
  }
  const answer = plan.status ? errorAnswer(plan.status) : plan.garbage ? garbageAnswer(plan.garbage) : undefined
  if (!answer) return true
  // Read to its end, or the client might not see the answer.
  request.resume()
  response.writeHead(answer.status, answer.headers)
  response.end(answer.body)
  return false
}

/** Lets the answer of a request arrive as the plan says: not at all, in part, or slowly. */
export function spoil(plan: Plan, response: ServerResponse): void {
  if (!plan.cut_after && !plan.truncate && !plan.slow_body) return
  const pieces: Buffer[] = []
  const end = response.end.bind(response)
  const write = response.write.bind(response)
  const keep = (piece: unknown) => {
    if (typeof piece === 'string' || piece instanceof Uint8Array) pieces.push(Buffer.from(piece as string))
  }
  response.write = ((piece: unknown) => {
    keep(piece)
    return true
  }) as typeof response.write
  response.end = ((piece?: unknown) => {
    keep(piece)
    void deliver(plan, response, Buffer.concat(pieces), write, end)
    return response
  }) as typeof response.end
}

async function deliver(
  { cut_after, truncate, slow_body }: Plan,
  response: ServerResponse,
  body: Buffer,
  write: ServerResponse['write'],
  end: ServerResponse['end'],
): Promise<void> {
  if (cut_after) return void response.socket?.destroy()
  if (truncate) {
    const bytes = Math.min(body.length, (truncate.bytes as number | undefined) ?? Math.floor(body.length / 2))
    // The length that was announced stays, so that the client can tell.
    if (!response.headersSent) response.setHeader('Content-Length', body.length)
    write(body.subarray(0, bytes), () => response.socket?.destroy())
    return
  }
  const { bytes, ms } = slow_body as { bytes: number; ms: number }
  for (let at = 0; at < body.length && !response.destroyed; at += bytes) {
    write(body.subarray(at, at + bytes))
    await pause(ms, undefined, { ref: false })
  }
  end()
}

function delay({ ms, up_to_ms: most }: Plan[keyof Plan] & {}): number {
  const least = Number(ms ?? 0)
  return least + Math.random() * Math.max(0, Number(most ?? 0) - least)
}

interface Answer {
  status: number
  headers: Record<string, string>
  body: string
}

function errorAnswer({ status, code, message, retry_after: wait }: Plan[keyof Plan] & {}): Answer {
  const headers = { 'Content-Type': 'application/json; odata.metadata=minimal', 'OData-Version': '4.0' }
  return {
    status: Number(status),
    headers: { ...headers, ...(wait !== undefined && { 'Retry-After': String(wait) }) },
    body: JSON.stringify({ error: { code, message } }),
  }
}

function garbageAnswer({ body, status }: Plan[keyof Plan] & {}): Answer {
  if (body === 'empty') return { status: Number(status), headers: {}, body: '' }
  if (body === 'json') return { status: Number(status), headers: { 'Content-Type': 'application/json' }, body: '{"value":[{"name":"x' }
  return {
    status: Number(status),
    headers: { 'Content-Type': 'text/html' },
    body: '<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1><p>The proxy could not reach the server.</p>',
  }
}
