import fc from 'fast-check'
import { suite } from 'uvu'
import type { Answer } from '../data-plane.ts'
import { fuzz } from './fuzz.ts'
import { row } from './json-grammar.ts'
import { fuzzPlane, type Input, ids } from './plane.ts'
import { damaged, hostile, joined, oneOf, sequence, usually } from './text.ts'

const test = suite('fuzzing: batches')
const plane = await fuzzPlane()
const { schema } = plane.organization

const line = usually('\r\n', '\n', '\r')
const header = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom(
      'Content-Type: application/json',
      'Prefer: return=representation',
      'If-Match: *',
      'Accept: application/json',
    ),
  },
  {
    weight: 1,
    arbitrary: sequence(
      oneOf(['Prefer', 'If-Match', 'Content-Length', 'Content-ID', 'CallerObjectId', 'MSCRM.SuppressDuplicateDetection', '', ' X']),
      ': ',
      oneOf(['0', '1', 'true', ids.account]),
    ),
  },
)
const address = sequence(
  fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('/api/data/v9.2/', '', 'http://sandbox.example/api/data/v9.2/', 'api/data/v9.2/') },
    { weight: 1, arbitrary: fc.constantFrom('http://other.example/api/data/v9.0/', '//', '/', '/api/data/v7/') },
  ),
  oneOf([
    'accounts',
    'contacts',
    'hrb_vessels',
    `accounts(${ids.account})`,
    `contacts(${ids.contact})`,
    `hrb_vessels(${ids.hrb_vessel})`,
    '$1',
    '$2',
    'WhoAmI',
  ]),
  usually('', '?$select=name', '?$top=1', '/$ref', '/$count', '/name', '/hrb_cert/$value'),
)
const body = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('account', 'contact', 'hrb_vessel').chain((name) => row(schema, schema.tables.get(name)!)) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '{"description":"batch"}',
      '{"lastname":"x","parentcustomerid_account@odata.bind":"$1"}',
      '{"@odata.id":"$1"}',
      '{}',
      '',
    ),
  },
)

/** A request with its head of MIME. */
function part(methods: readonly string[], id: string): fc.Arbitrary<string> {
  return line.chain((end) =>
    sequence(
      usually('Content-Type: application/http', 'content-type:application/http; msgtype=request', 'Content-Type: text/plain', ''),
      end,
      usually('', `Content-Transfer-Encoding: binary${end}`, `Content-Transfer-Encoding: base64${end}`),
      usually(`Content-ID: ${id}${end}`, `Content-ID: 1${end}`, `Content-ID: $1${end}`, `Content-ID: é"\t<${end}`, ''),
      ...[end, oneOf(methods), ' ', address, usually(' HTTP/1.1', ' HTTP/1.0', '', ' '), end, joined(header, end, 3, 0), end, end, body],
    ),
  )
}

/** Items between boundaries. */
function multipart(name: string, items: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  const open = usually(`--${name}\r\n`, `--${name} \r\n`, `--${name}\n`, `-${name}\r\n`)
  const close = usually(`--${name}--\r\n`, `--${name}--`, `--${name}`, '')
  return sequence(usually('', 'preamble\r\n'), ...items.flatMap((item) => [open, item, '\r\n']), close)
}

const boundary = oneOf(['b', 'c', 'batch_1', 'b.(+', 'b--'])
const writes = ['POST', 'PATCH', 'DELETE', 'PUT', 'PATCH', 'POST']
const changeSet = fc.tuple(fc.constantFrom('s', 't', 'b', '"s"'), fc.integer({ min: 0, max: 4 })).chain(([name, count]) => {
  const parts = Array.from({ length: count }, (_, index) => part(writes, String(index + 1)))
  return sequence(`Content-Type: multipart/mixed; boundary=${name}\r\n\r\n`, multipart(name.replaceAll('"', ''), parts))
})
const item = fc.oneof(
  { weight: 1, arbitrary: part(['GET', 'GET', 'POST', 'PATCH', 'DELETE', 'HEAD'], '1') },
  { weight: 1, arbitrary: changeSet },
)

const input: fc.Arbitrary<Input> = fc.tuple(boundary, fc.integer({ min: 0, max: 4 })).chain(([name, count]) => {
  const type = usually(
    `multipart/mixed; boundary="${name}"`,
    `multipart/mixed; boundary=${name}`,
    `multipart/mixed;charset=utf-8;BOUNDARY=${name}`,
    'multipart/mixed',
  )
  const content = damaged(multipart(name, Array(count).fill(item)))
  const prefer = fc.constantFrom('odata.continue-on-error', 'x')
  return fc.record({
    method: fc.constant('POST'),
    path: fc.constant('$batch'),
    headers: fc.record({ 'content-type': type, prefer }),
    body: content,
    encoding: fc.constantFrom<BufferEncoding>('utf8', 'latin1'),
  })
})

/** What was done before the request that failed stays. */
const hasDone = ({ text }: Answer) => /^HTTP\/1\.1 2/m.test(text)

test('a batch is read or refused, and what failed has changed nothing', () =>
  fuzz(input, async (one) => (await plane.check(one, hasDone)).status, 3))

const boundaries = fc.record({
  method: fc.constant('POST'),
  path: fc.constant('$batch'),
  headers: fc.record({ 'content-type': hostile.map((text) => `multipart/mixed; boundary=${text}`) }),
  body: hostile,
})

test('boundaries of all kinds are found or refused', () => fuzz(boundaries, async (one) => (await plane.check(one)).status, 0.3))

test.run()
