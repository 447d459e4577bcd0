import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openConnection } from '../../runner/connection/index.ts'
import { parseJson } from '../../runner/connector/index.ts'
import { openStore } from '../../runner/store/index.ts'
import { organizationServer } from '../support/organization-server.ts'
import { tempFolder } from '../support/temp.ts'
import { testPorts, testSpec } from '../support/test-connection.ts'

const test = suite('connection: open')

test('opening a connection loads no library', () => {
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context) } })
    const { openConnection, MaskRegistry } = await import('./runner/connection/index.ts')
    const connector = {
      name: 'system',
      auth: () => ({ authority: 'entra', authorityUrl: 'http://127.0.0.1:1', tenant: 't', clientId: 'c', grant: 'authorization_code', resource: 'http://127.0.0.1:1' }),
      transport: () => ({ baseUrl: 'http://127.0.0.1:1/' }),
      open: () => ({}),
    }
    const ports = { mask: new MaskRegistry(), tokens: { get: async () => undefined }, clock: { now: () => new Date() }, scope: { env: {} } }
    const connection = openConnection({ connector, name: 'a', environment: 'default', folder: '/', settings: {} }, ports)
    await connection.signInNeeded()
    await connection.close()
    console.log(JSON.stringify(loaded.filter((url) => url.includes('node_modules'))))
  `
  const out = execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script], {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
  })
  const packages = (JSON.parse(out) as string[]).map((url) => url.match(/node_modules\/([^/]+)/)?.[1])
  for (const heavy of ['got', 'oauth4webapi', 'p-retry', 'tough-cookie', 'ajv']) assert.not.ok(packages.includes(heavy), heavy)
})

test('sign-ins survive in the real store, sealed, and serve the next process', async () => {
  const file = join(tempFolder(), 'store.db')
  const key = randomBytes(32)
  const server = await organizationServer()
  try {
    for (let run = 1; run <= 2; run++) {
      const store = await openStore({ file, key, parse: parseJson })
      const connection = openConnection(testSpec(server.url), { ...testPorts().ports, tokens: store.tokens })
      assert.is((await connection.request({ method: 'GET', url: 'rows' })).status, 200)
      await connection.close()
      await store.close()
    }
    assert.is(server.tokenRequests.length, 1)
    assert.not.match(readFileSync(file, 'latin1'), /canary/)
  } finally {
    await server.close()
  }
})

test.run()
