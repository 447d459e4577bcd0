import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { Directory } from '../identity/directory.ts'
import type { RequestLog } from '../log.ts'
import type { Organization } from '../organization/open.ts'
import { setSwitches } from '../switches.ts'
import { page } from './page.ts'
import { firstRows } from './rows.ts'
import { clientsAndTokens, switchList, tableList } from './state.ts'

/** Nothing from elsewhere is loaded, and no other page may frame this one. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"

const assets = {
  'page.js': ['text/javascript; charset=utf-8', readFileSync(new URL('page.js', import.meta.url), 'utf8')],
  'page.css': ['text/css; charset=utf-8', readFileSync(new URL('page.css', import.meta.url), 'utf8')],
} as const

/** The page at `/`, and what it asks for: tables, requests as they come, tokens and clients, switches. */
export function pageRoutes(organization: Organization, directory: Directory, log: RequestLog): Hono {
  const app = new Hono()
  app.get('/', (c) => {
    c.header('Content-Security-Policy', policy)
    return c.html(page())
  })
  for (const [name, [type, text]] of Object.entries(assets)) app.get(`/${name}`, (c) => c.body(text, 200, { 'Content-Type': type }))
  app.get('/sandbox/tables', (c) => c.json({ tables: tableList(organization) }))
  app.get('/sandbox/tables/:set/rows', async (c) => {
    const rows = await firstRows(organization, c.req.param('set'))
    return rows ? c.json(rows) : c.notFound()
  })
  app.get('/sandbox/sign-ins', (c) => c.json(clientsAndTokens(directory)))
  app.get('/sandbox/switches', (c) => c.json({ switches: switchList(organization) }))
  app.post('/sandbox/switches', async (c) => {
    const given: unknown = await c.req.json().catch(() => undefined)
    if (typeof given !== 'object' || given === null) return c.text('The body must be a JSON object of switches.', 400)
    try {
      setSwitches(organization.switches, given as Record<string, unknown>)
    } catch (error) {
      return c.text((error as Error).message, 400)
    }
    return c.json(organization.switches)
  })
  app.get('/sandbox/log', (c) => c.json({ exchanges: log.after(Number(c.req.query('after') ?? 0)) }))
  app.get('/sandbox/events', (c) =>
    streamSSE(c, async (stream) => {
      const stop = log.listen((exchange) => void stream.writeSSE({ data: JSON.stringify(exchange), id: String(exchange.id) }))
      await once(c.req.raw.signal, 'abort')
      stop()
    }),
  )
  return app
}
