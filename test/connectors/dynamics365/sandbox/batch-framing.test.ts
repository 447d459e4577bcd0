import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { base, dataPlane } from './data-plane.ts'

const test = suite('how a batch of the sandbox may be written')

const lines = [
  '--b',
  'Content-Type: application/http',
  'Content-Transfer-Encoding: binary',
  '',
  'POST accounts HTTP/1.1',
  'Content-Type: application/json; type=entry',
  '',
  '{"name":"Å"}',
  '--b',
  'Content-Type: application/http',
  '',
  'GET accounts?$select=name&$filter=name%20ne%20null HTTP/1.1',
  '--b--',
]
const crlf = lines.join('\r\n')

async function post(text: string, contentType = 'multipart/mixed; boundary=b', switches: Record<string, unknown> = {}) {
  const { send } = dataPlane({ switches })
  return send('POST', '$batch', text, { 'content-type': contentType })
}

test('bare LF, preamble, epilogue, quoted boundaries and missing empty lines are taken', async () => {
  const cases: [string, string, string?][] = [
    ['CRLF', crlf],
    ['LF', lines.join('\n')],
    ['preamble and epilogue', `a preamble\r\n${crlf}\r\nan epilogue\r\n`],
    ['quoted boundary', crlf.replaceAll('--b', '--b a:(1)'), 'multipart/mixed;boundary="b a:(1)"'],
    ['blanks after the delimiter', crlf.replace('--b\r\n', '--b \t\r\n')],
    ['absolute address', crlf.replace('POST accounts', `POST ${base}/accounts`)],
    ['address without slash', crlf.replace('POST accounts', 'POST api/data/v9.2/accounts')],
  ]
  for (const [name, text, contentType] of cases) {
    const answer = await post(text, contentType)
    assert.is(answer.status, 200, name)
    assert.match(answer.text, '"name":"Å"', name)
  }
})

test('strict lines refuse a bare LF', async () => {
  const strict = { batch_line_endings: 'strict' }
  assert.is((await post(lines.join('\n'), undefined, strict)).status, 400)
  assert.is((await post(crlf, undefined, strict)).status, 200)
})

test('with inheritance, a preference of the batch holds for its parts', async () => {
  const { send } = dataPlane({ switches: { batch_headers_inherited: true } })
  const headers = { 'content-type': 'multipart/mixed; boundary=b', prefer: 'return=representation' }
  assert.match((await send('POST', '$batch', crlf, headers)).text, /HTTP\/1\.1 201 Created/)
})

test('an address may have 65,536 characters in a batch, and 32,768 outside', async () => {
  const plane = dataPlane()
  const text = (length: number) => {
    const start = `/api/data/v9.2/accounts?$select=name&$filter=name eq '`.replaceAll(' ', '%20')
    return `${start}${'x'.repeat(length - start.length - 1)}'`
  }
  const inBatch = async (length: number) => {
    const part = ['--b', 'Content-Type: application/http', '', `GET ${text(length)} HTTP/1.1`, '', '', '--b--'].join('\r\n')
    return (await plane.send('POST', '$batch', part, { 'content-type': 'multipart/mixed; boundary=b' })).status
  }
  const outside = async (length: number) => (await plane.get(text(length).slice('/api/data/v9.2/'.length))).status
  assert.equal([await outside(32_768), await outside(32_769)], [200, 414])
  assert.equal([await inBatch(65_536), await inBatch(65_537)], [200, 414])
})

test.run()
