import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bars, failure } from '../../../../connectors/dynamics365/webapi/errors.ts'

const test = suite('dynamics365 errors')

const asked = { method: 'GET', path: "accounts(emailaddress1='ada%40x.example',name='b')?$filter=name eq 'secret'" }
const answer = (status: number, code = '', message = '', headers: Record<string, string> = {}) =>
  failure({ status, headers, body: JSON.stringify({ error: { code, message } }) }, asked)

const table: [status: number, dataverseCode: string, kind: string, code: string][] = [
  [404, '0x80040217', 'rejected', 'record_not_found'],
  [404, '0x80060891', 'rejected', 'record_not_found'],
  [412, '0x80040237', 'rejected', 'duplicate_record'],
  [412, '0x80060892', 'rejected', 'duplicate_record'],
  [412, '0x80060882', 'rejected', 'conflict'],
  [412, '', 'rejected', 'conflict'],
  [409, '', 'rejected', 'conflict'],
  [403, '0x80040220', 'rejected', 'missing_privilege'],
  [403, '0x80072560', 'auth', 'user_not_in_organization'],
  [403, '0x80095FFC', 'auth', 'app_blocked'],
  [400, '0x80048D19', 'rejected', 'invalid_value'],
  [400, '0x80060888', 'rejected', 'invalid_query'],
  [400, '0x80044352', 'rejected', 'delta_token_expired'],
  [400, '0x80040265', 'rejected', 'plugin_refused'],
  [400, '0x12345678', 'rejected', 'refused'],
  [429, '0x80072322', 'rate_limited', 'throttled'],
  [500, '0x80044150', 'transient', 'server_busy'],
  [503, '', 'transient', 'server_fault'],
  [501, '0x80040219', 'rejected', 'not_implemented'],
  [401, '', 'auth', 'access_token_refused'],
]

for (const [status, dataverseCode, kind, code] of table) {
  test(`${status} ${dataverseCode} is ${kind} ${code}`, () => {
    const error = answer(status, dataverseCode, 'What the server said')
    assert.is(error?.kind, kind)
    assert.is(error?.code, code)
    assert.match(error?.message ?? '', /^What the server said\. \S.*\.$/)
  })
}

test('whoever signed in is refused as such by two codes alone', () => {
  const refused = (status: number, code: string) =>
    bars({ status, headers: {}, body: JSON.stringify({ error: { code, message: 'What the server said' } }) })
  assert.equal([refused(403, '0x80072560')?.code, refused(403, '0x80072560')?.words], ['user_not_in_organization', 'What the server said.'])
  assert.is(refused(403, '0x80095ffc')?.code, 'app_blocked')
  assert.is(refused(403, '0x80040220'), undefined)
  assert.is(refused(400, '0x80072560'), undefined)
  assert.is(bars({ status: 403, headers: {}, body: '<html>' }), undefined)
})

test('a success is no failure', () => {
  assert.is(failure({ status: 204, headers: {}, body: '' }, asked), undefined)
  assert.is(failure({ status: 304, headers: {}, body: '' }, asked), undefined)
})

test('details help a person and hold no personal data', () => {
  const details = answer(404, '0x80040217', 'x', { 'x-ms-service-request-id': 'abc' })?.details
  assert.is(details?.request, "GET accounts(emailaddress1='…',name='…')")
  assert.is(details?.service_request_id, 'abc')
  assert.is(details?.dataverse_code, '0x80040217')
})

test('the time to wait is in milliseconds', () => {
  assert.is(answer(429, '', '', { 'retry-after': '30' })?.retryAfterMs, 30_000)
  assert.is(answer(429)?.retryAfterMs, undefined)
})

test('an answer without an error body still says its status', () => {
  assert.match(failure({ status: 400, headers: {}, body: '<html>' }, asked)?.message ?? '', /^The server answered 400\./)
})

test('only an answer of 500 and above leaves the effect unknown', () => {
  assert.is(answer(500)?.effect, 'unknown')
  assert.is(answer(412)?.effect, 'none')
})

test.run()
