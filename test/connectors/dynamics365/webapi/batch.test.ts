import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readBatch, writeBatch } from '../../../../connectors/dynamics365/webapi/batch.ts'

const test = suite('dynamics365 batch')

test('every line ends with CRLF and every part stands in its own frame', () => {
  const { contentType, body } = writeBatch([
    { method: 'PATCH', url: 'https://x.example/api/data/v9.2/accounts(1)', headers: { 'odata-version': '4.0' }, body: '{"name":"A"}' },
    { method: 'GET', url: 'https://x.example/api/data/v9.2/accounts', headers: { accept: 'application/json' } },
  ])
  const boundary = /boundary="(.+)"/.exec(contentType)?.[1]
  assert.not.match(body.replaceAll('\r\n', ''), /[\r\n]/)
  assert.is(
    body,
    [
      `--${boundary}`,
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      'PATCH https://x.example/api/data/v9.2/accounts(1) HTTP/1.1',
      'odata-version: 4.0',
      'Content-Type: application/json; charset=utf-8',
      '',
      '{"name":"A"}',
      `--${boundary}`,
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      'GET https://x.example/api/data/v9.2/accounts HTTP/1.1',
      'accept: application/json',
      '',
      '',
      `--${boundary}--`,
      '',
    ].join('\r\n'),
  )
})

const answer = (body: string) => ({ status: 200, headers: { 'content-type': 'multipart/mixed; boundary=batchresponse_c3' }, body })

function framed(parts: { status: number; body: string }[], end = '\r\n'): string {
  const lines = parts.flatMap(({ status, body }) => [
    '--batchresponse_c3',
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    `HTTP/1.1 ${status} Whatever`,
    'OData-Version: 4.0',
    'REQ_ID: 3b6b5c1e',
    '',
    body,
  ])
  return [...lines, '--batchresponse_c3--', ''].join(end)
}

test('answers come in order, with status, headers in lower case, and body', () => {
  const parts = readBatch(
    answer(
      framed([
        { status: 204, body: '' },
        { status: 400, body: '{"error":{"code":"0x80044331","message":"too long"}}' },
      ]),
    ),
  )
  assert.equal(
    parts.map(({ status }) => status),
    [204, 400],
  )
  assert.is(parts[1]?.headers.req_id, '3b6b5c1e')
  assert.is(parts[1]?.body, '{"error":{"code":"0x80044331","message":"too long"}}')
})

test('plain line feeds and a preamble are read too', () => {
  assert.equal(
    readBatch(answer(`preamble\r\n${framed([{ status: 204, body: '' }], '\n')}`)).map(({ status }) => status),
    [204],
  )
})

test('whatever a body holds, it comes back', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 5 }), (texts) => {
      const bodies = texts.map((text) => JSON.stringify({ text: `${text}--batchresponse_c3` }))
      const parts = readBatch(answer(framed(bodies.map((body) => ({ status: 200, body })))))
      assert.equal(
        parts.map(({ body }) => body),
        bodies,
      )
    }),
  )
})

test('an answer that is no batch is unreadable, and its effect unknown', () => {
  const thrown = [
    () => readBatch({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }),
    () => readBatch(answer('--batchresponse_c3\r\n\r\nnonsense\r\n--batchresponse_c3--\r\n')),
  ]
  for (const read of thrown)
    assert.throws(read, (error: { code: string; effect: string }) => error.code === 'unreadable_answer' && error.effect === 'unknown')
})

test.run()
