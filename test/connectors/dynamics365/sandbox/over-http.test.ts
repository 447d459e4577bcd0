import { request } from 'node:http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSandbox } from '../../../../connectors/dynamics365/sandbox/index.ts'

const test = suite('the Web API of the sandbox over HTTP')

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

let sandbox: Awaited<ReturnType<typeof startSandbox>>
let authorization: string

test.before(async () => {
  sandbox = await startSandbox()
  const { url, authority, tenant, client_id, client_secret } = sandbox.settings as Record<string, string>
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client_id!,
    client_secret: client_secret!,
    scope: `${url}/.default`,
  })
  const answer = await fetch(`${authority}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body: form })
  authorization = `Bearer ${((await answer.json()) as { access_token: string }).access_token}`
})

test.after(() => sandbox.close())

/** The path goes out as it is written, which `fetch` would not do. */
function send(method: string, path: string, body = '', headers: Record<string, string> = {}): Promise<Answer> {
  const { hostname, port } = new URL(sandbox.url)
  return new Promise((resolve, reject) => {
    const asked = request(
      { hostname, port, method, path: `/api/data/v9.2/${path}`, headers: { authorization, ...headers }, agent: false },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }))
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

test('a row is written, read, asked for again and deleted', async () => {
  const created = await send('POST', 'accounts', JSON.stringify({ name: 'Ängström & Söhne' }))
  assert.equal([created.status, created.text], [204, ''])
  const address = String(created.headers['odata-entityid']).replace(`${sandbox.url}/api/data/v9.2/`, '')
  const read = await send('GET', `${address}?$select=name`)
  assert.equal([read.status, JSON.parse(read.text).name], [200, 'Ängström & Söhne'])
  const again = await send('GET', address, '', { 'if-none-match': String(read.headers.etag) })
  assert.equal([again.status, again.text], [304, ''])
  assert.is((await send('DELETE', address)).status, 204)
  assert.is((await send('GET', address)).status, 404)
})

test('an address is taken as it was sent', async () => {
  await send('POST', 'accounts', JSON.stringify({ name: 'b', accountnumber: 'b' }))
  const { status } = await send('GET', "accounts(accountnumber='a/../b')")
  assert.ok(status === 400 || status === 404)
  assert.is((await send('GET', "accounts(accountnumber='b')")).status, 200)
})

test('a batch travels as multipart', async () => {
  const body = [
    '--b',
    'Content-Type: application/http',
    '',
    `POST ${sandbox.url}/api/data/v9.2/contacts HTTP/1.1`,
    '',
    '{"lastname":"Byron"}',
    '--b--',
    '',
  ].join('\r\n')
  const { status, headers, text } = await send('POST', '$batch', body, { 'content-type': 'multipart/mixed; boundary=b' })
  assert.is(status, 200)
  assert.match(String(headers['content-type']), /^multipart\/mixed; boundary=batchresponse_/)
  assert.match(text, 'HTTP/1.1 204 No Content\r\n')
})

test('a delta link holds the address that was asked', async () => {
  const { text } = await send('GET', 'accounts?$select=name', '', { prefer: 'odata.track-changes' })
  const link: string = JSON.parse(text)['@odata.deltaLink']
  assert.ok(link.startsWith(`${sandbox.url}/api/data/v9.2/accounts?$select=name&$deltatoken=`))
  const round = await fetch(link, { headers: { authorization } })
  assert.equal(((await round.json()) as { value: unknown[] }).value, [])
})

test('without a token nothing is answered', async () => {
  assert.is((await send('GET', 'accounts', '', { authorization: 'Bearer nonsense' })).status, 401)
})

test.run()
