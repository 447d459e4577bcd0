import { chmodSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cli } from '../../support/cli.ts'
import { appConnection, recipeFolder } from '../../support/recipes.ts'
import { type SandboxProcess, sandboxProcess } from '../../support/sandbox.ts'
import { tempFolder } from '../../support/temp.ts'
import { app, broken } from './chain.ts'

const test = suite('runner doctor: the way to the system')
let sandbox: SandboxProcess
test.before(async () => {
  sandbox = await sandboxProcess(tempFolder())
})
test.after(async () => sandbox.close())

test('settings: a secret that has no value', async () => {
  const { check, code, says } = await broken(sandbox, app(), { D365_CLIENT_SECRET: undefined })
  assert.equal([check, code], ['settings', 'secret_missing'])
  assert.match(says, /D365_CLIENT_SECRET/)
})

test('a name that does not resolve', async () => {
  const { check, says } = await broken(sandbox, app(), { D365_URL: 'https://contoso.invalid' })
  assert.is(check, 'name of the system')
  assert.match(says, /^The name contoso\.invalid does not resolve \(E\w+\)\.$/)
  assert.is((await broken(sandbox, app(), { D365_AUTHORITY: 'https://login.invalid' })).check, 'name of the authority')
})

test('a port that nobody listens on', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  const { check, says } = await broken(sandbox, app(), { D365_URL: `http://127.0.0.1:${port}` })
  assert.equal([check, says], ['server of the system', `127.0.0.1:${port} cannot be connected to (ECONNREFUSED).`])
})

test('an authority of certificates that this machine does not know, and then knows', async () => {
  const secure = await sandboxProcess(tempFolder(), ['--tls'])
  try {
    const cwd = app()
    const { check, says, todo } = await broken(secure, cwd)
    assert.is(check, 'server of the system')
    assert.match(says, /does not trust whoever issued the certificate of .* \(\w+\)/)
    assert.match(todo ?? '', /NODE_EXTRA_CA_CERTS/)
    const ca = join(cwd, 'ca.pem')
    writeFileSync(ca, secure.ca ?? '')
    const known = await cli(['doctor'], { cwd, env: { ...secure.env, NODE_EXTRA_CA_CERTS: ca } })
    assert.is(known.code, 0, known.stdout)
    assert.match(
      known.stdout,
      /server of the system +[\w.]+:\d+ answers over TLS; its certificate is of Sandbox authority and holds until 20/,
    )
  } finally {
    await secure.close()
  }
})

test('a server that does not say who signs in for it, where the settings do not either', async () => {
  const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const untold = appConnection.replaceAll(/^(authority|tenant): .*\n/gm, '')
    const { check, code } = await broken(sandbox, recipeFolder({ 'crm.connection.yaml': untold }), { D365_URL: url })
    assert.equal([check, code], ['challenge', 'challenge_missing'])
  } finally {
    server.close()
    server.closeAllConnections()
  }
})

test('a clock that is six minutes ahead', async () => {
  const { check, says } = await broken(
    sandbox,
    app(),
    { RUNNER_TEST_AHEAD_MS: '360000' },
    { node: ['--import', join(import.meta.dirname, '../../support/later.ts')] },
  )
  assert.is(check, 'clock')
  assert.match(says, /36\d s ahead of/)
})

test('a key file that others can read', async () => {
  const cwd = app()
  assert.is((await cli(['connections'], { cwd })).code, 0, 'makes the key')
  chmodSync(join(cwd, '.config', 'runner', 'store.key'), 0o644)
  const { check, says } = await broken(sandbox, cwd)
  assert.is(check, 'store')
  assert.match(says, /open to others.*chmod 600/)
})

test('a store that is damaged: what needs it is not looked at', async () => {
  const cwd = app()
  const file = join(tempFolder(), 'store.db')
  writeFileSync(file, 'no database at all, but long enough to be read as the head of one, which has a hundred bytes at least')
  assert.is((await broken(sandbox, cwd, { RUNNER_STORE: file })).code, 'store_damaged')
})

test.run()
