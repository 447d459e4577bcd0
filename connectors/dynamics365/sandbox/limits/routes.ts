import { Hono } from 'hono'
import type { Limits } from './limits.ts'
import { readLimits } from './settings.ts'

/** `/sandbox/limits`: what is in force, and setting it with `{"limits": "requests=60,window=3s"}`. Counters begin anew. */
export function limitRoutes(limits: Limits): Hono {
  const app = new Hono()
  app.get('/', (c) => c.json(limits.settings ?? { limits: 'off' }))
  app.post('/', async (c) => {
    const body = (await c.req.json().catch(() => undefined)) as { limits?: unknown } | undefined
    if (typeof body?.limits !== 'string')
      return c.text('The body must be {"limits": "off", "real" or a list such as "requests=60,window=3s"}.', 400)
    try {
      limits.set(readLimits(body.limits))
    } catch (error) {
      return c.text((error as Error).message, 400)
    }
    return c.json(limits.settings ?? { limits: 'off' })
  })
  return app
}
