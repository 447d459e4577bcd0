import { get } from 'node:https'
import { connect } from 'node:net'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSandbox } from '../../../../../connectors/dynamics365/sandbox/index.ts'
import { fuzz, within } from './fuzz.ts'
import { ask, hangUp } from './http.ts'
import { damaged, hostile, joined, oneOf, sequence, usually } from './text.ts'

const test = suite('fuzzing: connections')
const sandbox = await startSandbox({ auth: 'off' })
const { port } = new URL(sandbox.url)

test.after(async () => {
  hangUp()
  await sandbox.close()
})

const end = usually('\r\n', '\n', '\r')
const target = oneOf([
  ...Array(6).fill('/api/data/v9.2/WhoAmI'),
  '/api/data/v9.2/WhoAmI',
  '/api/data/v9.2/accounts',
  '/',
  '/sandbox/',
  '*',
  '//',
  'http://evil.example/',
  '/api/data/../../etc/passwd',
  '/common/oauth2/v2.0/token',
  '\\',
  '/\xff',
])
const good = [
  'Authorization: Bearer a',
  'Accept: application/json',
  'Prefer: odata.maxpagesize=1',
  'Connection: keep-alive',
  'Host: 127.0.0.1',
]
const bad = [
  ...['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked, gzip', 'Transfer-Encoding : chunked', 'Expect: 100-continue', 'Expect: x'],
  ...[
    'Upgrade: websocket',
    'Upgrade: h2c',
    'Connection: close',
    'Host: evil.example',
    'Host:',
    ': a',
    ' folded',
    'Content-Type: multipart/mixed',
  ],
]
const many = fc
  .constantFrom(5, 400, 4_000)
  .map((count) => Array.from({ length: count }, (_, index) => `X-${index}: ${'a'.repeat(30)}`).join('\r\n'))
const header = fc.oneof(
  { weight: 24, arbitrary: fc.constantFrom(...good) },
  { weight: 2, arbitrary: sequence('Content-Length: ', oneOf(['0', '2', '14', '5', '-1', '99999999999', '0x2', '2, 3'])) },
  { weight: 2, arbitrary: fc.constantFrom(...bad) },
  { weight: 1, arbitrary: many },
  { weight: 1, arbitrary: sequence(hostile, ': ', hostile) },
)
const host = usually('Host: 127.0.0.1', 'Host: localhost:1', 'Host: evil.example', 'X: y')
const json = '{"name":"new"}'
/** A head with the body that goes with it, or with another. */
const content = fc.oneof(
  { weight: 3, arbitrary: fc.constant('\r\n') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      `Content-Length: ${json.length}\r\n\r\n${json}`,
      `Transfer-Encoding: chunked\r\n\r\n5\r\n{"nam\r\n9\r\ne":"new"}\r\n0\r\n\r\n`,
    ),
  },
  {
    weight: 1,
    arbitrary: sequence(
      'Transfer-Encoding: chunked\r\n\r\n',
      oneOf(['2\r\n{}\r\n', 'ffffffffffffffff\r\na', '-1\r\n\r\n', 'z\r\n', '0\r\nX: y\r\n\r\n', '2;ext=1\r\n{}\r\n0\r\n\r\n']),
    ),
  },
  { weight: 1, arbitrary: sequence('Content-Length: ', oneOf(['1', '99', '0']), '\r\n\r\n', json) },
)
const method = oneOf(['GET', 'GET', 'GET', 'POST', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE', 'PRI', 'get', 'FOO'])
const version = usually(' HTTP/1.1', ' HTTP/1.0', ' HTTP/2.0', ' HTTP/9', '', ' HTTP/1.1 x')
const request = sequence(
  method,
  ' ',
  target,
  version,
  end,
  host,
  end,
  fc.array(sequence(header, end), { maxLength: 4 }).map((all) => all.join('')),
  content,
)
/** One request or several at once, cut off somewhere, or no HTTP at all. */
const bytes = fc.oneof(
  { weight: 8, arbitrary: damaged(request) },
  { weight: 3, arbitrary: damaged(joined(request, '', 4)) },
  { weight: 2, arbitrary: fc.tuple(joined(request, '', 3), fc.nat({ max: 300 })).map(([text, length]) => text.slice(0, length)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      '\x05\x01\x00',
      'SSH-2.0-x\r\n',
      '\0'.repeat(1_000),
    ),
  },
)
const input = fc.record({
  text: bytes,
  /** Into how many pieces it is cut on its way. */
  pieces: fc.constantFrom(1, 1, 2, 7),
  /** How the client leaves: it waits for the answer, or breaks off. */
  leaves: fc.constantFrom('waits', 'waits', 'waits', 'breaks off'),
})

/** All that comes back until the connection is closed. */
function exchange(port: string, { text, pieces, leaves }: { text: string; pieces: number; leaves: string }): Promise<string> {
  const content = Buffer.from(text, 'latin1')
  const size = Math.ceil(content.length / pieces) || 1
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.setNoDelay()
      for (let at = 0; at < content.length; at += size) socket.write(content.subarray(at, at + size))
      if (leaves === 'waits') socket.end()
      else socket.resetAndDestroy()
    })
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      answer += chunk
    })
    // A connection that is reset is a way to be refused.
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
}

const statuses = new Set([100, 200, 204, 400, 401, 404, 405, 408, 413, 414, 417, 421, 431, 501, 505])

test('every connection is answered or closed, and the next one is served', () =>
  fuzz(
    input,
    async (one) => {
      const answer = await within(exchange(port, one))
      const [, first = 'closed'] = /^HTTP\/1\.1 (\d{3}) /.exec(answer) ?? []
      if (answer !== '') assert.ok(statuses.has(Number(first)), answer.slice(0, 500))
      assert.not.match(answer, 'The sandbox failed')
      assert.is((await ask(sandbox.url, 'GET', '/api/data/v9.2/WhoAmI', '', { authorization: 'Bearer a' })).status, 200)
      return first
    },
    0.5,
  ))

test('with TLS, what is none is hung up on', async () => {
  const secure = await startSandbox({ auth: 'off', tls: true })
  try {
    await fuzz(
      input,
      async (one) => {
        const answer = await within(exchange(new URL(secure.url).port, one))
        // An alert, or plain HTTP that says so.
        assert.not.match(answer, /^HTTP\/1\.1 (?!400)/)
        return answer === '' ? 'closed' : 'alert'
      },
      0.1,
    )
    const served = await within(fetchSecurely(`${secure.url}/sandbox`))
    assert.is(served, 200)
  } finally {
    await secure.close()
  }
})

function fetchSecurely(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { rejectUnauthorized: false, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode!)
    }).on('error', reject)
  })
}

/** Takes as long as a client may take to send a head, a minute and a half: for long runs only. */
async function endlessHeads(): Promise<void> {
  const slow = (drip: string) =>
    new Promise<string>((resolve) => {
      let answer = ''
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('GET /api/data/v9.2/WhoAmI HTTP/1.1\r\nHost: 127.0.0.1\r\n'))
      const dripping = setInterval(() => socket.write(drip), 1_000)
      socket.on('data', (chunk) => {
        answer += chunk
      })
      socket.on('error', () => {})
      socket.on('close', () => {
        clearInterval(dripping)
        resolve(answer)
      })
    })
  for (const answer of await within(Promise.all([slow(''), slow('X: y\r\n')]), 120_000)) assert.match(answer, /^HTTP\/1\.1 408 /)
}

if (process.env.FUZZ_RUNS !== undefined) test('a client that does not come to the end of its head is let go', endlessHeads)

test.run()
