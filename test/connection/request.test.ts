import { createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { OpenConnection } from '../../runner/connection/index.ts'
import type { ConnectorError, HttpRequest } from '../../runner/connector/index.ts'
import { failure } from '../support/failure.ts'
import { type Answer, type OrganizationServer, organizationServer } from '../support/organization-server.ts'
import { specWithoutSignIn, type TestPorts, type TestSpec, testPorts, testSpec } from '../support/test-connection.ts'

const test = suite('connection: requests')

interface World extends TestPorts {
  server: OrganizationServer
  opened(more?: TestSpec): OpenConnection
}

function given(name: string, body: (world: World) => Promise<void>): void {
  test(name, async () => {
    const [ports, server, connections] = [testPorts(), await organizationServer(), [] as OpenConnection[]]
    const opened = (more?: TestSpec) => {
      const connection = ports.open(testSpec(server.url, more))
      connections.push(connection)
      return connection
    }
    try {
      await body({ ...ports, server, opened })
    } finally {
      for (const connection of connections) await connection.close()
      await server.close()
    }
  })
}

const read: HttpRequest = { method: 'GET', url: 'rows' }
const write: HttpRequest = { method: 'POST', url: 'rows', body: '{}' }
const broken: Answer = (request) => request.socket.destroy()

given('the address arrives byte for byte', async ({ opened, server }) => {
  const connection = opened()
  const paths = [
    "accounts?$filter=name eq 'O''Brien'&$select=a,b".replaceAll(' ', '%20'),
    "accounts(name='a%2F..%2Fb')",
    "accounts(key='x/../y')",
    'a//b/./c?x="y"|z^{}',
    'contacts(%27%e2%82%ac%27)?a=%2b+b',
  ]
  for (const path of paths) await connection.request({ method: 'GET', url: path })
  assert.equal(
    server.requests.map(({ url }) => url),
    paths.map((path) => `/api/${path}`),
  )
})

given('headers: those of the connection, then those of the request, and the token', async ({ opened, server }) => {
  await opened({ transport: { headers: { accept: 'application/json', 'x-one': 'a' } } }).request({
    ...write,
    headers: { 'x-one': 'b', 'content-type': 'application/json' },
  })
  const [request] = server.requests
  assert.is(request?.headers.accept, 'application/json')
  assert.is(request?.headers['x-one'], 'b')
  assert.is(request?.authorization, 'Bearer at-canary-1')
  assert.is(request?.body, '{}')
})

given('the answer: names in lower case, several joined, the body unpacked', async ({ opened, server }) => {
  server.answers.push((_request, response) => {
    response.writeHead(404, { 'Content-Encoding': 'gzip', 'Set-Cookie': ['a=1', 'b=2'], 'X-Own': 'x' })
    response.end(gzipSync('{"grüße":1}'))
  })
  const answer = await opened().request(read)
  assert.is(answer.status, 404)
  assert.is(answer.body, '{"grüße":1}')
  assert.is(answer.headers['set-cookie'], 'a=1, b=2')
  assert.is(answer.headers['x-own'], 'x')
})

given('a redirect is an answer; the token follows nobody', async ({ opened, server }) => {
  server.answers.push({ status: 302, headers: { location: `${server.url}/api/other` } })
  assert.is((await opened().request(read)).status, 302)
  assert.is(server.requests.length, 1)
})

given('an absolute address of another host gets no token', async ({ opened, server }) => {
  const other = await organizationServer()
  try {
    const answer = await opened().request({ method: 'GET', url: `${other.url}/api/rows?page=2` })
    assert.is(answer.status, 401)
    assert.is(other.requests[0]?.authorization, undefined)
    assert.is((await opened().request({ method: 'GET', url: `${server.url}/api/rows?page=2` })).status, 200)
  } finally {
    await other.close()
  }
})

given('401: one new token, one repeat, also for a write', async ({ opened, server }) => {
  const connection = opened()
  await connection.request(read)
  server.valid.clear()
  assert.is((await connection.request(write)).status, 200)
  assert.equal(
    server.requests.map(({ authorization }) => authorization),
    ['Bearer at-canary-1', 'Bearer at-canary-1', 'Bearer at-canary-2'],
  )
})

given('a second 401 is an error, and further ones ask for no token each', async ({ opened, server, clock }) => {
  const refused = { status: 401, body: 'HTTP Error 401 - Unauthorized: Access is denied' }
  const connection = opened()
  server.answers.push(refused, refused)
  const error = await failure(connection.request(read))
  assert.is(error.kind, 'auth')
  assert.is(error.code, 'token_refused')
  assert.is(error.status, 401)
  assert.is(error.effect, 'none')
  assert.is(server.tokenRequests.length, 2)
  for (let more = 0; more < 2; more++) {
    server.answers.push(refused)
    assert.is((await failure(connection.request(read))).code, 'token_refused')
  }
  assert.is(server.tokenRequests.length, 2)
  assert.is((await connection.request(read)).status, 200, 'the token is kept, since it may come to be taken')
  clock.pass(61_000)
  server.answers.push(refused)
  assert.is((await connection.request(read)).status, 200)
  assert.is(server.tokenRequests.length, 3)
})

given(
  'claims that are wanted soon after a plain refusal go along with a renewal, before a person is asked for',
  async ({ opened, server }) => {
    const claims = Buffer.from('{"access_token":{}}').toString('base64')
    const wanted = { status: 401, headers: { 'www-authenticate': `Bearer error="insufficient_claims", claims="${claims}"` } }
    const connection = opened()
    server.answers.push({ status: 401 }, { status: 401 }, wanted)
    assert.is((await failure(connection.request(read))).code, 'token_refused')
    assert.is((await connection.request(read)).status, 200)
    assert.is(server.tokenRequests.at(-1)?.get('claims'), '{"access_token":{}}')
  },
)

given('an app that cannot meet the claims that are wanted asks for no token with each request either', async ({ opened, server }) => {
  const wanted = {
    status: 401,
    headers: { 'www-authenticate': `Bearer error="insufficient_claims", claims="${btoa('{"access_token":{}}')}"` },
  }
  const connection = opened({ oauth: { grant: 'client_credentials' } })
  server.answers.push(wanted, wanted, wanted, wanted)
  for (let times = 0; times < 3; times++) assert.is((await failure(connection.request(read))).code, 'token_refused')
  assert.is(server.tokenRequests.length, 2)
})

given('429 and 503 with Retry-After wait as long as asked, as often as asked', async ({ opened, server, clock }) => {
  for (let i = 0; i < 6; i++) server.answers.push({ status: i % 2 ? 503 : 429, headers: { 'retry-after': '7' } })
  assert.is((await opened().request(write)).status, 200)
  assert.equal(clock.slept, Array(6).fill(7_000))
  assert.is(server.requests.length, 7)
})

given('Retry-After as a date', async ({ opened, server, clock }) => {
  server.answers.push({ status: 429, headers: { 'retry-after': new Date(clock.now().getTime() + 9_000).toUTCString() } })
  await opened().request(write)
  assert.equal(clock.slept, [9_000])
})

given('all requests of the connection wait together', async ({ opened, server, clock }) => {
  const connection = opened()
  await connection.request(read)
  server.answers.push({ status: 429, headers: { 'retry-after': '30' } })
  const asleep: (() => void)[] = []
  clock.sleep = () => new Promise((resolve) => asleep.push(resolve))
  const first = connection.request(write)
  while (asleep.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const second = connection.request(read)
  while (asleep.length < 2) await new Promise((resolve) => setImmediate(resolve))
  assert.is(server.requests.length, 2, 'the second one was not sent')
  clock.pass(30_000)
  for (const wake of asleep) wake()
  assert.equal(
    (await Promise.all([first, second])).map(({ status }) => status),
    [200, 200],
  )
})

given('who is asked to wait for very long tells the loop', async ({ opened, server }) => {
  server.answers.push({ status: 429, headers: { 'retry-after': '3600' } })
  const error = await failure(opened().request(write))
  assert.is(error.kind, 'rate_limited')
  assert.is(error.code, 'asked_to_wait')
  assert.is(error.retryAfterMs, 3_600_000)
})

given('a read without answer is sent three times', async ({ opened, server, clock }) => {
  server.answers.push(broken, { status: 502 })
  assert.is((await opened().request(read)).status, 200)
  assert.equal(clock.slept, [1_000, 2_000])
  server.answers.push(broken, broken, broken)
  const error = await failure(opened().request(read))
  assert.is(error.kind, 'transient')
  assert.is(error.code, 'no_answer')
  assert.is(error.effect, 'none')
})

given('a write leaves after one try, and its effect is not known', async ({ opened, server }) => {
  server.answers.push(broken)
  const lost = await failure(opened().request(write))
  assert.equal([lost.kind, lost.code, lost.effect], ['transient', 'no_answer', 'unknown'])
  server.answers.push({ status: 503, body: 'fault' })
  const fault = await failure(opened().request(write))
  assert.equal(
    [fault.kind, fault.code, fault.effect, fault.status, fault.details.body],
    ['transient', 'server_failed', 'unknown', 503, 'fault'],
  )
  assert.is(server.requests.length, 2)
})

given('a write that may be repeated is', async ({ opened, server }) => {
  server.answers.push(broken)
  assert.is((await opened().request({ ...write, repeatable: true })).status, 200)
})

given('a 500 is not repeated: the server has seen the request and failed', async ({ opened, server }) => {
  server.answers.push({ status: 500 })
  assert.is((await failure(opened().request(read))).code, 'server_failed')
  assert.is(server.requests.length, 1)
})

given('a request that takes too long', async ({ opened, server }) => {
  server.answers.push(() => {})
  const error = await failure(opened().request({ ...write, timeoutMs: 50 }))
  assert.equal([error.code, error.effect, error.details.code], ['no_answer', 'unknown', 'ETIMEDOUT'])
})

test('what never left has no effect', async () => {
  const unused = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => unused.once('listening', resolve))
  const { port } = unused.address() as { port: number }
  await new Promise((resolve) => unused.close(resolve))
  const server = await organizationServer()
  const { open } = testPorts()
  for (const [baseUrl, code] of [
    [`http://127.0.0.1:${port}/`, 'ECONNREFUSED'],
    ['https://no-such-host.invalid/', 'ENOTFOUND'],
  ] as const) {
    const connection = open(testSpec(server.url, { name: baseUrl, transport: { baseUrl } }))
    const error = await failure(connection.request(write))
    assert.is(error.code, 'no_answer')
    assert.is(error.effect, 'none')
    // A resolver without network says EAI_AGAIN in place of ENOTFOUND.
    assert.ok([code, 'EAI_AGAIN'].includes(error.details.code as string), String(error.details.code))
    await connection.close()
  }
  await server.close()
})

test('a TLS handshake that fails has sent nothing', async () => {
  const plain = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.destroy())).listen(0, '127.0.0.1')
  await new Promise((resolve) => plain.once('listening', resolve))
  const { port } = plain.address() as { port: number }
  const server = await organizationServer()
  const connection = testPorts().open(testSpec(server.url, { transport: { baseUrl: `https://127.0.0.1:${port}/` } }))
  const error = await failure(connection.request(write))
  assert.equal([error.code, error.effect, error.details.code], ['no_answer', 'none', 'ECONNRESET'])
  await connection.close()
  await server.close()
  await new Promise((resolve) => plain.close(resolve))
})

