import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { createServer } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import dynamics365 from '../../connectors/dynamics365/connection.ts'
import { publicClientId } from '../../connectors/dynamics365/sandbox/identity/directory.ts'
import { startSandbox } from '../../connectors/dynamics365/sandbox/index.ts'
import { connect } from '../../runner/commands/connect.ts'
import { forget, list } from '../../runner/commands/connections.ts'
import { type ConnectionSpec, type KeptSignIn, type OpenConnection, tokenKey } from '../../runner/connection/index.ts'
import type { ConnectorError, RunningSandbox } from '../../runner/connector/index.ts'
import { freePort } from '../support/free-port.ts'
import { loopbackAddresses } from '../support/loopback.ts'
import { type TestPorts, testPorts } from '../support/test-connection.ts'

const test = suite('connection: sign-in with a browser, against the sandbox')

/** Nobody enters anything. */
const readLine = async (): Promise<string> => {
  throw new Error('no line is read')
}

interface World extends TestPorts {
  sandbox: RunningSandbox
  spec(settings?: Record<string, unknown>): ConnectionSpec
  opened(settings?: Record<string, unknown>): OpenConnection
  /** Signs in as a person would; the page that the browser ends on, and what was printed. */
  signedIn(
    browser: (address: string) => Promise<unknown>,
    settings?: Record<string, unknown>,
  ): Promise<{ page: unknown; out: string; status: number }>
  control(path: string, body?: unknown): Promise<void>
  counts(): Promise<{ token: Record<string, number> }>
}

