import { type Context, Hono } from 'hono'
import type { Control } from './control.ts'
import { OrderError } from './orders.ts'

/** Answers controls below `/sandbox/`. */
export function controlRoutes<State>(controls: readonly Control<State>[], state: State): Hono {
  const app = new Hono()
  for (const { method, path, handle } of controls)
    app.on(method, path, async (c) => {
      const answer = await handle(state, { ...(await readOrder(c)), ...c.req.param() }, c)
      return answer instanceof Response ? answer : c.json(answer)
    })
  app.onError((error, c) => {
    if (error instanceof OrderError || error instanceof RangeError) return c.text(error.message, 400)
    throw error
  })
  return app
}

/** An empty body is an order without particulars. */
async function readOrder(c: Context): Promise<Record<string, unknown>> {
  if (c.req.method === 'GET') return c.req.query()
  const text = await c.req.text()
  if (text.trim() === '') return {}
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>
  } catch {
    // Told below, together with JSON that is no object.
  }
  throw new OrderError('The body must be a JSON object.')
}