given('an aborted request ends with the reason, waiting or under way', async ({ opened, server, clock }) => {
  const connection = opened()
  await connection.request(read)
  const reason = new Error('stopped')
  const during = new AbortController()
  server.answers.push(() => during.abort(reason))
  assert.is(await connection.request({ ...write, signal: during.signal }).catch((error) => error), reason)
  const waiting = new AbortController()
  server.answers.push({ status: 429, headers: { 'retry-after': '30' } })
  clock.sleep = (_ms, signal) =>
    new Promise((_resolve, reject) => {
      // As Node's own timers do: an error of their own, not the reason.
      signal?.addEventListener('abort', () => reject(new Error('AbortError')))
      waiting.abort(reason)
    })
  assert.is(await connection.request({ ...read, signal: waiting.signal }).catch((error) => error), reason)
  assert.is(await connection.request({ ...read, signal: AbortSignal.abort(reason) }).catch((error) => error), reason)
})

given('no more than so many at once', async ({ opened, server }) => {
  const connection = opened({ transport: { atOnce: 3 } })
  await connection.request(read)
  const held: (() => void)[] = []
  let most = 0
  const answerAll = () => {
    for (const answer of held.splice(0)) answer()
  }
  // Nobody is answered before three are there; a fourth would come in the grace that follows.
  const slow: Answer = (_request, response) => {
    most = Math.max(
      most,
      held.push(() => response.end('{}')),
    )
    if (held.length === 3) setTimeout(answerAll, 15)
  }
  server.answers.push(...Array(12).fill(slow))
  await Promise.all(Array.from({ length: 12 }, () => connection.request(read)))
  assert.is(most, 3)
})

