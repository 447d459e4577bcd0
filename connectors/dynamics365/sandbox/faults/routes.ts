import { Hono } from 'hono'
import type { Faults } from './faults.ts'
import { faultKinds, matcherFields } from './kinds.ts'

/** `/sandbox/faults`: order one with POST, see what is ordered and what there is with GET, take back with DELETE. */
export function faultRoutes(faults: Faults): Hono {
  const app = new Hono()
  app.get('/', (c) => c.json({ faults: faults.list(), kinds: faultKinds, matcher: matcherFields }))
  app.post('/', async (c) => {
    const order: unknown = await c.req.json().catch(() => undefined)
    if (typeof order !== 'object' || order === null || Array.isArray(order))
      return c.text('The body must be a JSON object with `fault`.', 400)
    try {
      return c.json(faults.add(order as Record<string, unknown>))
    } catch (error) {
      if (error instanceof RangeError) return c.text(error.message, 400)
      throw error
    }
  })
  app.delete('/:id?', (c) => {
    const id = c.req.param('id')
    faults.remove(id === undefined ? undefined : Number(id))
    return c.json({ faults: faults.list() })
  })
  return app
}
