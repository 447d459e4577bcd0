import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSandbox } from '../../../../connectors/dynamics365/sandbox/index.ts'

const test = suite('HEAD')

/** With node itself: `fetch` would not show a body that came with HEAD. */
async function ask(method: string, url: string): Promise<{ status: number; headers: Record<string, unknown>; bytes: number }> {
  const sent = request(url, { method, headers: { authorization: 'Bearer any' } }).end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) bytes += chunk.length
  return { status: answer.statusCode!, headers: answer.headers, bytes }
}

test('has the status, headers and length of GET, and no body', async () => {
  const sandbox = await startSandbox({ auth: 'off' })
  try {
    for (const path of [
      '/',
      '/sandbox',
      '/sandbox/switches',
      '/sandbox/limits',
      '/common/discovery/v2.0/keys',
      '/common/v2.0/.well-known/openid-configuration',
      '/nothing',
      '/common/oauth2/v2.0/token',
      '/api/data/v9.2/accounts(00000000-0000-4000-8000-000000000000)',
    ]) {
      const [get, head] = [await ask('GET', sandbox.url + path), await ask('HEAD', sandbox.url + path)]
      assert.equal([head.status, head.bytes], [get.status, 0], path)
      assert.equal([head.headers['content-type'], head.headers['content-length']], [get.headers['content-type'], String(get.bytes)], path)
      assert.ok(get.bytes > 0, path)
    }
  } finally {
    await sandbox.close()
  }
})

test.run()