given('a slot is given back by whoever gives up waiting', async ({ opened, server }) => {
  const connection = opened({ transport: { atOnce: 1 } })
  await connection.request(read)
  const stop = new AbortController()
  let answer: () => void = () => {}
  server.answers.push((_request, response) => {
    answer = () => response.end('{}')
    stop.abort(new Error('stopped'))
  })
  const first = connection.request(read)
  const second = connection.request({ ...read, signal: stop.signal }).catch((error: Error) => error.message)
  assert.is(await second, 'stopped')
  answer()
  await first
  assert.is((await connection.request(read)).status, 200)
})

for (const cookies of [true, false]) {
  given(`cookies ${cookies ? 'are kept where wanted' : 'are forgotten otherwise'}`, async ({ opened, server }) => {
    server.answers.push({ status: 200, headers: { 'set-cookie': 'ARRAffinity=abc; Path=/; HttpOnly' } })
    const connection = opened({ transport: { cookies } })
    await connection.request(read)
    await connection.request(read)
    assert.is(server.requests[1]?.headers.cookie, cookies ? 'ARRAffinity=abc' : undefined)
  })
}

given('requests share a socket', async ({ opened, server }) => {
  const sockets = new Set<unknown>()
  const connection = opened()
  for (let i = 0; i < 3; i++)
    server.answers.push((request, response) => {
      sockets.add(request.socket)
      response.end('{}')
    })
  for (let i = 0; i < 3; i++) await connection.request(read)
  assert.is(sockets.size, 1)
})

test('plain http goes to this machine only', () => {
  const { open } = testPorts()
  for (const baseUrl of ['http://contoso.example/', 'ftp://127.0.0.1/', 'http://127.0.0.1.evil.example/']) {
    assert.throws(
      () => open(testSpec('http://127.0.0.1:1', { transport: { baseUrl } })),
      (error: ConnectorError) => error.code === 'insecure_address',
    )
  }
})

test('a connector without transport has no request, no sign-in, and a client of its own', async () => {
  const connection = testPorts().open(specWithoutSignIn)
  assert.is((await failure(connection.request(read))).kind, 'bug')
  assert.is(await connection.signInNeeded(), undefined)
  assert.is(connection.client, connection.client)
  assert.is((connection.client as { host: { folder: string } }).host.folder, '/')
  await connection.close()
})

test('opening and closing touch no network and load no http library', async () => {
  const connection = testPorts().open(testSpec('http://127.0.0.1:1'))
  assert.is(await connection.signInNeeded(), undefined)
  await connection.close()
  const error = await failure(connection.request(read))
  assert.is(error.code, 'no_answer')
})

test.run()
