import fc from 'fast-check'
import { suite } from 'uvu'
import { fuzz } from './fuzz.ts'
import { fuzzPlane, type Input, ids } from './plane.ts'
import { damaged, hostile, joined, oneOf, sequence } from './text.ts'

const test = suite('fuzzing: headers')
const plane = await fuzzPlane()

const preference = fc.oneof(
  fc.constantFrom('return=representation', 'return=minimal', 'odata.track-changes', 'odata.continue-on-error', 'respond-async', 'wait=1'),
  sequence('odata.maxpagesize=', oneOf(['1', '2', '5000', '0', '-1', '1.5', '"3"'])),
  sequence('odata.include-annotations=', oneOf(['"*"', '*', '"OData.Community.Display.V1.FormattedValue"', '"Microsoft.*,-x"', '"'])),
)
const etag = oneOf(['*', 'null', 'W/"1000001"', 'W/"9223372036854775808"', 'W/""', '"1"', 'W/"a"', '*,*'])
const id = oneOf([...Object.values(ids), plane.userId, plane.userId.toUpperCase(), `{${plane.userId}}`])
const flag = oneOf(['true', 'false', 'TRUE', '1', ''])
const steps = joined(oneOf(['CustomSync', 'CustomAsync', ids.nobody]), ',')

const known: Record<string, fc.Arbitrary<string>> = {
  prefer: joined(preference, ','),
  'if-match': etag,
  'if-none-match': etag,
  callerobjectid: id,
  mscrmcallerid: id,
  'mscrm.suppressduplicatedetection': flag,
  'mscrm.bypasscustompluginexecution': flag,
  'mscrm.bypassbusinesslogicexecution': steps,
  'mscrm.bypassbusinesslogicexecutionstepids': steps,
  'mscrm.suppresscallbackregistrationexpanderjob': flag,
  'mscrm.solutionuniquename': hostile,
  'mscrm.mergelabels': flag,
  consistency: oneOf(['Strong']),
  'content-type': oneOf([
    'application/json',
    'application/json;IEEE754Compatible=true',
    'text/xml',
    'multipart/mixed',
    'multipart/mixed;boundary=b',
  ]),
  accept: oneOf(['application/json', 'application/json;odata.metadata=none', 'text/html', 'application/xml', '*/*;q=0']),
  'accept-encoding': hostile,
  range: oneOf(['bytes=0-3', 'bytes=5-1', 'bytes=-1', 'bytes=0-', 'bytes=99999999999999999999-', 'bytes=0-1,3-4', 'rows=1-2']),
  'content-range': oneOf(['bytes 0-3/17', 'bytes 3-1/0', 'bytes 0-0/99999999999999999999', 'bytes */*']),
  'x-ms-transfer-mode': oneOf(['chunked']),
  'x-ms-file-name': oneOf(['a.txt', '../../a.txt', '/etc/passwd', 'C:\\a', 'a\0b', 'ä.txt', '\ud800', 'a"b\';.txt', '%2e%2e%2f']),
  'x-ms-session-token': oneOf(['0:-1#1000000']),
  'odata-version': oneOf(['4.0', '3.0', '9']),
  'odata-maxversion': oneOf(['4.0']),
  cookie: hostile,
  'x-http-method-override': oneOf(['DELETE', 'PATCH']),
}

/** What a header can hold on the wire: one byte a character, without controls; now and then it comes twice, or is very long. */
const onTheWire = (text: string) => text.replaceAll(/[^\t -~\x80-\xff]/g, '?').trim()
const headers = fc
  .array(
    fc
      .constantFrom(...Object.keys(known))
      .chain((name) =>
        fc.record({ name: fc.constant(name), values: fc.array(damaged(known[name]!).map(onTheWire), { minLength: 1, maxLength: 2 }) }),
      ),
    { minLength: 1, maxLength: 4 },
  )
  .map((all) => Object.fromEntries(all.map(({ name, values }) => [name, values.length > 1 ? values : values[0]!])))

const requests = fc.constantFrom(
  ...[`accounts(${ids.account})`, 'accounts', 'hrb_logs', `hrb_vessels(${ids.hrb_vessel})/hrb_cert/$value`, '$batch', '$metadata'].map(
    (path) => ({ method: 'GET', path }),
  ),
  ...['accounts?$select=name', `hrb_vessels(${ids.hrb_vessel})?$select=hrb_name&$expand=hrb_Operator($select=name)`].map((path) => ({
    method: 'GET',
    path,
  })),
  { method: 'HEAD', path: `accounts(${ids.account})` },
  { method: 'POST', path: 'accounts', body: '{"name":"new"}' },
  { method: 'POST', path: '$batch', body: '--b\r\nContent-Type: application/http\r\n\r\nGET accounts HTTP/1.1\r\n\r\n\r\n--b--' },
  { method: 'PATCH', path: `accounts(${ids.account})`, body: '{"name":"changed"}' },
  { method: 'PATCH', path: `accounts(${ids.nobody})`, body: '{"name":"upserted"}' },
  { method: 'PATCH', path: `hrb_vessels(${ids.hrb_vessel})/hrb_cert`, body: 'bytes' },
  { method: 'PATCH', path: `hrb_vessels(${ids.hrb_vessel})/hrb_photo`, body: 'no picture' },
  { method: 'DELETE', path: `contacts(${ids.contact})` },
)
const input: fc.Arbitrary<Input> = fc.tuple(requests, headers).map(([request, sent]) => ({ ...request, headers: sent }))

test('every header is heeded, ignored or refused', () => fuzz(input, async (one) => (await plane.check(one)).status, 3))

test.run()
