import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { page } from './page.ts'

/** Nothing from elsewhere is loaded, and no other page may frame this one. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"

const assets = {
  'page.js': ['text/javascript; charset=utf-8', readFileSync(new URL('page.js', import.meta.url), 'utf8')],
  'page.css': ['text/css; charset=utf-8', readFileSync(new URL('page.css', import.meta.url), 'utf8')],
} as const

/** The page at `/`; what it shows it asks of `controls.ts`. */
export function pageRoutes(): Hono {
  const app = new Hono()
  app.get('/', (c) => {
    c.header('Content-Security-Policy', policy)
    return c.html(page())
  })
  for (const [name, [type, text]] of Object.entries(assets)) app.get(`/${name}`, (c) => c.body(text, 200, { 'Content-Type': type }))
  return app
}
