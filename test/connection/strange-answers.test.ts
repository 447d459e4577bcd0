import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ConnectorError } from '../../runner/connector/index.ts'
import { type Answer, type OrganizationServer, organizationServer } from '../support/organization-server.ts'
import { testPorts, testSpec } from '../support/test-connection.ts'

const test = suite('connection: what token endpoints should not answer')
let server: OrganizationServer
test.before.each(async () => {
  server = await organizationServer()
})
test.after.each(async () => server.close())

const megabyte = Buffer.alloc(1_000_000, 'x')
const packed = gzipSync(Buffer.alloc(50_000_000, ' '))
const page = '<!doctype html><html><head><title>Portal</title></head></html>'

/** How much the other side got rid of before it was cut off. */
let written = 0

async function flood(response: ServerResponse): Promise<void> {
  written = 0
  response.writeHead(200, { 'content-type': 'application/json' })
  for (let i = 0; i < 50 && !response.destroyed; i++) {
    written += megabyte.length
    if (!response.write(megabyte)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve))
  }
  response.end()
}

/** A byte now and then, for ever. */
function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const timer = setInterval(() => response.write(' '), 10)
  response.once('close', () => clearInterval(timer))
}

const written5xx = (body: string, headers: Record<string, string> = {}): Answer => ({ status: 502, headers, body })
const raw =
  (write: (response: ServerResponse) => unknown): Answer =>
  (_request: IncomingMessage, response) =>
    void write(response)

/** What came, and what the error says of it. */
const cases: Record<string, [answer: Answer, says: RegExp]> = {
  'a page of a proxy': [written5xx(page), /502: an HTML page, "Portal"/],
  'a page with 200': [{ status: 200, headers: { 'content-type': 'text/html' }, body: page }, /200: an HTML page.*`authority` and proxies/],
  'a page with 403': [{ status: 403, body: page }, /403: an HTML page.*`authority` and proxies/],
  'a proxy that wants a sign-in of its own': [{ status: 407, body: page }, /407: an HTML page.*proxies/],
  'nothing at all': [{ status: 400 }, /400: an empty answer/],
  'nothing with 200': [{ status: 200 }, /200: an empty answer/],
  'success without content': [{ status: 204 }, /204: an empty answer/],
  'JSON cut off': [{ status: 200, body: '{"access_token":"at-canary' }, /200: JSON that is cut off/],
  'JSON cut off on the wire': [
    raw((response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"access_token":"at-canary', () => response.socket?.destroy())
    }),
    /no answer \(\w+\)/,
  ],
  'tokens in a form of old': [
    { status: 200, body: 'access_token=at-canary-1&refresh_token=rt-canary-1' },
    /200: something else than an OAuth answer.*`authority` and proxies/,
  ],
  'a redirect': [
    { status: 302, headers: { location: 'https://portal.example/sign-in' }, body: '' },
    /302: a redirect to https:\/\/portal\.example\/sign-in.*proxies/,
  ],
  'a redirect that keeps the method': [{ status: 307, headers: { location: '/elsewhere' } }, /307: a redirect to \/elsewhere/],
  'fifty megabytes': [raw(flood), /an answer of more than 1000000 bytes, which was not read/],
  'fifty megabytes, packed': [
    raw((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end(packed)
    }),
    /an answer of more than 1000000 bytes/,
  ],
  'an answer that never ends': [raw(drip), /no answer \(ETIMEDOUT\)/],
  'an answer that never begins': [raw(() => {}), /no answer \(ETIMEDOUT\)/],
  'something that is no HTTP': [raw((response) => response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n')), /no answer \(HPE_INVALID_CONSTANT\)/],
  'a connection that is cut': [raw((response) => response.socket?.destroy()), /no answer \(ECONNRESET\)/],
}

for (const [what, [answer, says]] of Object.entries(cases))
  test(what, async () => {
    const { open, tokens } = testPorts()
    const endless = what.includes('never')
    // Where time must really pass, it is short, and leaves no patience for a second try.
    const tries = endless ? 1 : 6
    server.tokenAnswers.push(...Array.from({ length: tries }, () => answer))
    // Whoever waits for the answer to a refresh token waits longer: it may be the only valid one.
    const oauth = endless ? ({ grant: 'client_credentials', refreshToken: undefined } as never) : {}
    const connection = open(testSpec(server.url, { oauth, transport: endless ? { timeoutMs: 300 } : {} }))
    const later = open(testSpec(server.url, { oauth }))
    try {
      const error = (await connection.request({ method: 'GET', url: 'rows' }).catch((thrown) => thrown)) as ConnectorError
      assert.equal([error.kind, error.code, error.effect], ['transient', 'token_endpoint_unavailable', 'none'])
      assert.match(error.message, says)
      assert.match(error.message, /since 2026-03-01T08:00:00\.000Z/)
      assert.match(error.message, /The sign-in itself is not in doubt/)
      assert.not.match(error.message, /canary/)
      assert.is(server.tokenRequests.length, tries)
      assert.equal(
        server.requests.map(({ url }) => url),
        [],
        'nothing is followed, and nobody is asked without a token',
      )
      assert.is(tokens.record().degraded?.words, error.message)
      assert.is(await connection.signInNeeded(), undefined)
      assert.is((await later.request({ method: 'GET', url: 'rows' })).status, 200)
      assert.is(tokens.record().degraded, undefined)
    } finally {
      await connection.close()
      await later.close()
    }
  })

test('ends that no date can hold cost no sign-in: what came is stored', async () => {
  const { open, tokens } = testPorts()
  const body = {
    access_token: 'at-canary-1',
    token_type: 'Bearer',
    expires_in: 1e15,
    refresh_token: 'rt-canary-1',
    refresh_token_expires_in: 1e300,
  }
  server.tokenAnswers.push({ status: 200, body: JSON.stringify(body) })
  const connection = open(testSpec(server.url))
  try {
    assert.is((await connection.request({ method: 'GET', url: 'rows' })).status, 200)
    assert.is(tokens.record().refresh?.token, 'rt-canary-1')
  } finally {
    await connection.close()
  }
})

test('of fifty megabytes only what fills the pipe is sent', async () => {
  const { open } = testPorts()
  server.tokenAnswers.push(raw(flood))
  const connection = open(testSpec(server.url))
  await connection.request({ method: 'GET', url: 'rows' }).catch(() => undefined)
  await connection.close()
  assert.ok(written < 20_000_000, `${written} bytes`)
})

test.run()