function given(name: string, body: (world: World) => Promise<void>): void {
  test(name, async () => {
    const ports = testPorts()
    const sandbox = await startSandbox({ clock: ports.clock.now, accessTokenTtl: 3_600 })
    const connections: OpenConnection[] = []
    const spec = (settings: Record<string, unknown> = {}): ConnectionSpec => ({
      connector: dynamics365,
      name: 'Sandbox',
      environment: 'default',
      folder: '/',
      settings: { ...sandbox.settings, auth: 'authorization_code', ...settings },
    })
    const post = async (path: string, form: unknown = {}) => {
      const answer = await fetch(`${sandbox.url}/sandbox/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(form),
      })
      assert.ok(answer.ok, `${path}: ${answer.status}`)
    }
    try {
      await body({
        ...ports,
        sandbox,
        spec,
        opened(settings) {
          const connection = ports.open(spec(settings))
          connections.push(connection)
          return connection
        },
        async signedIn(browser, settings) {
          let out = ''
          let page: Promise<unknown> | undefined
          const io = {
            ...ports.ports,
            isTTY: false,
            readLine,
            platform: process.platform,
            signal: new AbortController().signal,
            out(text: string) {
              out += text
              const address = text.match(/http:\S+authorize\S+/)?.[0]
              if (address) page = browser(address)
            },
          }
          // A person takes no time here, and the ten minutes of patience never end.
          const patience = {
            ...ports.clock,
            sleep: (_ms: number, signal?: AbortSignal) =>
              new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
          }
          const status = await connect(spec(settings), { way: 'browser', open: false }, { ...io, clock: patience })
          return { page: await page, out, status }
        },
        control: post,
        counts: async () => (await (await fetch(`${sandbox.url}/sandbox/requests`)).json()) as { token: Record<string, number> },
      })
    } finally {
      for (const connection of connections) await connection.close()
      await sandbox.close()
    }
  })
}

/** Answers the sign-in page and follows the redirect back. */
const person = (decision: string) => async (address: string) => {
  const answer = await fetch(address, { method: 'POST', body: new URLSearchParams({ decision }), redirect: 'manual' })
  const back = answer.headers.get('location')
  assert.ok(back, `no redirect: ${answer.status}`)
  return visit(back as string)
}

/** `localhost` may mean ::1 first; the listener is on 127.0.0.1. */
async function visit(address: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(address.replace('//localhost', '//127.0.0.1'))
  return { status: answer.status, text: await answer.text() }
}

const whoAmI = (connection: OpenConnection) => connection.request({ method: 'GET', url: 'WhoAmI' })

given('a person signs in; the connection then works and renews without one', async ({ signedIn, opened, tokens, clock, counts }) => {
  const { page, out, status } = await signedIn(person('sign_in'))
  assert.is(status, 0)
  assert.match((page as { text: string }).text, /You are signed in/)
  assert.match(out, /Signed in as \S+@/)
  assert.match(out, /lapses on 2026-05-30/)
  const connection = opened()
  assert.is((await whoAmI(connection)).status, 200)
  assert.equal((await counts()).token, { authorization_code: 1 })
  clock.pass(3_600_000)
  assert.is((await whoAmI(connection)).status, 200)
  assert.equal((await counts()).token, { authorization_code: 1, refresh_token: 1 })
  assert.is(tokens.record().actor, 'person')
})

given('authority and tenant are found from the organization', async ({ signedIn, opened }) => {
  const settings = { authority: undefined, tenant: undefined }
  assert.is((await signedIn(person('sign_in'), settings)).status, 0)
  assert.is((await whoAmI(opened(settings))).status, 200)
})

given('a public client sends no secret and asks for `user_impersonation`', async ({ signedIn, opened, clock }) => {
  const settings = { client_id: publicClientId, client_secret: undefined }
  const { status } = await signedIn(async (address) => {
    assert.match(new URL(address).searchParams.get('scope') ?? '', /\/user_impersonation offline_access/)
    return person('sign_in')(address)
  }, settings)
  assert.is(status, 0)
  clock.pass(3_600_000)
  assert.is((await whoAmI(opened(settings))).status, 200)
})

given('a dead refresh token needs a person, and signing in clears the mark', async ({ signedIn, opened, control, clock, counts }) => {
  await signedIn(person('sign_in'))
  await control('refresh-tokens/kill', { code: 700082 })
  clock.pass(3_600_000)
  const connection = opened()
  const error = (await whoAmI(connection).catch((thrown) => thrown)) as ConnectorError
  assert.is(error.code, 'reconnect_needed')
  assert.match(error.message, /AADSTS700082/)
  await whoAmI(opened()).catch(() => {})
  assert.is((await counts()).token.refresh_token, 1, 'a marked connection asks nobody')
  await signedIn(person('sign_in'))
  assert.is(await connection.signInNeeded(), undefined)
  assert.is((await whoAmI(connection)).status, 200)
})

given('cancelled at the authority: the page and the error say so, and nothing is kept', async ({ signedIn, tokens }) => {
  let page: { status: number; text: string } | undefined
  const error = (await signedIn(async (address) => {
    page = await person('cancel')(address)
  }).catch((thrown) => thrown)) as ConnectorError
  assert.is(error.code, 'sign_in_refused')
  assert.match(error.message, /access_denied/)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(await tokens.list(), [])
  while (!page) await new Promise((resolve) => setImmediate(resolve))
  assert.match(page.text, /You are not signed in/)
})

given('a wrong client secret shows at the end of the sign-in', async ({ signedIn, tokens }) => {
  const error = (await signedIn(person('sign_in'), { client_secret: 'wrong-secret-canary' }).catch((thrown) => thrown)) as ConnectorError
  assert.is(error.code, 'sign_in_refused')
  assert.match(error.message, /AADSTS7000215.*client_secret/)
  assert.not.match(error.message, /canary/)
  assert.equal(await tokens.list(), [])
})

given('answers without our state, on other paths and by other methods are not taken', async ({ signedIn }) => {
  const { page } = await signedIn(async (address) => {
    const redirect = new URL(new URL(address).searchParams.get('redirect_uri') as string)
    assert.is(redirect.hostname, 'localhost')
    const statuses = []
    for (const path of ['/?code=stolen&state=guess', '/?code=stolen', '/favicon.ico'])
      statuses.push((await visit(new URL(path, redirect).href)).status)
    const state = new URL(address).searchParams.get('state')
    statuses.push(await posted(new URL(`/?code=x&state=${state}`, redirect)))
    assert.equal(statuses, [400, 400, 404, 405])
    return person('sign_in')(address)
  })
  assert.is((page as { status: number }).status, 200)
})

function posted(url: URL): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port: url.port, path: url.pathname + url.search, method: 'POST' }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}

for (const [what, parameters, words] of [
  ['names another issuer', { code: 'stolen', iss: 'https://login.evil.example/tenant/v2.0' }, /unexpected "iss"/],
  ['brings neither code nor error', {}, /no code/],
] as const)
  given(`an answer that ${what} is refused`, async ({ signedIn, tokens, counts }) => {
    const error = (await signedIn(async (address) => {
      const { searchParams } = new URL(address)
      const state = searchParams.get('state') as string
      await visit(`${searchParams.get('redirect_uri')}?${new URLSearchParams({ ...parameters, state })}`)
    }).catch((thrown) => thrown)) as ConnectorError
    assert.is(error.code, 'sign_in_refused')
    assert.match(error.message, words)
    assert.equal([await tokens.list(), (await counts()).token], [[], {}])
  })

given('the address asks for what it should', async ({ signedIn, spec, sandbox }) => {
  await signedIn(async (address) => {
    const query = Object.fromEntries(new URL(address).searchParams)
    assert.is(query.response_type, 'code')
    assert.is(query.code_challenge_method, 'S256')
    assert.is(query.client_id, spec().settings.client_id)
    assert.is(query.scope, `${sandbox.url}/.default offline_access openid profile`)
    for (const name of ['state', 'nonce', 'code_challenge']) assert.ok((query[name]?.length ?? 0) >= 43, name)
    return person('sign_in')(address)
  })
})

given('a redirect URI of the settings is kept to the letter; a busy port is named', async ({ signedIn }) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  const { port } = taken.address() as { port: number }
  const redirect_uri = `http://localhost:${port}/callback`
  const error = (await signedIn(person('sign_in'), { redirect_uri }).catch((thrown) => thrown)) as ConnectorError
  assert.is(error.code, 'port_taken')
  await new Promise((resolve) => taken.close(resolve))
  const { status } = await signedIn(
    async (address) => {
      assert.is(new URL(address).searchParams.get('redirect_uri'), redirect_uri)
      return person('sign_in')(address)
    },
    { redirect_uri },
  )
  assert.is(status, 0)
  const elsewhere = (await signedIn(person('sign_in'), { redirect_uri: 'https://contoso.example/callback' }).catch(
    (thrown) => thrown,
  )) as ConnectorError
  assert.is(elsewhere.code, 'redirect_invalid')
})

given('a port that somebody else has at ::1 alone is taken too, since browsers go there first', async ({ signedIn }) => {
  if (!loopbackAddresses.includes('::1')) return
  const redirect_uri = `http://localhost:${await freePort()}/`
  const other = createServer().listen(Number(new URL(redirect_uri).port), '::1')
  await once(other, 'listening')
  const error = (await signedIn(person('sign_in'), { redirect_uri }).catch((thrown) => thrown)) as ConnectorError
  assert.is(error.code, 'port_taken')
  assert.match(error.message, /EADDRINUSE at ::1/)
  await new Promise((resolve) => other.close(resolve))
  assert.is((await signedIn(person('sign_in'), { redirect_uri })).status, 0)
})

given('scopes that ask for no id token: signed in, and nobody is named', async ({ signedIn, spec, sandbox }) => {
  const { out } = await signedIn(
    async (address) => {
      assert.is(new URL(address).searchParams.get('nonce'), null)
      return person('sign_in')(address)
    },
    { ...spec().settings, scopes: [`${sandbox.url}/.default`, 'offline_access'] },
  )
  assert.match(out, /^Signed in\.$/m)
})

given('another person than before is announced', async ({ signedIn, tokens }) => {
  await signedIn(person('sign_in'))
  const [row] = await tokens.list()
  const payload = { ...tokens.record(), identity: { user: 'somebody@contoso.example', oid: 'another', tid: 'another' } }
  await tokens.put(tokenKey('Sandbox', 'default'), { fingerprint: row?.fingerprint as string, payload }, row?.version as number)
  const { out } = await signedIn(async (address) => {
    assert.is(new URL(address).searchParams.get('login_hint'), 'somebody@contoso.example')
    return person('sign_in')(address)
  })
  assert.match(out, /somebody@contoso\.example had signed in/)
})

given('after `connect` the stored refresh token wins over the given one', async ({ signedIn, opened, tokens, control, clock }) => {
  const settings = { auth: 'refresh_token', refresh_token: 'rt-canary-given' }
  await signedIn(person('sign_in'), settings)
  await control('access-tokens/expire')
  clock.pass(1)
  assert.is((await whoAmI(opened(settings))).status, 200)
  assert.ok(tokens.record().refresh?.token.startsWith('sbx-rt-'))
})

given('stopped while waiting', async ({ spec, ports }) => {
  const stop = new AbortController()
  let out = ''
  const io = {
    ...ports,
    isTTY: true,
    readLine,
    platform: process.platform,
    signal: stop.signal,
    out(text: string) {
      out += text
      stop.abort(new Error('stopped'))
    },
  }
  assert.is(await connect(spec(), { way: 'browser', open: false }, io), 1)
  assert.match(out, /Stopped: nobody was signed in/)
})

given('nobody came within ten minutes', async ({ spec, ports, clock }) => {
  const io = { ...ports, isTTY: true, readLine, platform: process.platform, signal: new AbortController().signal, out: () => {} }
  const error = (await connect(spec(), { way: 'browser', open: false }, io).catch((thrown) => thrown)) as ConnectorError
  assert.is(error.code, 'sign_in_timeout')
  assert.equal(clock.slept, [600_000])
})

given('an app signs in by itself: nothing to connect; the list shows it', async ({ signedIn, opened, tokens, clock }) => {
  const settings = { auth: 'client_credentials' }
  const error = (await signedIn(person('sign_in'), settings).catch((thrown) => thrown)) as ConnectorError
  assert.is(error.code, 'sign_in_not_needed')
  assert.is((await whoAmI(opened(settings))).status, 200)
  let out = ''
  await list({ warnBeforeMs: 0 }, { tokens, clock, out: (text) => (out += text) })
  assert.match(out, /Sandbox\s+default\s+connected\s+the app itself/)
})

test('without a terminal a browser is not opened', async () => {
  const { ports } = testPorts()
  let out = ''
  const io = {
    ...ports,
    isTTY: false,
    platform: process.platform,
    signal: new AbortController().signal,
    readLine,
    out: (text: string) => (out += text),
  }
  assert.is(await connect({} as ConnectionSpec, { way: 'browser', open: true }, io), 2)
  assert.match(out, /--no-browser/)
})

given('connections: listed with state, person and end, and forgotten', async ({ signedIn, opened, tokens, clock, control }) => {
  await signedIn(person('sign_in'))
  const shown = async () => {
    let out = ''
    assert.is(await list({ json: true, warnBeforeMs: 0 }, { tokens, clock, out: (text) => (out += text) }), 0)
    assert.not.match(out, /sbx-/)
    return (JSON.parse(out) as KeptSignIn[])[0]
  }
  const connected = await shown()
  assert.is(connected?.state, 'connected')
  assert.match(connected?.who ?? '', /@/)
  assert.is(connected?.ends[0]?.at, '2026-05-30T08:00:00.000Z')
  await control('refresh-tokens/kill', { code: 50173 })
  await control('access-tokens/expire')
  clock.pass(1)
  await whoAmI(opened()).catch(() => {})
  const dead = await shown()
  assert.is(dead?.state, 'reconnect_needed')
  assert.match(dead?.why ?? '', /AADSTS50173/)
  let out = ''
  assert.is(await forget('Sandbox', { environment: 'default' }, { tokens, clock, out: (text) => (out += text) }), 0)
  assert.is(await forget('Sandbox', { environment: 'default' }, { tokens, clock, out: (text) => (out += text) }), 2)
  assert.equal(await tokens.list(), [])
})

test.run()
